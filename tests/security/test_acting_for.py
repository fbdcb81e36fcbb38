"""An administrator acts in another person's name: with a reason, for a while, and never hidden."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.accounts.models import User
from pratik.accounts.services import set_password
from pratik.calendars.models import InternshipCalendar
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.notifications.models import Notice
from pratik.notifications.services import mark_read
from pratik.security.enums import AccessKind, ImpersonationEnd
from pratik.security.models import AccessEvent, Impersonation
from pratik.security.services import (
    end_expired_impersonations,
    end_impersonation,
    running_impersonation,
    start_impersonation,
)
from pratik.verification.services import verify_accounts
from tests import factories as make
from tests.conftest import person
from tests.core.test_races import at_once
from tests.kit.queue import run_queue
from tests.kit.world import PAGES, notice

pytestmark = pytest.mark.django_db
PASSWORD = "pirogue-et-saut-2027"
REASON = "Appel du lycée : le calendrier ne s’affiche pas"
HOME = "/console/"


@pytest.fixture
def school(school_user):
    return school_user.schoolmemberships.get().organisation


@pytest.fixture
def acting(client_for, administrator, school_user):
    """The browser of an administrator who acts in the name of a school's member."""
    client = client_for(administrator)
    answer = client.post(reverse("access:act_for", args=[school_user.pk]), {"reason": REASON})
    assert answer.status_code == 302
    return client


# Who may, and in whose name


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR], ids=str)
def test_only_administrators_may(role, student_user, client_for):
    someone = person(role)
    answer = client_for(someone).post(reverse("access:act_for", args=[student_user.pk]), {"reason": REASON})
    assert answer.status_code == (302 if someone.is_anonymous else 403)
    assert not Impersonation.objects.exists()
    if someone.is_authenticated:
        assert AccessEvent.objects.filter(kind=AccessKind.IMPERSONATION_REFUSED, actor=someone).count() == 1
        with pytest.raises(PermissionDenied):
            start_impersonation(actor=someone, target=student_user, reason=REASON)


def test_never_in_the_name_of_another_administrator(administrator, client_for):
    other = make.user(Role.ADMINISTRATOR)
    answer = client_for(administrator).post(reverse("access:act_for", args=[other.pk]), {"reason": REASON})
    assert answer.status_code == 403
    assert "au nom d’un autre administrateur" in answer.content.decode()
    assert not Impersonation.objects.exists()
    with pytest.raises(PermissionDenied, match="autre administrateur"):
        start_impersonation(actor=administrator, target=other, reason=REASON)
    assert AccessEvent.objects.filter(kind=AccessKind.IMPERSONATION_REFUSED, actor=administrator).exists()


def test_neither_in_ones_own_name_nor_in_that_of_a_closed_account(administrator):
    closed = make.user(Role.STUDENT, is_active=False)
    for target in (administrator, closed):
        with pytest.raises(PermissionDenied):
            start_impersonation(actor=administrator, target=target, reason=REASON)


def test_the_account_of_the_tasks_is_not_there_to_choose(administrator, client_for):
    from pratik.accounts.services import system_actor

    page = reverse("access:act_for", args=[system_actor().pk])
    assert client_for(administrator).post(page, {"reason": REASON}).status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "aide", "x        y"])
def test_a_reason_that_says_nothing_is_refused_and_kept_on_the_page(
    reason, administrator, student_user, client_for
):
    page = reverse("access:act_for", args=[student_user.pk])
    answer = client_for(administrator).post(page, {"reason": reason})
    assert answer.status_code == 422
    assert reason.strip() in answer.content.decode()
    assert not Impersonation.objects.exists()
    with pytest.raises(ValidationError):
        start_impersonation(actor=administrator, target=student_user, reason=reason)


def test_looking_at_the_page_begins_nothing(administrator, student_user, client_for):
    client = client_for(administrator)
    page = client.get(reverse("access:act_for", args=[student_user.pk]))
    assert page.status_code == 200
    assert not Impersonation.objects.exists()
    assert str(administrator) in client.get(HOME).content.decode()


# What it is like


def test_the_administrator_sees_what_the_person_sees_and_nothing_more(acting, school):
    make.calendar(school=school, program_name="Bac pro du lycée")
    make.calendar(program_name="Bac pro d’ailleurs")
    page = acting.get(reverse("admin:calendars_internshipcalendar_changelist")).content.decode()
    assert "Bac pro du lycée" in page
    assert "Bac pro d’ailleurs" not in page
    assert acting.get(reverse("admin:security_accessevent_changelist")).status_code == 403


@pytest.mark.parametrize("path", [HOME, "/", "/calendriers/", "/compte/sessions/", "/compte/securite/"])
def test_every_page_says_so_with_the_way_back(acting, school_user, path):
    page = acting.get(path).content.decode()
    assert "Vous agissez au nom de" in page
    assert str(school_user) in page
    assert reverse("access:come_back") in page


def test_what_is_done_carries_both_names(acting, administrator, school_user, school):
    calendar = make.calendar(school=school)
    acting.post(
        reverse("admin:calendars_internshipcalendar_delete", args=[calendar.pk]), {"confirmed": "yes"}
    )
    assert not InternshipCalendar.objects.exists()
    done = Operation.objects.first()
    assert (done.actor, done.impersonator) == (school_user, administrator)
    page = acting.get(reverse("admin:core_operation_change", args=[done.pk])).content.decode()
    assert f"{administrator}, au nom de {school_user}" in page


def test_the_person_reads_it_among_their_data(acting, administrator, school_user):
    own = AccessEvent.objects.visible_to(school_user)
    line = own.get(kind=AccessKind.IMPERSONATION_STARTED)
    assert (line.actor, line.detail) == (administrator, REASON)


def test_the_person_is_told_who_until_when_and_why(administrator, student_user, mailoutbox):
    student_user.wants_email = False
    save_row(actor=administrator, row=student_user)
    begun = start_impersonation(actor=administrator, target=student_user, reason=REASON)
    told = Notice.objects.get(recipient=student_user)
    end = date_format(timezone.localtime(begun.expires_at), "TIME_FORMAT")
    for said in (str(administrator), REASON, end):
        assert said in told.body
    assert told.path == reverse("access:my_data")
    run_queue()
    assert [mail.to for mail in mailoutbox] == [[student_user.email]], "whatever the person prefers"


def test_nobody_is_told_of_what_was_refused(administrator):
    with pytest.raises(PermissionDenied):
        start_impersonation(actor=administrator, target=make.user(Role.ADMINISTRATOR), reason=REASON)
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "account_change_password",
        "account_reauthenticate",
        "mfa_activate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
    ],
)
def test_what_protects_the_account_is_closed(acting, name):
    assert acting.get(reverse(name)).status_code == 403
    assert acting.post(reverse(name), {}).status_code == 403


@pytest.mark.parametrize("name", ["access:my_data_download", "access:my_data_erasure"])
def test_the_persons_own_data_are_closed(acting, name):
    assert acting.post(reverse(name), {"format": "json"}).status_code == 403
    assert not AccessEvent.objects.filter(kind=AccessKind.DATA_DOWNLOADED).exists()


def test_who_the_person_is_to_the_platform_is_closed_on_their_page(acting, school_user):
    page = reverse("admin:accounts_user_change", args=[school_user.pk])
    form = acting.get(page).context_data["adminform"].form
    assert {"email", "account_type", "staff_role", "is_active"}.isdisjoint(form.fields)
    assert "phone" in form.fields
    typed = {name: form[name].value() or "" for name in form.fields if name != "avatar"}
    answer = acting.post(page, typed | {"email": "autre@example.org", "is_active": "", "first_name": "Ana"})
    assert answer.status_code == 302
    school_user.refresh_from_db()
    assert (school_user.first_name, school_user.is_active) == ("Ana", True)
    assert school_user.email != "autre@example.org"


@pytest.mark.parametrize(
    ("field", "value"),
    [("email", "autre@example.org"), ("is_active", False), ("account_type", "company")],
)
def test_no_service_changes_it_in_another_persons_name(administrator, student_user, field, value):
    """Whichever way the change comes: a form, a set, an undoing."""
    before = getattr(student_user, field)
    setattr(student_user, field, value)
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        save_row(actor=student_user, row=student_user)
    student_user.refresh_from_db()
    assert getattr(student_user, field) == before


def test_an_undoing_in_another_persons_name_does_not_either(administrator, editor, student_user):
    student_user.is_active = False
    with operation(kind=OperationKind.EDIT, actor=editor, subject=User) as running:
        save_row(actor=editor, row=student_user)
    with coming_from(Origin(impersonator=administrator)):
        report = undo_operation(actor=editor, operation=running.written)
    assert (report.done, len(report.left)) == (0, 1)
    assert not User.objects.get(pk=student_user.pk).is_active


def test_the_password_is_asked_for_once_more_unless_it_was_just_given(
    administrator, student_user, client_for
):
    page = reverse("access:act_for", args=[student_user.pk])
    QuerySet(User).filter(pk=administrator.pk).update(password=make_password(PASSWORD))
    client = client_for(User.objects.get(pk=administrator.pk))
    for answer in (client.get(page), client.post(page, {"reason": REASON})):
        assert answer.status_code == 302 and answer["Location"].startswith("/compte/confirmer/")
    assert not Impersonation.objects.exists()
    answer = client.post("/compte/confirmer/", {"password": PASSWORD, "next": page}, follow=True)
    assert answer.status_code == 200
    assert Impersonation.objects.get().target == student_user, "what was asked for is done then"
    client.post(reverse("access:come_back"))
    assert client.get(page).status_code == 200


def test_no_service_gives_another_password(administrator, student_user):
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        set_password(actor=student_user, user=student_user, password="pirogue-et-saut-2027")


def test_nobody_is_verified_in_another_persons_name(administrator, client_for, student_user):
    verifier = make.user(Role.VERIFIER)
    client = client_for(administrator)
    client.post(reverse("access:act_for", args=[verifier.pk]), {"reason": REASON})
    page = reverse("admin:accounts_user_verify", args=[student_user.pk])
    assert client.post(page, {"confirmed": "yes"}).status_code == 403
    student_user.refresh_from_db()
    assert not student_user.is_verified
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        verify_accounts(actor=verifier, pks=[student_user.pk])


def test_notices_stay_unread(acting, administrator, school_user):
    unread = notice(school_user)
    assert acting.get(reverse("admin:notifications_notice_change", args=[unread.pk])).status_code == 200
    chosen = {"action": "mark_read", "_selected_action": [unread.pk]}
    acting.post(reverse("admin:notifications_notice_changelist"), chosen)
    unread.refresh_from_db()
    assert unread.read_at is None
    acting.post(reverse("access:come_back"))
    assert mark_read(actor=school_user, pks=[unread.pk]) == 1


def test_an_export_carries_both_names(acting, administrator, school_user):
    make.calendar(school=school_user.schoolmemberships.get().organisation)
    resource = PAGES[InternshipCalendar].resource_classes[0]
    columns = {f"{resource.__name__.lower()}_{name}": "on" for name in resource(actor=school_user).fields}
    acting.post(
        reverse("admin:calendars_internshipcalendar_export"), {"format": "1", "resource": "0", **columns}
    )
    line = AccessEvent.objects.get(kind=AccessKind.EXPORT)
    assert (line.actor, line.impersonator) == (school_user, administrator)


@pytest.mark.parametrize("name", ["usersessions_list", "access:security"])
def test_sessions_and_protection_are_not_even_read(acting, name):
    answer = acting.get(reverse(name))
    assert answer.status_code == 403
    assert "n’est ouverte qu’à la personne même" in answer.content.decode()
    assert acting.post(reverse(name), {}).status_code in (403, 405)
    acting.post(reverse("access:come_back"))
    assert acting.get(reverse(name)).status_code == 200, "one's own stay open"


def test_no_second_one_from_within(acting, administrator, school_user, student_user):
    answer = acting.post(reverse("access:act_for", args=[student_user.pk]), {"reason": REASON})
    assert answer.status_code == 403
    assert Impersonation.objects.count() == 1
    line = AccessEvent.objects.get(kind=AccessKind.IMPERSONATION_REFUSED)
    assert (line.actor, line.impersonator) == (school_user, administrator)
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        start_impersonation(actor=administrator, target=student_user, reason=REASON)


# How it ends


def test_coming_back(acting, administrator, school_user):
    answer = acting.post(reverse("access:come_back"))
    assert answer["Location"] == reverse("admin:accounts_user_change", args=[school_user.pk])
    assert "Vous agissez" not in acting.get(HOME).content.decode()
    assert acting.get(reverse("admin:security_accessevent_changelist")).status_code == 200
    ended = Impersonation.objects.get()
    assert ended.ended_how == ImpersonationEnd.RETURNED
    assert AccessEvent.objects.filter(kind=AccessKind.IMPERSONATION_ENDED, subject="accounts.user").exists()
    # The window that was left open ends nothing twice.
    assert acting.post(reverse("access:come_back")).status_code == 302


def test_coming_back_is_told_as_the_administrators_own_act(acting, administrator, school_user):
    acting.post(reverse("access:come_back"))
    line = AccessEvent.objects.get(kind=AccessKind.IMPERSONATION_ENDED)
    assert (line.actor, line.impersonator) == (administrator, None)
    assert AccessEvent.objects.visible_to(school_user).filter(pk=line.pk).exists()


def test_coming_back_is_an_act(acting):
    assert acting.get(reverse("access:come_back")).status_code == 405
    assert Impersonation.objects.get().ended_at is None


def _let_time_pass():
    Impersonation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def test_after_its_time_it_ends_by_itself(acting):
    _let_time_pass()
    page = acting.get(HOME).content.decode()
    assert "vous êtes dans votre propre compte" in page
    assert Impersonation.objects.get().ended_how == ImpersonationEnd.EXPIRED


def test_what_is_sent_too_late_is_not_done_in_the_administrators_own_name(acting, school):
    calendar = make.calendar(school=school)
    _let_time_pass()
    answer = acting.post(
        reverse("admin:calendars_internshipcalendar_delete", args=[calendar.pk]), {"confirmed": "yes"}
    )
    assert answer["Location"] == HOME
    assert InternshipCalendar.objects.filter(pk=calendar.pk).exists()


def test_an_administrator_who_is_demoted_loses_it_at_once(acting, administrator):
    administrator.staff_role = Role.EDITOR
    save_row(actor=make.user(Role.ADMINISTRATOR), row=administrator)
    assert "Vous agissez au nom" not in acting.get(HOME).content.decode()
    assert Impersonation.objects.get().ended_how == ImpersonationEnd.NO_LONGER_ALLOWED


def test_a_person_who_becomes_an_administrator_is_left_at_once(administrator, client_for):
    target = make.user(Role.EDITOR)
    client = client_for(administrator)
    client.post(reverse("access:act_for", args=[target.pk]), {"reason": REASON})
    target.staff_role = Role.ADMINISTRATOR
    save_row(actor=administrator, row=target)
    assert "Vous agissez au nom" not in client.get(HOME).content.decode()


@pytest.mark.parametrize("name", ["account_logout", "admin:logout"])
def test_signing_out_ends_both(acting, administrator, name):
    acting.post(reverse(name))
    assert acting.get(HOME).status_code == 302
    assert Impersonation.objects.get().ended_how == ImpersonationEnd.SIGNED_OUT
    left = AccessEvent.objects.get(kind=AccessKind.SIGN_OUT)
    assert (left.actor, left.impersonator) == (administrator, None)


def test_the_question_before_signing_out_ends_nothing(acting):
    assert acting.get(reverse("account_logout")).status_code == 200
    assert Impersonation.objects.get().ended_at is None
    assert "Vous agissez au nom de" in acting.get(HOME).content.decode()


def test_an_administrator_whose_account_is_closed_is_out_at_once(acting, administrator):
    administrator.is_active = False
    save_row(actor=make.user(Role.ADMINISTRATOR), row=administrator)
    answer = acting.get(HOME)
    assert answer.status_code == 302 and reverse("admin:login") in answer["Location"]
    assert Impersonation.objects.get().ended_how == ImpersonationEnd.NO_LONGER_ALLOWED


def test_an_administrator_whose_password_was_changed_is_out_at_once(acting, administrator):
    set_password(actor=administrator, user=administrator, password="pirogue-et-saut-2027")
    answer = acting.get(HOME)
    assert answer.status_code == 302 and "Vous agissez" not in acting.get("/").content.decode()


def test_a_person_whose_account_is_closed_is_left_at_once(acting, school_user):
    school_user.is_active = False
    save_row(actor=make.user(Role.ADMINISTRATOR), row=school_user)
    assert "Vous agissez au nom" not in acting.get(HOME).content.decode()
    assert Impersonation.objects.get().ended_how == ImpersonationEnd.NO_LONGER_ALLOWED


def test_one_that_ended_elsewhere_is_over_here_too(acting, administrator, school_user):
    """Another window of the administrator came back, or began with somebody else."""
    end_impersonation(administrator=administrator, pk=Impersonation.objects.get().pk)
    assert "Vous agissez au nom" not in acting.get(HOME).content.decode()


def test_one_that_no_browser_came_back_to_is_ended_by_the_clock(administrator, student_user):
    begun = start_impersonation(actor=administrator, target=student_user, reason=REASON)
    assert end_expired_impersonations(now=begun.expires_at - timedelta(seconds=1)) == 0
    assert end_expired_impersonations(now=begun.expires_at) == 1
    assert end_expired_impersonations(now=begun.expires_at) == 0
    begun.refresh_from_db()
    assert (begun.ended_how, begun.ended_at) == (ImpersonationEnd.EXPIRED, begun.expires_at)
    assert AccessEvent.objects.filter(kind=AccessKind.IMPERSONATION_ENDED).count() == 1


def test_it_lasts_half_an_hour(administrator, student_user):
    begun = start_impersonation(actor=administrator, target=student_user, reason=REASON)
    assert begun.expires_at - begun.started_at == timedelta(minutes=30)
    still = begun.expires_at - timedelta(seconds=1)
    assert running_impersonation(administrator=administrator, pk=begun.pk, now=still) == begun
    assert running_impersonation(administrator=administrator, pk=begun.pk, now=begun.expires_at) is None


def test_the_key_of_another_administrators_impersonation_opens_nothing(acting, client_for):
    thief = make.user(Role.ADMINISTRATOR)
    assert running_impersonation(administrator=thief, pk=Impersonation.objects.get().pk) is None
    client = client_for(thief)
    session = client.session
    session["acting_for"] = Impersonation.objects.get().pk
    session.save()
    assert "Vous agissez au nom" not in client.get(HOME).content.decode()
    assert Impersonation.objects.get().ended_at is None


def test_beginning_again_ends_the_one_before(administrator, student_user, school_user):
    first = start_impersonation(actor=administrator, target=student_user, reason=REASON)
    start_impersonation(actor=administrator, target=school_user, reason=REASON)
    first.refresh_from_db()
    assert first.ended_how == ImpersonationEnd.RETURNED
    assert Impersonation.objects.filter(ended_at=None).count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_windows_at_once_leave_one(transactional_db):
    administrator = make.user(Role.ADMINISTRATOR)
    targets = [make.user(Role.STUDENT) for _ in range(4)]
    at_once(
        *(
            lambda target=target: start_impersonation(actor=administrator, target=target, reason=REASON)
            for target in targets
        )
    )
    assert Impersonation.objects.count() == 4
    assert Impersonation.objects.filter(ended_at=None).count() == 1


# The list


def test_the_list_is_for_administrators_and_auditors(everyone, client_for):
    make.impersonation()
    answer = client_for(everyone).get(reverse("admin:security_impersonation_changelist"))
    if everyone.is_anonymous:
        assert answer.status_code == 302
    elif everyone.role in (Role.ADMINISTRATOR, Role.AUDITOR):
        assert len(answer.context_data["cl"].result_list) == 1
    else:
        assert answer.status_code == 403


def test_the_button_is_where_it_may_be_pressed(administrator, client_for, student_user):
    client = client_for(administrator)
    for target in (student_user, make.user(Role.ADMINISTRATOR)):
        page = client.get(reverse("admin:accounts_user_change", args=[target.pk])).content.decode()
        shown = reverse("access:act_for", args=[target.pk]) in page
        assert shown == (target.role not in STAFF_ROLES)
