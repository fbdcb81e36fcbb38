"""Filling a database to measure at scale: the same rows each time, each valid and with its history."""

import datetime
import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F, Max, Min

from backoffice.demo import scale
from pratik.accounts.managers import SYSTEM_EMAIL
from pratik.accounts.models import DriverProfile, LandlordProfile, User
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.constraints import violations
from pratik.core.models import Operation
from pratik.core.undo import undo_operation
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.schools.models import ProgramManager, SchoolProfile
from pratik.verification.enums import DocumentState
from pratik.verification.models import VerificationDocument
from pratik.verification.services import refresh_badges_of
from tests import factories as make

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 11, 22)
SMALL = {"calendars": 1_300, "companies": 60, "documents": 160}
MODELS = (
    SchoolProfile,
    ProgramManager,
    InternshipCalendar,
    CompanyProfile,
    User,
    LandlordProfile,
    DriverProfile,
    VerificationDocument,
)


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(scale, "BATCH", 400)


def seeded(**options):
    """Runs the command. Returns what it said on its two outputs."""
    out, err = io.StringIO(), io.StringIO()
    call_command("seed_scale", **{"day": DAY} | options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def rows_of(model):
    rows = model._base_manager.all()
    return rows.exclude(email=SYSTEM_EMAIL) if model is User else rows


def figures():
    """How many rows and lines of history there are of each kind, and how many operations."""
    counted = {model: (rows_of(model).count(), model.history.count()) for model in MODELS}
    return counted | {Operation: Operation.objects.count()}


def written():
    """All that the rows of each kind say, but for the keys that a database gives and what stands on them."""
    said = {}
    for model in MODELS:
        names = [field.attname for field in model._meta.concrete_fields if not field.is_relation]
        names.remove("id")
        said[model] = sorted(map(repr, rows_of(model).values_list(*names)))
    return said


def test_rows_obey_their_own_rules_and_are_derived_as_services_derive_them():
    seeded(**SMALL)
    for model in MODELS:
        rows = list(rows_of(model))
        assert rows
        for row in rows:
            stored = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
            row.derive()
            assert {name: getattr(row, name) for name in stored} == stored
            # The file of a document is not there.
            row.full_clean(exclude=["file"], validate_unique=False, validate_constraints=False)
            assert not violations(row)
    assert CompanyProfile.objects.values("slug").distinct().count() == 60


def test_every_row_has_one_line_of_history_that_says_the_same_of_the_day_it_was_entered():
    seeded(**SMALL)
    for model in MODELS:
        names = [field.attname for field in model.history.model.tracked_fields]
        lines = model.history.filter(history_type="+", history_date=F("created_at"), operation__kind="setup")
        said = sorted(map(repr, lines.values_list(*names)))
        assert said == sorted(map(repr, rows_of(model).values_list(*names)))
        assert model.history.count() == len(said)


def test_each_batch_is_an_operation_and_nobody_is_told():
    seeded(**SMALL)
    operations = Operation.objects.filter(reason__startswith="Données de charge : calendriers")
    assert [row.total("created") for row in operations.order_by("pk")] == [400, 400, 400, 100]
    assert not Notice.objects.exists()


def test_the_site_shows_what_was_seeded_at_once(client):
    def told():
        return client.get("/partenaires/").text.count("<article"), client.get("/calendriers.ics").content

    before = told()
    assert before[0] == 0
    seeded(calendars=400, companies=60)
    after = told()
    assert after[0] > 0
    assert before[1].count(b"VEVENT") == 0 < after[1].count(b"VEVENT")


def test_dates_and_states_are_plausible():
    seeded(**SMALL)
    calendars = InternshipCalendar.objects.all()
    assert set(calendars.values_list("state", flat=True)) == set(CalendarState)
    spread = calendars.aggregate(first=Min("start_on"), last=Max("start_on"))
    assert spread["first"] < DAY - datetime.timedelta(days=365)
    assert spread["last"] > DAY + datetime.timedelta(days=365)
    assert calendars.values("school").distinct().count() == scale.SCHOOLS
    documents = VerificationDocument.objects.all()
    assert set(documents.values_list("state", flat=True)) == set(DocumentState)
    assert documents.current().count() == 160 * 3 // scale.DOCUMENTS_OF_AN_OWNER
    assert not documents.past(DAY).exists()
    assert not documents.filter(replaces__submitted_at__gte=F("submitted_at")).exists()


def test_badges_are_those_that_the_documents_give():
    seeded(documents=400, day=None)
    before = Operation.objects.count()
    assert User.objects.filter(verification="verified").exists()
    refresh_badges_of()
    assert Operation.objects.count() == before


def test_the_same_seed_gives_the_same_rows_and_another_seed_others():
    with_history = SMALL | {"history": 0}
    seeded(**with_history, seed=5)
    first = written()
    for model in reversed(MODELS):
        model.history.model.objects.all().delete()
        if model is VerificationDocument:
            rows_of(model).update(replaces=None)
        rows_of(model)._raw_delete("default")
    seeded(**with_history, seed=5)
    assert written() == first
    seeded(companies=10, seed=6)
    assert CompanyProfile.objects.count() == 70


def test_a_finished_one_adds_nothing_on_a_later_day_either():
    seeded(**SMALL, history=900)
    before = figures()
    out, _err = seeded(**SMALL, history=900)
    assert out.startswith("0 lignes ajoutées")
    seeded(**SMALL, history=900, day=DAY + datetime.timedelta(days=300))
    assert figures() == before


def test_more_may_be_asked_for_later():
    seeded(calendars=700, companies=10, documents=16)
    seeded(**SMALL)
    assert InternshipCalendar.objects.count() == 1_300
    assert CompanyProfile.objects.count() == 60
    assert VerificationDocument.objects.count() == 160


@pytest.mark.parametrize("at", [3, 6, 9])
def test_one_that_was_stopped_in_the_middle_goes_on(monkeypatch, at):
    asked = SMALL | {"history": 900}
    seeded(**asked, seed=1)
    alone = figures()[InternshipCalendar], written()
    for model in reversed(MODELS):
        model.history.model.objects.all().delete()
        if model is VerificationDocument:
            rows_of(model).update(replaces=None)
        rows_of(model)._raw_delete("default")
    seeded(calendars=1, seed=1)
    calls, lines = [], scale.write_history

    def stopped(*args, **kwargs):
        calls.append(args)
        if len(calls) == at:
            raise KeyboardInterrupt
        lines(*args, **kwargs)

    monkeypatch.setattr(scale, "write_history", stopped)
    with pytest.raises(CommandError, match="reprend") as stop:
        seeded(**asked, seed=1)
    assert stop.value.returncode == 130
    for model in MODELS:
        assert rows_of(model).count() == model.history.filter(history_type="+").count()
    monkeypatch.setattr(scale, "write_history", lines)
    seeded(**asked, seed=1)
    assert (figures()[InternshipCalendar], written()) == alone


def test_further_versions_change_rows_and_change_them_back_over_the_years():
    seeded(calendars=500, history=1_500)
    history = InternshipCalendar.history
    assert history.count() == 500 + 1_500
    for row in InternshipCalendar.objects.all()[:5]:
        lines = list(history.filter(id=row.pk).order_by("history_id"))
        assert [line.number_of_students - row.number_of_students for line in lines] in (
            [0, 1, 0],
            [0, 1, 0, 1, 0],
        )
        assert [line.history_date for line in lines] == sorted(line.history_date for line in lines)
        assert lines[-1].history_date.date() < DAY
    operations = Operation.objects.filter(kind="edit").order_by("started_at")
    assert sum(row.total("updated") for row in operations) == 1_500
    assert operations[0].started_at.date() < DAY - datetime.timedelta(days=5 * 365)


def test_what_was_seeded_is_taken_back_like_anything_else(administrator):
    seeded(companies=20, yes=True)
    report = undo_operation(
        actor=administrator, operation=Operation.objects.get(subject="partners.companyprofile")
    )
    assert report.removed == 20
    assert not CompanyProfile.objects.exists()


def test_progress_is_told_in_lines_where_there_is_no_terminal():
    _out, err = seeded(calendars=1_000)
    assert err.splitlines()[-1].startswith("calendriers 100 %  1 000 / 1 000")
    assert "\r" not in err


def test_progress_is_a_bar_on_a_terminal():
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    terminal = Terminal()
    call_command("seed_scale", calendars=1_000, day=DAY, stdout=io.StringIO(), stderr=terminal)
    bars = terminal.getvalue().split("\r")
    assert [bar.count("#") for bar in bars[1:]] == [9, 19, 24]
    assert "lignes/s" in bars[1] and "reste" in bars[1]


def test_a_database_in_production_is_filled_on_demand_alone(settings):
    settings.SECURE_SSL_REDIRECT = True
    with pytest.raises(CommandError, match="production"):
        seeded(companies=1)
    assert not CompanyProfile.objects.exists()
    seeded(companies=1, yes=True)
    assert CompanyProfile.objects.count() == 1


def test_a_database_with_peoples_accounts_is_filled_on_demand_alone():
    """Production's, named to the settings of a developer: they do not ask for HTTPS."""
    make.user(email="edition@pratik.example")
    seeded(documents=8)
    seeded(documents=16)
    make.user(email="camille@rectorat.fr")
    with pytest.raises(CommandError, match="comptes"):
        seeded(companies=1)
    assert not CompanyProfile.objects.exists()
    seeded(companies=1, yes=True)
    assert CompanyProfile.objects.count() == 1


@pytest.mark.parametrize(
    "options", [{"seed": 100}, {"calendars": -1}, {"calendars": 10**9}, {"calendars": 10, "history": 401}]
)
def test_what_cannot_be_made_is_refused(options):
    with pytest.raises(CommandError, match="--"):
        seeded(**options)
