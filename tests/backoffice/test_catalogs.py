"""Message catalogues: extraction, update, compilation, check, and the French of third-party packages."""

import os
import shutil
from io import StringIO

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.utils import translation

from backoffice.base.catalogs import (
    CatalogError,
    check_catalogs,
    compile_catalogs,
    extract_messages,
    update_catalogs,
)

ENGLISH = "locale/en/LC_MESSAGES/django.po"
FRENCH = "locale/fr/LC_MESSAGES/django.po"
THIRD_PARTY = "locale/fr/LC_MESSAGES/third_party.po"
REFUSED = 'ngettext("%(count)d ligne refusée", "%(count)d lignes refusées", n)'


class Project:
    """A small checkout: sources under pratik/ and backoffice/, and the real third-party French."""

    def __init__(self, base_dir):
        self.base_dir = base_dir
        (base_dir / "locale/fr/LC_MESSAGES").mkdir(parents=True)
        shutil.copy(django_settings.BASE_DIR / THIRD_PARTY, base_dir / THIRD_PARTY)

    def write(self, path, text):
        file = self.base_dir / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def write_code(self, *calls):
        imports = "from django.utils.translation import gettext as _, gettext, ngettext, pgettext\n"
        self.write("pratik/rules.py", imports + "\n".join(calls))

    def read(self, path):
        return (self.base_dir / path).read_text(encoding="utf-8")

    def replace(self, path, old, new):
        text = self.read(path)
        assert old in text
        self.write(path, text.replace(old, new))

    def translate(self, **english):
        """Give the English of messages that stand in the catalogue without any."""
        for message, text in english.items():
            self.replace(ENGLISH, f'msgid "{message}"\nmsgstr ""', f'msgid "{message}"\nmsgstr "{text}"')


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


@pytest.fixture
def complete(project):
    """A project whose catalogues lack nothing."""
    project.write_code('_("Calendrier de stages")', '_("Fermé le %(day)s")', REFUSED)
    update_catalogs(project.base_dir)
    project.translate(
        **{"Calendrier de stages": "Internship calendar", "Fermé le %(day)s": "Closed on %(day)s"}
    )
    project.replace(ENGLISH, 'msgstr[0] ""', 'msgstr[0] "%(count)d row refused"')
    project.replace(ENGLISH, 'msgstr[1] ""', 'msgstr[1] "%(count)d rows refused"')
    assert check_catalogs(project.base_dir) == []
    return project


def extracted(project):
    """(context, msgid) of each message, in no order."""
    return {(message.context, message.id) for message in extract_messages(project.base_dir) if message.id}


# Extraction


@pytest.mark.parametrize("name", ["gettext", "gettext_lazy", "gettext_noop"])
def test_singular_functions_are_extracted(project, name):
    project.write("pratik/rules.py", f'from django.utils.translation import {name}\n{name}("Stage")')
    assert extracted(project) == {(None, "Stage")}


def test_the_alias_is_extracted_with_its_parts_joined(project):
    project.write_code('_("Le stage "\n  "est terminé")')
    assert extracted(project) == {(None, "Le stage est terminé")}


@pytest.mark.parametrize("name", ["ngettext", "ngettext_lazy"])
def test_plural_functions_are_extracted(project, name):
    project.write(
        "pratik/rules.py", f'from django.utils.translation import {name}\n{name}("un", "des", len(rows))'
    )
    assert extracted(project) == {(None, ("un", "des"))}


@pytest.mark.parametrize("name", ["pgettext", "pgettext_lazy"])
def test_functions_with_a_context_are_extracted(project, name):
    project.write("pratik/rules.py", f'from django.utils.translation import {name}\n{name}("mois", "Mai")')
    assert extracted(project) == {("mois", "Mai")}


@pytest.mark.parametrize("name", ["npgettext", "npgettext_lazy"])
def test_plural_functions_with_a_context_are_extracted(project, name):
    project.write(
        "pratik/rules.py", f'from django.utils.translation import {name}\n{name}("jour", "un", "des", 2)'
    )
    assert extracted(project) == {("jour", ("un", "des"))}


@pytest.mark.parametrize(
    ("template", "context", "message"),
    [
        ('{% translate "Stage" %}', None, "Stage"),
        ('{% translate "100 % présent" %}', None, "100 %% présent"),
        ('{% translate "Mai" context "mois" %}', "mois", "Mai"),
        ('{% include "x.html" with title=_("Stage") %}', None, "Stage"),
        ('{{ name|default:_("Inconnu") }}', None, "Inconnu"),
        ("{% blocktranslate %}Bonjour {{ name }}{% endblocktranslate %}", None, "Bonjour %(name)s"),
        ('{% blocktranslate context "jour" %}Midi{% endblocktranslate %}', "jour", "Midi"),
        (
            "    <p>\n  {% blocktranslate trimmed %}\n   Bonjour,\n   à demain\n{% endblocktranslate %}</p>",
            None,
            "Bonjour, à demain",
        ),
        (
            "{% blocktranslate count n=rows|length %}{{ n }} ligne{% plural %}{{ n }} lignes"
            "{% endblocktranslate %}",
            None,
            ("%(n)s ligne", "%(n)s lignes"),
        ),
        (
            '{% blocktranslate count n=x context "file" %}un{% plural %}des{% endblocktranslate %}',
            "file",
            ("un", "des"),
        ),
    ],
)
@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_template_messages_are_extracted(project, template, context, message, suffix):
    project.write(f"backoffice/templates/mail.{suffix}", "{% load i18n %}\n" + template)
    assert extracted(project) == {(context, message)}


def test_a_text_file_that_is_no_template_is_not_read(project):
    project.write("pratik/core/data/communes.txt", '{% translate "Cayenne" %}')
    assert extracted(project) == set()


def test_a_percent_sign_in_a_sentence_is_no_format(project):
    project.write_code('_("15\\u00a0% des effectifs")', '_("%(rate)s de présence")')
    flags = {}
    update_catalogs(project.base_dir)
    for entry in project.read(ENGLISH).split("\n\n")[1:]:
        flags["15" if "effectifs" in entry else "rate"] = "python-format" in entry
    assert flags == {"15": False, "rate": True}


def test_one_singular_with_two_plurals_is_refused(project):
    project.write_code('ngettext("une ligne", "des lignes", n)')
    project.write("pratik/web.py", '# gettext\nngettext("une ligne", "plusieurs lignes", n)')
    with pytest.raises(CatalogError, match=r"pratik/web\.py.*une ligne.*pratik/rules\.py"):
        extract_messages(project.base_dir)


# Update


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pratik/broken.py", '# gettext\n_("Stage"\n'),
        ("pratik/broken.py", '# gettext\nif x:\n        y\n    _("Stage")\n'),
        ("pratik/templates/broken.html", "{% blocktranslate %}{% if x %}{% endblocktranslate %}"),
    ],
)
def test_a_source_that_cannot_be_read_is_named_and_changes_nothing(complete, path, text):
    before = complete.read(ENGLISH)
    complete.write(path, text)
    with pytest.raises(CatalogError, match=path):
        update_catalogs(complete.base_dir)
    assert complete.read(ENGLISH) == before


def test_update_keeps_known_translations_and_drops_vanished_ones(complete):
    complete.write_code('_("Calendrier de stages")', '_("Convention")')
    update_catalogs(complete.base_dir)
    english = complete.read(ENGLISH)
    assert 'msgid "Calendrier de stages"\nmsgstr "Internship calendar"' in english
    assert 'msgid "Convention"\nmsgstr ""' in english
    assert "Closed on" not in english
    assert "rows refused" not in english


def test_update_keeps_translators_notes_and_doubts(complete):
    complete.replace(ENGLISH, "#: pratik/rules.py\nmsgid", "# À relire.\n#: pratik/rules.py\n#, fuzzy\nmsgid")
    complete.write("pratik/zone.py", '# gettext\n_("Calendrier de stages")')
    update_catalogs(complete.base_dir)
    assert (
        "# À relire.\n#: pratik/rules.py pratik/zone.py\n#, fuzzy\n"
        'msgid "Calendrier de stages"\nmsgstr "Internship calendar"'
    ) in complete.read(ENGLISH)


def test_a_message_that_gains_a_plural_keeps_its_translation_as_the_singular(complete):
    complete.write_code('ngettext("Calendrier de stages", "Calendriers de stages", n)')
    update_catalogs(complete.base_dir)
    assert 'msgstr[0] "Internship calendar"\nmsgstr[1] ""' in complete.read(ENGLISH)


def test_update_is_stable_and_its_files_bear_no_date_and_no_line_number(complete):
    before = complete.read(ENGLISH)
    complete.write_code("", "", '_("Calendrier de stages")', REFUSED, '_("Fermé le %(day)s")')
    assert update_catalogs(complete.base_dir) == []
    assert complete.read(ENGLISH) == before
    assert "-Date" not in before
    assert "rules.py:" not in before


def test_update_keeps_third_party_entries_that_no_extraction_finds(complete):
    entry = '#: unfold\nmsgid "Only in a variable"\nmsgstr "Seulement dans une variable"\n'
    complete.write(THIRD_PARTY, complete.read(THIRD_PARTY) + "\n" + entry)
    update_catalogs(complete.base_dir)
    assert entry in complete.read(THIRD_PARTY)


# Compilation


@pytest.mark.parametrize(("count", "text"), [(0, "ligne"), (1, "ligne"), (2, "lignes")])
def test_zero_is_singular_in_french(complete, settings, count, text):
    settings.LOCALE_PATHS = [complete.base_dir / "locale"]
    compile_catalogs(complete.base_dir)
    with translation.override("fr"):
        shown = translation.ngettext("%(count)d ligne refusée", "%(count)d lignes refusées", count)
    assert shown.startswith(f"%(count)d {text} ")


@pytest.mark.parametrize(("count", "text"), [(0, "rows"), (1, "row"), (2, "rows")])
def test_zero_is_plural_in_english(complete, settings, count, text):
    settings.LOCALE_PATHS = [complete.base_dir / "locale"]
    compile_catalogs(complete.base_dir)
    with translation.override("en"):
        shown = translation.ngettext("%(count)d ligne refusée", "%(count)d lignes refusées", count)
    assert shown == f"%(count)d {text} refused"


def test_compile_does_nothing_when_nothing_changed(complete):
    assert len(compile_catalogs(complete.base_dir)) == 2
    assert compile_catalogs(complete.base_dir) == []


@pytest.mark.parametrize("shift", [-3600, 3600])
def test_compile_notices_another_source_be_it_older_or_newer(complete, shift):
    compile_catalogs(complete.base_dir)
    source = complete.base_dir / ENGLISH
    moment = source.stat().st_mtime + shift
    os.utime(source, (moment, moment))
    assert compile_catalogs(complete.base_dir) == [source.with_suffix(".mo")]


def test_a_running_process_shows_what_was_just_compiled(complete, settings):
    settings.LOCALE_PATHS = [complete.base_dir / "locale"]
    compile_catalogs(complete.base_dir)
    with translation.override("en"):
        assert translation.gettext("Calendrier de stages") == "Internship calendar"
        complete.replace(ENGLISH, '"Internship calendar"', '"Placement calendar"')
        compile_catalogs(complete.base_dir)
        assert translation.get_language() == "en"
        assert translation.gettext("Calendrier de stages") == "Placement calendar"


def test_doubtful_and_incomplete_translations_are_not_shown(complete, settings):
    settings.LOCALE_PATHS = [complete.base_dir / "locale"]
    complete.replace(ENGLISH, 'msgid "Calendrier', '#, fuzzy\nmsgid "Calendrier')
    complete.replace(ENGLISH, 'msgstr[1] "%(count)d rows refused"', 'msgstr[1] ""')
    compile_catalogs(complete.base_dir)
    with translation.override("en"):
        assert translation.gettext("Calendrier de stages") == "Calendrier de stages"
        assert translation.ngettext("%(count)d ligne refusée", "autres", 1) == "%(count)d ligne refusée"
        assert translation.gettext("Fermé le %(day)s") == "Closed on %(day)s"


def test_a_malformed_catalogue_is_named(complete):
    complete.replace(ENGLISH, 'msgid "Calendrier', '<<<<<<< HEAD\nmsgid "Calendrier')
    with pytest.raises(CatalogError, match=r"en/LC_MESSAGES/django\.po"):
        compile_catalogs(complete.base_dir)


def test_a_catalogue_that_cannot_be_written_is_named_and_leaves_nothing_behind(complete):
    target = complete.base_dir / "locale/en/LC_MESSAGES/django.mo"
    (target / "occupied").mkdir(parents=True)
    with pytest.raises(CatalogError, match=r"en/LC_MESSAGES/django\.mo"):
        compile_catalogs(complete.base_dir)
    assert {path.name for path in target.parent.iterdir()} == {"django.mo", "django.po"}


# Check


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"Internship calendar"', '""', "sans traduction"),
        ('msgid "Calendrier', '#, fuzzy\nmsgid "Calendrier', "fuzzy"),
        ('"Closed on %(day)s"', '"Closed"', "%(day)s attendu, – trouvé"),
        ('"Closed on %(day)s"', '"Closed on %(days)s"', "%(days)s trouvé"),
        ('"Closed on %(day)s"', '"Closed on %(day)s, {reason}"', "{reason}"),
        ('"Closed on %(day)s"', '"5 % closed on %(day)s"', "doit être doublé"),
        ('"Internship calendar"', '"Internship %s"', "– attendu, %s trouvé"),
        ('"%(count)d rows refused"', '""', "forme du pluriel"),
        ('"%(count)d rows refused"', '"rows refused"', "%(count)d attendu"),
        ('"%(count)d row refused"', '"%(total)d row refused"', "%(total)d trouvé"),
    ],
)
def test_check_finds_a_faulty_translation(complete, old, new, problem):
    complete.replace(ENGLISH, old, new)
    problems = check_catalogs(complete.base_dir)
    assert len(problems) == 1
    assert ENGLISH in problems[0]
    assert problem in problems[0]


def test_a_singular_may_write_its_number_out(complete):
    complete.replace(ENGLISH, '"%(count)d row refused"', '"One row refused"')
    assert check_catalogs(complete.base_dir) == []


@pytest.mark.parametrize("path", [ENGLISH, FRENCH])
def test_check_finds_a_catalogue_behind_the_sources(complete, path):
    complete.replace(path, "pratik/rules.py", "pratik/former.py")
    problems = check_catalogs(complete.base_dir)
    assert len(problems) == 1
    assert path in problems[0]
    assert "catalogs update" in problems[0]


def test_check_finds_a_new_message_without_english(complete):
    complete.write("pratik/zone.py", '# gettext\n_("Convention")')
    problems = check_catalogs(complete.base_dir)
    assert any("«\u00a0Convention\u00a0»" in problem and "sans traduction" in problem for problem in problems)


def test_check_finds_a_third_party_message_without_french(complete):
    complete.replace(THIRD_PARTY, 'msgstr "Filtres"', 'msgstr ""')
    problems = check_catalogs(complete.base_dir)
    assert len(problems) == 1
    assert THIRD_PARTY in problems[0]
    assert "«\u00a0Filters\u00a0»" in problems[0]


def test_check_finds_an_own_message_that_french_would_change(complete):
    complete.write("pratik/zone.py", '# gettext\n_("Code")\n_("Import")')
    update_catalogs(complete.base_dir)
    complete.translate(Code="Code", Import="Import")
    problems = check_catalogs(complete.base_dir)
    assert len(problems) == 1
    assert "«\u00a0Import\u00a0» (pratik/zone.py)" in problems[0]
    assert "«\u00a0Importer\u00a0»" in problems[0]


def test_check_finds_an_own_message_whose_english_would_change_third_party_screens(complete):
    complete.write("pratik/zone.py", '# gettext\n_("Code")\npgettext("insee", "Date")')
    update_catalogs(complete.base_dir)
    complete.translate(Code="INSEE code", Date="Day")
    problems = check_catalogs(complete.base_dir)
    assert len(problems) == 1
    assert "«\u00a0INSEE code\u00a0»" in problems[0]


# The repository's own catalogues


@pytest.mark.parametrize(
    ("message", "french"),
    [
        ("Filters", "Filtres"),
        ("Apply Filters", "Appliquer les filtres"),
        ("Select action", "Choisir une action"),
        ("Log out", "Déconnexion"),
    ],
)
def test_third_party_screens_speak_french_in_french_and_english_in_english(message, french):
    compile_catalogs()
    with translation.override("fr"):
        assert translation.gettext(message) == french
    with translation.override("en"):
        assert translation.gettext(message) == message


def test_every_message_of_the_third_party_packages_has_its_french(project):
    assert [problem for problem in check_catalogs(project.base_dir) if THIRD_PARTY in problem] == []


# The command


def run(*arguments):
    out = StringIO()
    call_command("catalogs", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_compiles_by_default(complete, settings):
    settings.BASE_DIR = complete.base_dir
    assert "django.mo" in run()
    assert "à jour" in run("compile")


def test_the_command_updates(complete, settings):
    settings.BASE_DIR = complete.base_dir
    assert "à jour" in run("update")
    complete.write_code('_("Convention")')
    assert ENGLISH in run("update")
    assert 'msgid "Convention"' in complete.read(ENGLISH)


def test_the_command_checks(complete, settings):
    settings.BASE_DIR = complete.base_dir
    assert "complets" in run("check")
    complete.replace(ENGLISH, '"Internship calendar"', '""')
    with pytest.raises(CommandError, match=r"Calendrier de stages[^\n]*\n1 problème") as caught:
        run("check")
    assert caught.value.returncode == 1


def test_the_command_says_which_source_stops_it(complete, settings):
    settings.BASE_DIR = complete.base_dir
    complete.write("pratik/broken.py", '# gettext\n_("Stage"\n')
    with pytest.raises(CommandError, match=r"pratik/broken\.py"):
        run("update")
