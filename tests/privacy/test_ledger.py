"""The register is complete: no model holds personal data that no line of it speaks of."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import override
from phonenumber_field.modelfields import PhoneNumberField

from pratik.core.history import tracked_models
from pratik.privacy import reports
from pratik.privacy.enums import Left
from pratik.privacy.ledger import CONSENTS, HISTORY, LINES, NOT_PERSONAL
from pratik.schedule import SCHEDULE

PERSONAL_TYPES = (models.EmailField, models.ImageField, models.GenericIPAddressField, PhoneNumberField)
PERSONAL_WORDS = re.compile(
    r"(^|_)(name|address|phone|mobile|e?mail|born|birth|birthday|licen[cs]e|registration|vehicle|device|ip"
    r"|agent|avatar|portrait|photo|bio|civility|gender|nationality|signature|iban|passport|label|session)"
    r"(_|$)"
)


# What people write, and what they send, may be about anybody.
FREE_TYPES = (models.TextField, models.JSONField, models.FileField)
# Rows that are one person's: a pointer to one is a pointer to the person.
ABOUT_A_PERSON = {
    settings.AUTH_USER_MODEL.lower(),
    *(line.model for line in LINES if {"user", "pk"} & set(line.people) or "email" in line.addresses),
}


def suspects_of(model):
    """The columns of a model that look personal, by their type, their name or what they point at."""
    for field in model._meta.concrete_fields:
        about = field.is_relation and field.related_model._meta.label_lower in ABOUT_A_PERSON
        typed = isinstance(field, PERSONAL_TYPES + FREE_TYPES) or field.name == "search_text"
        if typed or about or PERSONAL_WORDS.search(field.name):
            yield field.name


def unlisted(found):
    """The suspects, as `model.column`, that stand neither in a line of the ledger nor in its exemptions."""
    lines = {line.model: line for line in LINES}
    missing = []
    for model in found:
        base = getattr(model, "instance_type", model)
        line = lines.get(base._meta.label_lower)
        known = set(line.fields) | set(line.secrets) if line else set()
        if base is not model:
            known |= set(HISTORY)
        missing += [
            f"{base._meta.label_lower}.{name}"
            for name in suspects_of(model)
            if name not in known and f"{base._meta.label_lower}.{name}" not in NOT_PERSONAL
        ]
    return missing


def all_models():
    """Every table of the project and of the libraries; a proxy has none of its own."""
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def test_every_column_that_looks_personal_is_in_the_ledger():
    assert unlisted(all_models()) == []


def test_the_search_covers_history_and_libraries():
    labels = {model._meta.label for model in all_models()}
    assert {"accounts.HistoricalUser", "sessions.Session", "mfa.Authenticator", "django_q.OrmQ"} <= labels


@pytest.fixture
def synthetic():
    """`synthetic(column=…)`: a model that nobody knows, gone again after the test."""
    known = apps.all_models["privacy"].copy()

    def made(**columns):
        meta = type("Meta", (), {"app_label": "privacy"})
        return type("Synthetic", (models.Model,), {"__module__": __name__, "Meta": meta, **columns})

    yield made
    apps.all_models["privacy"].clear()
    apps.all_models["privacy"].update(known)
    apps.clear_cache()


@pytest.mark.parametrize(
    "column",
    [
        models.EmailField,
        models.GenericIPAddressField,
        lambda: models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"),
        models.ImageField,
        PhoneNumberField,
    ],
    ids=["address", "ip", "account", "portrait", "phone"],
)
def test_a_new_model_with_a_personal_type_is_found(column, synthetic):
    assert unlisted([synthetic(kept=column())]) == ["privacy.synthetic.kept"]


@pytest.mark.parametrize("name", ["last_name", "birth_date", "born_on", "home_address", "licence_number"])
def test_a_new_model_with_a_personal_name_is_found(name, synthetic):
    model = synthetic(**{name: models.CharField(max_length=10), "amount": models.IntegerField()})
    assert unlisted([model]) == [f"privacy.synthetic.{name}"]


def test_no_line_is_stale():
    """Each line names a model and columns that exist, once; so does each exemption, and it is needed."""
    assert len({line.model for line in LINES}) == len(LINES)
    stale = []
    for line in LINES:
        names = {field.name for field in apps.get_model(line.model)._meta.concrete_fields}
        said = {
            *line.fields,
            *line.secrets,
            *line.unsaid,
            *line.mentions,
            *line.whose,
            *line.generic,
            *line.of_target,
        }
        said |= {name.split("__")[0] for name in line.people if name != "pk"}
        said |= {name.split("__")[0] for name in line.addresses}
        said |= {name.split("__")[0] for name in (*line.named, *line.named_at)}
        said |= {name.split("__")[0] for rule in line.rules for name in (*rule.since, *rule.since_day)}
        stale += [f"{line.model}.{name}" for name in said - names]
        # A rule may also look at what points to the row: a file's run.
        around = {field.name for field in apps.get_model(line.model)._meta.get_fields()}
        asked = {name.split("__")[0] for rule in line.rules for name in (*rule.only, *rule.never)}
        stale += [f"{line.model}.{name}" for name in asked - around]
    personal = {f"{line.model}.{name}" for line in LINES for name in line.fields}
    for path in NOT_PERSONAL:
        label, _dot, column = path.rpartition(".")
        if column not in suspects_of(apps.get_model(label)) or path in personal:
            stale.append(path)
    assert stale == []


def test_a_stale_exemption_is_found(monkeypatch):
    monkeypatch.setitem(NOT_PERSONAL, "reference.commune.insee_code", "no suspect")
    with pytest.raises(AssertionError):
        test_no_line_is_stale()


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.model)
def test_a_line_says_all_that_the_law_asks_for(line):
    """Purpose, legal basis, how long and by which rule (GDPR, articles 13 and 30)."""
    assert all(map(str, (line.title, line.purpose, line.kept, line.source, line.basis)))
    assert set(line.fields.values()) <= set(Left)
    for rule in line.rules:
        has_time = rule.months or rule.days or rule.setting or rule.code == "expired_sessions"
        assert has_time and bool(rule.since) != bool(rule.since_day) and str(rule.title)
        assert not rule.task or rule.task in SCHEDULE
        assert not rule.warned_days or line.model == "accounts.user", "only accounts can be warned"


def test_rules_have_names_of_their_own():
    codes = [rule.code for _line, rule in reports.all_rules()]
    assert len(codes) == len(set(codes))


def test_what_is_kept_under_a_duty_has_a_term():
    """A rule of the same line, counted from a day that an erasure does not move."""
    lines = [line for line in LINES if line.kept_under_duty]
    assert [line.model for line in lines] == ["internships.placementpaper"]
    for line in lines:
        [rule] = [rule for rule in line.rules if rule.code == line.kept_under_duty.until]
        assert rule.months and rule.since_day and not (rule.task or rule.warned_days)


def test_every_business_row_about_an_account_is_reached_by_it():
    """A line that links rows to an account also finds them by it, but for marks of others' doing."""
    for line in LINES:
        if Left.LINK in line.fields.values():
            assert line.people, line.model
            assert {name for name, left in line.fields.items() if left == Left.LINK} >= {
                name.split("__")[0] for name in line.people if name != "pk"
            }


def test_history_has_no_columns_of_its_own_besides_those_known():
    for model in tracked_models().values():
        own = {field.name for field in model.history.model._meta.concrete_fields} - {
            field.name for field in model._meta.concrete_fields
        }
        assert own == {"operation", "history_id", "history_date", "history_type", *HISTORY}


def test_consents_are_yes_or_no():
    for consent in CONSENTS:
        assert isinstance(apps.get_model(consent.model)._meta.get_field(consent.field), models.BooleanField)
        assert str(consent.title) and str(consent.meaning)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_ledger_is_read_in_both_languages(language):
    with override(language):
        assert all(str(line.title) and str(line.purpose) for line in LINES)
