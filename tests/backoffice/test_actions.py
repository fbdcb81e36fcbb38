"""Actions on one row and on many: asked first, done at once, with a count, a reason and a way back."""

import pytest
from django.contrib.admin import helpers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from pratik.accounts.models import User
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.tasks import tell_partners
from pratik.core import services
from pratik.core.calendar import today
from pratik.core.models import Operation
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.schools.models import ProgramManager
from tests import factories as make
from tests.kit.queue import run_queue
from tests.kit.world import everything, url

pytestmark = pytest.mark.django_db

DRAFT, PUBLISHED, WITHDRAWN, ARCHIVED = (
    CalendarState.DRAFT,
    CalendarState.PUBLISHED,
    CalendarState.WITHDRAWN,
    CalendarState.ARCHIVED,
)

NOT_FROM_ARCHIVED = "L’état « Archivé » ne permet pas cette action."


@pytest.fixture
def client(client_for, editor):
    return client_for(editor)


def asked(client, verb, rows, *, everywhere=False, model=InternshipCalendar, query="", **values):
    """Chooses rows in the list and an action, as the list's own form does."""
    data = {
        "action": f"do_{verb}",
        helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows],
        "select_across": "1" if everywhere else "0",
        "index": "0",
        **values,
    }
    return client.post(url(model, "changelist") + query, data)


def done(client, verb, rows, **values):
    return asked(client, verb, rows, confirmed="yes", **values)


def messages_of(response, client):
    return [str(message) for message in client.get(response["Location"]).context["messages"]]


def states():
    return set(InternshipCalendar.objects.values_list("state", flat=True))


# One row


def test_publishing_one_calendar_from_its_page(client, editor):
    calendar = make.calendar()
    address = url(InternshipCalendar, "publish", calendar.pk)
    question = client.get(address)
    assert "paraîtra sur le site" in question.content.decode()
    response = client.post(address, {"confirmed": "yes", "reason": "Relu"})
    assert response["Location"] == url(InternshipCalendar, "change", calendar.pk)
    calendar = InternshipCalendar.objects.get()
    assert calendar.state == PUBLISHED
    assert calendar.published_at is not None
    operation = calendar.history.first().operation
    assert (operation.kind, operation.verb, operation.actor, operation.reason) == (
        "transition",
        "publish",
        editor,
        "Relu",
    )


def test_page_of_a_row_shows_the_buttons_of_its_state(client, client_for):
    school = make.school()
    member = client_for(make.school_user(school))
    expected = {
        DRAFT: ({"publish", "archive"}, {"archive"}),
        PUBLISHED: ({"withdraw", "archive"}, {"withdraw", "archive"}),
        WITHDRAWN: ({"publish", "archive"}, {"archive"}),
        ARCHIVED: (set(), set()),
    }
    for state, (for_editor, for_member) in expected.items():
        calendar = make.calendar(school=school, state=state)
        for person, verbs in ((client, for_editor), (member, for_member)):
            text = person.get(url(InternshipCalendar, "change", calendar.pk)).content.decode()
            shown = {
                verb
                for verb in ("publish", "withdraw", "archive")
                if f"{url(InternshipCalendar, verb, calendar.pk)}" in text
            }
            assert shown == verbs, state


def test_reason_that_is_missing_is_asked_for_and_nothing_is_lost(client):
    calendar = make.calendar(state=PUBLISHED)
    before = everything()
    response = client.post(
        url(InternshipCalendar, "withdraw", calendar.pk), {"confirmed": "yes", "reason": "   "}
    )
    assert response.status_code == 422
    assert "Donnez un motif." in response.content.decode()
    assert everything() == before


def test_missing_reason_keeps_the_chosen_rows_and_the_action(client):
    chosen = make.calendars(3, state=PUBLISHED)
    before = everything()
    response = done(client, "withdraw", chosen, reason="")
    assert response.status_code == 422
    context = response.context_data
    assert sorted(map(int, context["selected"])) == sorted(row.pk for row in chosen)
    assert context["action"] == "do_withdraw"
    assert everything() == before
    # The same page, with a reason, does it.
    again = {helpers.ACTION_CHECKBOX_NAME: context["selected"], "action": context["action"]}
    page = client.post(
        url(InternshipCalendar, "changelist"),
        {**again, "select_across": context["select_across"], "confirmed": "yes", "reason": "Dates fausses"},
    )
    assert page.status_code == 302
    assert states() == {WITHDRAWN}


def test_state_that_changed_meanwhile_is_told(client):
    """The page was open while somebody archived the calendar."""
    calendar = make.calendar(state=ARCHIVED)
    response = client.post(url(InternshipCalendar, "publish", calendar.pk), {"confirmed": "yes"})
    assert messages_of(response, client) == [f"Laissé tel quel : 1 ligne : {NOT_FROM_ARCHIVED}"]
    assert states() == {ARCHIVED}


def test_placement_that_is_over_is_not_published(client):
    calendar = make.calendar(start_on=today().replace(year=today().year - 1))
    question = asked(client, "publish", [calendar])
    assert question.context_data["changed_count"] == 0
    assert "archivez ce calendrier" in question.content.decode()
    done(client, "publish", [calendar])
    assert states() == {DRAFT}


# Many rows


def test_bulk_action_tells_what_changes_and_what_does_not_before_and_after(client):
    school = make.school()
    chosen = [*make.calendars(2, school=school), make.calendar(school=school, state=ARCHIVED)]
    before = everything()
    question = asked(client, "publish", chosen)
    assert (question.context_data["changed_count"], question.context_data["refused_count"]) == (2, 1)
    assert everything() == before
    response = done(client, "publish", chosen)
    told = messages_of(response, client)
    assert told[0].startswith("« Publier » : 2 lignes changées.")
    assert told[1] == f"Laissé tel quel : 1 ligne : {NOT_FROM_ARCHIVED}"
    operation = Operation.objects.get(verb="publish")
    assert (operation.total("updated"), operation.total("refused")) == (2, 1)
    assert InternshipCalendar.history.filter(operation=operation).count() == 2


def test_bulk_action_over_all_pages_takes_as_many_queries_for_300_rows_as_for_30(client):
    school = make.school()

    def queries_for(number, verb):
        with CaptureQueriesContext(connection) as queries:
            response = done(client, verb, make_rows[:50], everywhere=True, reason="Parce que")
        assert response.status_code == 302
        assert InternshipCalendar.history.filter(operation=Operation.objects.latest("pk")).count() == number
        return len(queries)

    client.get(url(InternshipCalendar, "changelist"))  # the first visit of a session notes where it is from
    told = []
    for number in (30, 300):
        make_rows = make.calendars(number - InternshipCalendar.objects.count(), school=school)
        everyone = InternshipCalendar.objects.all()
        make_rows = list(everyone[:50])
        told.append([queries_for(number, "publish"), queries_for(number, "withdraw")])
    assert told[0] == told[1]
    assert max(told[1]) <= 25


def test_action_over_all_pages_keeps_to_the_filters(client):
    kept, others = make.school(), make.school()
    make.calendars(3, school=kept)
    chosen = make.calendars(60, school=others)
    done(client, "publish", chosen[:1], everywhere=True, query=f"?school__id__exact={others.pk}")
    assert InternshipCalendar.objects.filter(state=PUBLISHED).count() == 60
    assert not InternshipCalendar.objects.filter(state=PUBLISHED, school=kept).exists()


def test_member_of_a_school_changes_no_row_of_another(client_for):
    mine, theirs = make.calendar(state=PUBLISHED), make.calendar(state=PUBLISHED)
    member = client_for(make.school_user(mine.school))
    for everywhere in (False, True):
        done(member, "withdraw", [mine, theirs], everywhere=everywhere, reason="Erreur")
    mine, theirs = (InternshipCalendar.objects.get(pk=row.pk) for row in (mine, theirs))
    assert (mine.state, theirs.state) == (WITHDRAWN, PUBLISHED)


def test_deleting_rows_keeps_what_others_need(client):
    school = make.school()
    used, free = make.manager(school=school), make.manager(school=school)
    make.calendar(school=school, program_manager=used)
    question = asked(client, "delete", [used, free], model=ProgramManager)
    assert (question.context_data["changed_count"], question.context_data["refused_count"]) == (1, 1)
    response = done(client, "delete", [used, free], model=ProgramManager)
    assert list(ProgramManager.objects.all()) == [used]
    assert any("1 calendrier de stages en dépend" in message for message in messages_of(response, client))
    assert ProgramManager.history.filter(history_type="-").count() == 1


def test_only_drafts_are_deleted(client):
    draft, public = make.calendar(), make.calendar(state=PUBLISHED)
    done(client, "delete", [draft, public])
    assert list(InternshipCalendar.objects.all()) == [public]


# Other workflows


def test_company_becomes_a_partner_today_and_leaves_with_a_reason(client):
    companies = [make.company(), make.company()]
    done(client, "mark_partner", companies, model=CompanyProfile)
    assert set(CompanyProfile.objects.values_list("partnership", "partner_since")) == {("partner", today())}
    assert done(client, "unmark_partner", companies, model=CompanyProfile).status_code == 422
    done(client, "unmark_partner", companies, model=CompanyProfile, reason="Fermée")
    assert set(CompanyProfile.objects.values_list("partnership", "partner_since")) == {("former", None)}


def test_verification_says_who_and_when(client_for, verifier):
    account = make.user("landlord")
    client = client_for(verifier)
    done(client, "verify", [account], model=User)
    account = User.objects.get(pk=account.pk)
    assert (account.is_verified, account.verified_by) == (True, verifier)
    assert account.verified_at is not None
    done(client, "revoke", [account], model=User, reason="Pièce périmée")
    account = User.objects.get(pk=account.pk)
    assert (account.is_verified, account.verified_by, account.verified_at) == (False, None, None)


# Who hears of it


@pytest.fixture
def partner_member(db):
    """Somebody of a partner company, and people who are none of a partner's."""
    make.company_user()
    make.member(make.company(partner=True), is_active=False)
    return make.company_user(make.company(partner=True))


def test_partner_companies_hear_once_of_a_calendar(client, partner_member):
    calendars = make.calendars(2)
    done(client, "publish", calendars)
    assert not Notice.objects.exists(), "publishing itself tells nobody: the queue does"
    assert "pratik.calendars.tasks.tell_partners" in run_queue()
    assert Notice.objects.filter(recipient=partner_member).count() == 2
    assert set(Notice.objects.values_list("recipient", flat=True)) == {partner_member.pk}


def test_republished_calendar_and_task_that_runs_again_tell_nobody_twice(client, partner_member, mailoutbox):
    calendars = make.calendars(2)
    pks = [calendar.pk for calendar in calendars]
    done(client, "publish", calendars)
    run_queue()
    done(client, "withdraw", calendars, reason="Dates fausses")
    done(client, "publish", calendars)
    run_queue()
    tell_partners(pks)
    run_queue()
    assert Notice.objects.filter(recipient=partner_member).count() == 2
    assert [mail.to for mail in mailoutbox] == [[partner_member.email]]


def test_calendar_that_left_the_site_before_the_queue_came_is_not_announced(client, partner_member):
    calendars = make.calendars(1)
    done(client, "publish", calendars)
    done(client, "withdraw", calendars, reason="Dates fausses")
    run_queue()
    assert not Notice.objects.filter(recipient=partner_member).exists()


def test_school_hears_why_its_calendar_was_withdrawn(client, editor):
    school = make.school()
    member = make.school_user(school)
    make.school_user()
    calendars = make.calendars(1, school=school, state=PUBLISHED)
    done(client, "withdraw", calendars, reason="Les dates tombent pendant les vacances")
    run_queue()
    notice = Notice.objects.get()
    assert notice.recipient == member
    assert "Les dates tombent pendant les vacances" in notice.body
    assert str(editor) in notice.body


def test_who_withdraws_their_own_calendar_is_not_told_of_it(client_for):
    school = make.school()
    member, colleague = make.school_user(school), make.school_user(school)
    calendar = make.calendar(school=school, state=PUBLISHED)
    done(client_for(member), "withdraw", [calendar], reason="Erreur")
    run_queue()
    assert [notice.recipient for notice in Notice.objects.all()] == [colleague]


def test_nothing_is_announced_when_publishing_fails(client, partner_member, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(services, "set_columns", broken)
    with pytest.raises(RuntimeError):
        done(client, "publish", make.calendars(1))
    assert run_queue() == []
    assert states() == {DRAFT}


def test_a_selection_that_is_none_is_told_and_changes_nothing(client):
    row = make.calendar()
    for chosen in ("abc", "", f"{row.pk} OR 1=1"):
        data = {
            "action": "do_publish",
            helpers.ACTION_CHECKBOX_NAME: [chosen],
            "index": "0",
            "confirmed": "yes",
        }
        response = client.post(url(InternshipCalendar, "changelist"), data)
        [told] = messages_of(response, client)
        assert told == "La sélection n’a pas été comprise : choisissez de nouveau les lignes."
    assert states() == {DRAFT}
