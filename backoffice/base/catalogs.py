"""Message catalogues, extracted, checked and compiled without any system tool.

PRATIK's msgids are French. The English catalogue holds all of them; the French one holds PRATIK's plural
messages and what third-party packages ship without French. Files, under `locale/<language>/LC_MESSAGES/`:

- `en/django.po`: the English of every own message, written by hand;
- `fr/django.po`: the own plural messages, written whole by `update_catalogs`;
- `fr/third_party.po`: the French of third-party messages, written by hand;
- `django.mo`: what Django reads, made by `compile_catalogs` from the files beside it.
"""

import os
import re
import tempfile
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tokenize import TokenError

from babel.messages.catalog import Catalog
from babel.messages.extract import extract, extract_python
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.apps import apps
from django.conf import settings
from django.template import TemplateSyntaxError
from django.utils.translation import activate, get_language
from django.utils.translation import gettext as _
from django.utils.translation.reloader import translation_file_changed
from django.utils.translation.template import TRANSLATOR_COMMENT_MARK, templatize

SOURCE_ROOTS = ("pratik", "backoffice")
# The packages whose screens people see; what they ship without French belongs in third_party.po.
THIRD_PARTY = ("unfold", "django_q", "import_export", "simple_history")

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}

PLURAL_FORMS = {"en": "nplurals=2; plural=(n != 1);", "fr": "nplurals=2; plural=(n > 1);"}
HEADER = """\
# {note}
msgid ""
msgstr ""
"Project-Id-Version: PRATIK\\n"
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural_forms}\\n"

"""
LINE_WIDTH = 100

# No space flag, unlike Python's own syntax: it would see a "% d" in "15 % des effectifs".
PERCENT_FIELD = re.compile(
    r"%(?:%|(?P<name>\([^)]*\))?[#0+-]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?P<type>[diouxXeEfFgGcrsa]))"
)
BRACE_FIELD = re.compile(r"\{\{|\}\}|\{(?P<name>\w*)[^{}]*\}")


class CatalogError(Exception):
    """A catalogue or a source cannot be read or written; the text says which one and what to do."""


@dataclass(frozen=True)
class CatalogFile:
    """One .po file: where it stands, and the note at its head."""

    language: str
    name: str
    note: str

    def path(self, base_dir):
        """Where the file stands under `base_dir`."""
        return base_dir / "locale" / self.language / "LC_MESSAGES" / self.name

    def read(self, base_dir):
        """The catalogue in the file, empty when there is no file yet; CatalogError when it is malformed."""
        path = self.path(base_dir)
        if not path.exists():
            return Catalog(locale=self.language)
        try:
            return read_po(BytesIO(path.read_bytes()), locale=self.language, abort_invalid=True)
        # A ValueError is a text in another encoding or a broken header.
        except (PoFileError, ValueError) as error:
            raise CatalogError(
                _("%(file)s\u00a0: catalogue illisible (%(error)s). Corrigez ce fichier, puis recommencez.")
                % {"file": path, "error": error}
            ) from error

    def render(self, catalog):
        """The bytes of the file for `catalog`: the same messages always give the same bytes."""
        header = HEADER.format(
            note=self.note, language=self.language, plural_forms=PLURAL_FORMS[self.language]
        )
        out = BytesIO()
        # Babel's own header carries dates, which would change the file at each run.
        write_po(out, catalog, width=LINE_WIDTH, omit_header=True, sort_output=True, include_lineno=False)
        return (header.encode() + out.getvalue()).rstrip(b"\n") + b"\n"


ENGLISH = CatalogFile(
    "en", "django.po", "English of PRATIK, by hand. `manage.py catalogs update` adds and drops entries."
)
FRENCH_PLURALS = CatalogFile(
    "fr", "django.po", "Written by `manage.py catalogs update`, so that 0 takes the singular. Do not edit."
)
FRENCH_THIRD_PARTY = CatalogFile(
    "fr", "third_party.po", "French of third-party packages, by hand. `manage.py catalogs update` adds to it."
)
# Where two files hold a message, the later one wins.
COMPILED_FROM = {"en": (ENGLISH,), "fr": (FRENCH_THIRD_PARTY, FRENCH_PLURALS)}


def extract_messages(base_dir=None):
    """Every message of PRATIK's own code and templates, as a Babel catalogue whose locations are file paths.

    Raises CatalogError for a source that cannot be read, and for two plurals of one singular.
    """
    base_dir = base_dir or settings.BASE_DIR
    catalog = Catalog()
    for location, message_id, comments, context in _extract(base_dir, SOURCE_ROOTS):
        known = catalog.get(message_id, context)
        if known and known.pluralizable and isinstance(message_id, tuple) and known.id != message_id:
            # A catalogue knows a message by its singular alone: one of the plurals would never show.
            raise CatalogError(
                _(
                    "%(file)s\u00a0: «\u00a0%(singular)s\u00a0» a un autre pluriel dans %(other)s. "
                    "Écrivez le même pluriel aux deux endroits, ou donnez un contexte (npgettext)."
                )
                % {"file": location, "singular": message_id[0], "other": known.locations[0][0]}
            )
        catalog.add(message_id, locations=[(location, None)], auto_comments=comments, context=context)
    return catalog


def update_catalogs(base_dir=None):
    """Bring the .po files up to date with the sources; return the paths of the files that changed.

    Translations of kept messages stay, those of vanished ones go. Nothing is written when a source or a
    catalogue cannot be read (CatalogError).
    """
    base_dir = base_dir or settings.BASE_DIR
    changed = []
    for file, catalog in _updated(base_dir).items():
        path, content = file.path(base_dir), file.render(catalog)
        if not path.exists() or path.read_bytes() != content:
            _replace(path, content)
            changed.append(path)
    return changed


def compile_catalogs(base_dir=None):
    """Make the .mo files that do not match their .po files; return the paths of those made.

    Cheap when there is nothing to do, so that it can run at every start. What this process had loaded is
    forgotten, so that it shows the new texts. Raises CatalogError for a malformed .po file, or when a .mo
    file cannot be written.
    """
    base_dir = base_dir or settings.BASE_DIR
    made = []
    for language, files in COMPILED_FROM.items():
        sources = [file for file in files if file.path(base_dir).exists()]
        if not sources:
            continue
        target = sources[0].path(base_dir).with_name("django.mo")
        newest = max(file.path(base_dir).stat().st_mtime_ns for file in sources)
        # A .mo bears the time of its newest source, so an older source put back is noticed too.
        if target.exists() and target.stat().st_mtime_ns == newest:
            continue
        merged = Catalog(locale=language, charset="utf-8")
        for file in sources:
            for message in file.read(base_dir):
                if message.id and not message.fuzzy and all(_forms(message.string)):
                    merged.delete(message.id, message.context)
                    merged.add(message.id, message.string, context=message.context)
        out = BytesIO()
        write_mo(out, merged)
        _replace(target, out.getvalue(), mtime_ns=newest)
        made.append(target)
    if made:
        _forget_loaded_catalogs(made[0])
    return made


def check_catalogs(base_dir=None):
    """What is wrong with the catalogues, one French sentence each; an empty list when all is well.

    Finds files that `update_catalogs` would change, missing or unconfirmed translations, missing plural
    forms, placeholders that differ, and own messages that third-party packages use for something else.
    Raises CatalogError as `update_catalogs` does.
    """
    base_dir = base_dir or settings.BASE_DIR
    updated = _updated(base_dir)
    problems = []
    for file, catalog in updated.items():
        path = file.path(base_dir)
        if not path.exists() or path.read_bytes() != file.render(catalog):
            problems.append(
                _("%(file)s\u00a0: n’est plus à jour. Lancez «\u00a0python manage.py catalogs update\u00a0».")
                % {"file": path.relative_to(base_dir)}
            )
    for file in (ENGLISH, FRENCH_THIRD_PARTY):
        for message in sorted(message for message in updated[file] if message.id):
            for problem in _problems_of(message):
                problems.append(
                    _("%(file)s\u00a0: «\u00a0%(message)s\u00a0»\u00a0: %(problem)s")
                    % {
                        "file": file.path(base_dir).relative_to(base_dir),
                        "message": re.sub(r"\s*\n\s*", " ", _forms(message.id)[0]).strip(),
                        "problem": problem,
                    }
                )
    return problems + _clashes(updated[ENGLISH], updated[FRENCH_THIRD_PARTY])


def _updated(base_dir):
    """Each .po file with the catalogue that the sources and its present entries give."""
    own = extract_messages(base_dir)
    return {
        ENGLISH: _english(own, ENGLISH.read(base_dir)),
        FRENCH_PLURALS: _french_plurals(own),
        FRENCH_THIRD_PARTY: _french_third_party(FRENCH_THIRD_PARTY.read(base_dir)),
    }


def _english(own, present):
    catalog = Catalog(locale="en")
    for message in own:
        if message.id:
            _add(catalog, message, present.get(message.id, message.context))
    return catalog


def _french_plurals(own):
    catalog = Catalog(locale="fr")
    for message in own:
        if message.pluralizable:
            _add(catalog, message).string = message.id
    return catalog


def _french_third_party(present):
    catalog = Catalog(locale="fr")
    for message in _third_party_messages():
        known = present.get(message.id, message.context)
        if message.id and (known or not _shipped_french().get(message.id, message.context)):
            _add(catalog, message, known)
    # Entries that no extraction finds stay: some texts reach the packages' templates through variables.
    for message in present:
        if message.id and any(_forms(message.string)) and not catalog.get(message.id, message.context):
            _add(catalog, message, message)
    return catalog


def _add(catalog, message, known=None):
    """Add `message` to `catalog` with the translation of `known`, its entry in the present file."""
    string, flags, comments = None, (), ()
    if known:
        forms = _forms(known.string)
        string = (*forms, "")[:2] if message.pluralizable else forms[0]
        flags, comments = known.flags & {"fuzzy"}, known.user_comments
    added = catalog.add(
        message.id,
        string,
        locations=message.locations,
        flags=flags,
        auto_comments=message.auto_comments,
        user_comments=comments,
        context=message.context,
    )
    # Babel takes "15 % des effectifs" for a format.
    if any(PERCENT_FIELD.search(form) for form in _forms(message.id)):
        added.flags.add("python-format")
    else:
        added.flags.discard("python-format")
    return added


@cache
def _third_party_messages():
    """The messages of the THIRD_PARTY packages, which do not change while the process lives."""
    site_packages = Path(find_spec(THIRD_PARTY[0]).origin).parent.parent
    catalog = Catalog()
    for location, message_id, comments, context in _extract(site_packages, THIRD_PARTY):
        catalog.add(message_id, locations=[(location, None)], auto_comments=comments, context=context)
    return catalog


@cache
def _shipped_french():
    """What Django and the installed applications say in French by themselves."""
    catalog = Catalog(locale="fr")
    roots = [Path(find_spec("django.conf").origin).parent]
    roots += [Path(config.path) for config in apps.get_app_configs()]
    for root in roots:
        path = root / "locale" / "fr" / "LC_MESSAGES" / "django.mo"
        if path.exists():
            for message in read_mo(BytesIO(path.read_bytes())):
                if message.id:
                    catalog.add(message.id, message.string, context=message.context)
    return catalog


def _extract(base_dir, roots):
    """Yield (path, message id, translators' comments, context) for each message of the `roots`' files."""
    paths = [path for root in roots for path in sorted((base_dir / root).rglob("*"))]
    for path in paths:
        is_template = path.suffix in {".html", ".txt"} and "templates" in path.parts
        if not is_template and path.suffix != ".py":
            continue
        location = path.relative_to(base_dir).as_posix()
        try:
            source = path.read_text(encoding="utf-8")
            if is_template:
                # Indentation means nothing in a template, but would stop Python's tokenizer.
                source = re.sub(r"^\s+", "", templatize(source), flags=re.MULTILINE)
            elif "gettext" not in source:
                continue
            found = list(
                extract(
                    extract_python,
                    BytesIO(source.encode()),
                    keywords=KEYWORDS,
                    comment_tags=[TRANSLATOR_COMMENT_MARK],
                    options={"encoding": "utf-8"},
                )
            )
        except (SyntaxError, TokenError, TemplateSyntaxError, UnicodeDecodeError) as error:
            raise CatalogError(
                _("%(file)s\u00a0: fichier illisible (%(error)s). Corrigez-le, puis recommencez.")
                % {"file": location, "error": error}
            ) from error
        for _line, message_id, comments, context in found:
            yield location, message_id, comments, context


def _forms(text):
    """The singular and the plural of a msgid or msgstr, or its only form; Babel may give None for none."""
    return tuple(text) if isinstance(text, (tuple, list)) else (text or "",)


def _fields(text):
    """The placeholders of a text: named ones once each, positional ones in their order."""
    named, positional = set(), []
    for match in PERCENT_FIELD.finditer(text):
        if match["name"]:
            named.add(f"%{match['name']}{match['type']}")
        elif match["type"]:
            positional.append(f"%{match['type']}")
    for match in BRACE_FIELD.finditer(text):
        if match["name"]:
            named.add(f"{{{match['name']}}}")
        elif match["name"] is not None:
            positional.append("{}")
    return sorted(named) + positional


def _problems_of(message):
    """What is wrong with one entry, as ends of a sentence."""
    ids, strings = _forms(message.id), _forms(message.string)
    if not any(strings):
        return [_("sans traduction.")]
    problems = []
    if not all(strings) or len(strings) < len(ids):
        problems.append(_("il manque une forme du pluriel."))
    if message.fuzzy:
        problems.append(_("traduction à confirmer (fuzzy)."))
    every_field = {field for form in ids for field in _fields(form)}
    for number, (form, string) in enumerate(zip(ids, strings, strict=False)):
        expected, found = _fields(form), _fields(string)
        # A singular may write its number out, or show it where the other language does not.
        is_singular = number < len(ids) - 1
        if string and (not set(found) <= every_field if is_singular else found != expected):
            problems.append(
                _("variables différentes\u00a0: %(expected)s attendu, %(found)s trouvé.")
                % {"expected": " ".join(expected) or "–", "found": " ".join(found) or "–"}
            )
        for text in (form, string):
            if PERCENT_FIELD.search(form) and "%" in PERCENT_FIELD.sub("", text):
                problems.append(
                    _("le signe %% doit être doublé (%%%%) dans «\u00a0%(text)s\u00a0».") % {"text": text}
                )
    return problems


def _clashes(english, third_party):
    """The own messages that are also English messages of a package, and change with it or change it."""
    problems = []
    for message in sorted(message for message in english if message.id):
        text = _forms(message.id)[0]
        known = [
            catalog.get(message.id, message.context)
            for catalog in (third_party, _shipped_french(), _third_party_messages())
        ]
        shown = next(
            (_forms(found.string)[0] for found in known if found and any(_forms(found.string))), text
        )
        if shown != text:
            problems.append(
                _(
                    "«\u00a0%(message)s\u00a0» (%(file)s) est aussi un message anglais, affiché "
                    "«\u00a0%(shown)s\u00a0» en français. Changez le texte ou donnez un contexte (pgettext)."
                )
                % {"message": text, "file": message.locations[0][0], "shown": shown}
            )
        elif any(known) and _forms(message.string)[0] not in ("", text):
            problems.append(
                _(
                    "«\u00a0%(message)s\u00a0» (%(file)s) est aussi un message anglais, que sa traduction "
                    "«\u00a0%(shown)s\u00a0» remplacerait. Changez le texte ou donnez un contexte (pgettext)."
                )
                % {"message": text, "file": message.locations[0][0], "shown": _forms(message.string)[0]}
            )
    return problems


def _replace(path, content, mtime_ns=None):
    """Write `content` so that a reader meets the old file or the new one, never a half."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            # A temporary file is its writer's alone; a catalogue is read by every process.
            os.chmod(temporary, 0o644)
            if mtime_ns:
                os.utime(temporary, ns=(mtime_ns, mtime_ns))
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            raise
    except OSError as error:
        raise CatalogError(
            _(
                "%(file)s\u00a0: écriture impossible (%(error)s). Donnez le droit d’écrire dans ce dossier, "
                "ou lancez «\u00a0python manage.py catalogs compile\u00a0» à l’installation."
            )
            % {"file": path, "error": error.strerror}
        ) from error


def _forget_loaded_catalogs(mo_path):
    """Have this process read the .mo files again, in the language that it is speaking."""
    language = get_language()
    translation_file_changed(None, mo_path)
    if language:
        activate(language)
