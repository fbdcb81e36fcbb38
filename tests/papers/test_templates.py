"""Templates: who writes them, which one is in force, what the law wants them to say."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.accounts.services import system_actor
from pratik.core.calendar import today
from pratik.core.models import Operation
from pratik.core.services import remove_rows, save_row
from pratik.law.enums import InternshipKind
from pratik.papers import reports, services
from pratik.papers.enums import Audience, PaperKind, TemplateState
from pratik.papers.fields import (
    MENTIONS,
    fields_of,
    missing_mentions,
    preview_values,
    register_fields,
    unknown_fields,
)
from pratik.papers.models import PaperTemplate
from tests import factories as make
from tests.conftest import person

from .conftest import REFERENCE

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def editor():
    return make.user(Role.EDITOR)


def body_of(kind):
    return (REFERENCE / "papers" / f"{kind.value}.txt").read_text(encoding="utf-8")


def activate(actor, *templates):
    outcome = services.activate_templates(actor=actor, pks=[row.pk for row in templates])
    for row in templates:
        row.refresh_from_db()
    return outcome


def why(outcome):
    return [reason.replace("\u00a0", " ") for _row, reason in outcome.refused]


# What a release brings along


def test_defaults_are_in_force_and_loaded_once(defaults):
    for kind in PaperKind:
        found = reports.template_in_force(kind, day=today())
        assert found.state == TemplateState.ACTIVE
        assert found.faults() == []
        assert missing_mentions(kind, found.body) == []
    assert services.load_templates(actor=system_actor(), folder=REFERENCE) == 0


def test_what_administrators_put_in_force_stays(editor):
    own = make.paper_template(kind=PaperKind.RECOMMENDATION)
    activate(editor, own)
    services.load_templates(actor=system_actor(), folder=REFERENCE)
    assert reports.template_in_force(PaperKind.RECOMMENDATION, day=today()) == own
    assert PaperTemplate.objects.get(name="Recommandation").state == TemplateState.DRAFT


def test_the_articles_of_the_agreement_follow_those_of_the_decree():
    """Article D124-4 lists fifteen mentions; each has an article of its own, of the same number."""
    body = body_of(PaperKind.AGREEMENT)
    for number in range(1, 16):
        assert f"# Article {number} — " in body
        assert any(mention.article == f"D124-4, {number}°" for mention in MENTIONS[PaperKind.AGREEMENT])


# Mentions


@pytest.mark.parametrize("mention", MENTIONS[PaperKind.AGREEMENT], ids=lambda mention: mention.code)
def test_an_agreement_without_one_mention_lacks_that_one(mention):
    body = body_of(PaperKind.AGREEMENT)
    for name in mention.fields:
        body = body.replace(f"{{{{ {name} }}}}", "").replace(f"{{% if {name} %}}", "{% if paper_date %}")
    for word in mention.words:
        for found in (word, word.capitalize()):
            body = body.replace(found, "x")
    if mention.signed:
        body = body.replace("[signatures]", "")
    assert mention in missing_mentions(PaperKind.AGREEMENT, body)


def test_what_is_said_if_any_may_have_no_value_and_the_rest_may_not():
    body, values = body_of(PaperKind.AGREEMENT), preview_values(PaperKind.AGREEMENT)
    without = values | {"stipend_hourly": "", "stipend_terms": "", "benefits": [], "internal_rules": " "}
    assert missing_mentions(PaperKind.AGREEMENT, body, without) == []
    (lacking,) = missing_mentions(PaperKind.AGREEMENT, body, values | {"tutor_name": " "})
    assert lacking.code == "supervisors"
    assert lacking.article == "D124-4, 2°"


def test_a_certificate_says_how_long_and_how_much():
    codes = [
        mention.code
        for mention in missing_mentions(PaperKind.CERTIFICATE, "{{ student_name }} {{ host_name }}")
    ]
    assert codes == ["duration", "stipend_paid"]


def test_audiences_are_the_kinds_of_placement():
    assert set(Audience.values) == set(InternshipKind.values)


# Fields


def test_an_area_adds_fields_and_takes_no_name_twice(monkeypatch):
    from pratik.papers import fields

    monkeypatch.setitem(fields._FIELDS, PaperKind.AGREEMENT, dict(fields._FIELDS[PaperKind.AGREEMENT]))
    register_fields(PaperKind.AGREEMENT, {"badge_color": ("couleur du badge", "vert")})
    assert preview_values(PaperKind.AGREEMENT)["badge_color"] == "vert"
    assert unknown_fields(PaperKind.AGREEMENT, "{{ badge_color }}") == []
    for name in ("badge_color", "Badge", "a b", ""):
        with pytest.raises(ValueError, match="cannot be a field"):
            register_fields(PaperKind.AGREEMENT, {name: ("x", "y")})


@pytest.mark.parametrize("kind", [*PaperKind])
def test_every_field_has_a_label_and_an_example(kind):
    for field in fields_of(kind):
        assert str(field.label).strip()
        assert isinstance(field.example, str | list)


# Writing


def test_a_template_with_faults_is_not_saved(editor):
    row = PaperTemplate(kind=PaperKind.CERTIFICATE, name="Essai", body="{{ nobody }}\n{% if host_name %}")
    with pytest.raises(ValidationError) as refusal:
        save_row(actor=editor, row=row)
    told = [sentence.replace("\u00a0", " ") for sentence in refusal.value.message_dict["body"]]
    assert told[0] == "Ligne 1 : le champ « nobody » n’existe pas pour ce document."
    assert told[1].startswith("Ligne 2 : cette condition n’est pas fermée")
    assert not PaperTemplate.objects.exists()


def test_two_templates_of_a_kind_have_two_names(editor):
    make.paper_template(name="Modèle")
    with pytest.raises(ValidationError, match="porte déjà ce nom"):
        save_row(actor=editor, row=PaperTemplate(kind="recommendation", name=" Modèle ", body="x"))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ANONYMOUS}))
def test_the_team_reads_templates_and_keepers_write_them(role):
    row, user = make.paper_template(), person(role)
    assert PaperTemplate.objects.visible_to(user).exists() is (role in STAFF_ROLES)
    row.name = "Autre"
    if role in KEEPERS:
        save_row(actor=user, row=row)
    else:
        with pytest.raises(PermissionDenied):
            save_row(actor=user, row=row)


def test_what_served_is_neither_changed_nor_removed(editor):
    row = make.paper_template()
    activate(editor, row)
    row.body = "autre"
    with pytest.raises(ValidationError, match="faites une copie"):
        save_row(actor=editor, row=row)
    assert remove_rows(actor=editor, model=PaperTemplate, pks=[row.pk]).refused
    services.retire_templates(actor=editor, pks=[row.pk], reason="Remplacé")
    assert remove_rows(actor=editor, model=PaperTemplate, pks=[row.pk]).refused


def test_a_draft_that_never_served_is_removed(editor):
    row = make.paper_template()
    assert remove_rows(actor=editor, model=PaperTemplate, pks=[row.pk]).changed == [row]


def test_a_copy_is_a_draft_with_a_name_of_its_own(editor):
    row = make.paper_template(name="N" * 120)
    activate(editor, row)
    first = services.copy_template(actor=editor, pk=row.pk)
    second = services.copy_template(actor=editor, pk=row.pk)
    assert {first.state, second.state} == {TemplateState.DRAFT}
    assert first.body == row.body
    assert len({row.name, first.name, second.name}) == 3
    with pytest.raises(PermissionDenied):
        services.copy_template(actor=make.user(Role.VERIFIER), pk=row.pk)


# Putting in force


def test_putting_one_in_force_retires_the_one_it_replaces_in_one_operation(editor):
    old, new, other = make.paper_template(), make.paper_template(), make.paper_template(audience="internship")
    activate(editor, old, other)
    before = Operation.objects.count()
    outcome = activate(editor, new)
    old.refresh_from_db()
    other.refresh_from_db()
    assert (old.state, new.state, other.state) == ("retired", "active", "active")
    assert new.activated_at
    assert Operation.objects.count() == before + 1
    # It is taken back by putting the former one in force again, since undoing would leave none.
    assert outcome.operation.is_final


def test_a_retired_one_may_be_put_in_force_again(editor):
    old, new = make.paper_template(), make.paper_template()
    activate(editor, old)
    activate(editor, new)
    activate(editor, old)
    new.refresh_from_db()
    assert (old.state, new.state) == ("active", "retired")


def test_of_two_for_the_same_documents_one_is_put_in_force(editor):
    one, two = make.paper_template(), make.paper_template()
    outcome = activate(editor, one, two)
    assert sorted([one.state, two.state]) == ["active", "draft"]
    assert "un seul peut être en vigueur" in why(outcome)[0]


def test_one_that_lacks_a_mention_is_not_put_in_force(editor):
    row = make.paper_template(kind=PaperKind.AGREEMENT, body="# Convention\n\n{{ student_name }}")
    outcome = activate(editor, row)
    (told,) = why(outcome)
    assert told.startswith("Il manque des mentions obligatoires : intitulé complet de la formation")
    assert "(D124-4, 15°)" in told
    assert row.state == TemplateState.DRAFT


def test_one_is_not_put_in_force_before_its_day(editor):
    row = make.paper_template(valid_from=today() + DAY)
    assert "Ce modèle ne vaut qu’à partir du" in why(activate(editor, row))[0]
    assert reports.template_in_force(PaperKind.RECOMMENDATION, day=today()) is None


@pytest.mark.parametrize("role", sorted(set(Role) - KEEPERS - {Role.ANONYMOUS}))
def test_others_put_nothing_in_force(role):
    row = make.paper_template()
    with pytest.raises(PermissionDenied):
        services.activate_templates(actor=person(role), pks=[row.pk])
    with pytest.raises(PermissionDenied):
        services.retire_templates(actor=person(role), pks=[row.pk], reason="x")


def test_one_for_a_kind_of_placement_comes_before_one_for_all(editor):
    for_all, for_one = make.paper_template(), make.paper_template(audience="observation")
    activate(editor, for_all, for_one)
    kind = PaperKind.RECOMMENDATION
    assert reports.template_in_force(kind, audience="observation", day=today()) == for_one
    assert reports.template_in_force(kind, audience="internship", day=today()) == for_all
    assert reports.template_in_force(kind, day=today()) == for_all


def test_taking_one_out_of_use_needs_a_reason(editor):
    row = make.paper_template()
    activate(editor, row)
    with pytest.raises(ValidationError, match="motif"):
        services.retire_templates(actor=editor, pks=[row.pk], reason=" ")
    services.retire_templates(actor=editor, pks=[row.pk], reason="Texte dépassé")
    assert reports.template_in_force(PaperKind.RECOMMENDATION, day=today()) is None


# Codes


@pytest.fixture
def resolvers(monkeypatch):
    monkeypatch.setattr(reports, "_resolvers", [])


def test_a_code_is_answered_by_the_area_that_knows_it(resolvers):
    known = reports.Certified("Convention", (("Stagiaire", "M. A."),))
    asked = []
    reports.register_certified(lambda code: asked.append(code))
    reports.register_certified({"ABCDEFGHJKMNPQRS": known}.get)
    assert reports.certified(" abcd-efgh jkmn–pqrs ") == known
    assert asked == ["ABCDEFGHJKMNPQRS"]
    assert reports.certified("2" * 16) is None


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "0" * 16, "I" * 16, "A" * 17, "A" * 10_000, "é" * 16, "\x00" * 16]
)
def test_what_cannot_be_a_code_asks_nobody(resolvers, typed):
    reports.register_certified(lambda code: pytest.fail("asked"))
    assert reports.certified(typed) is None
