"""The journal of accesses: who did what, when, from where; written once, seen by those who answer for it."""

from datetime import datetime, timedelta

import pytest
from django.db import models
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime

from backoffice.base.downloads import private_download
from pratik.accounts.enums import AccountType, Role
from pratik.accounts.models import User
from pratik.accounts.services import create_account
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import Origin, coming_from
from pratik.core.services import save_row
from pratik.core.undo import undo_operation
from pratik.core.writes import update_rows
from pratik.security.enums import AccessKind
from pratik.security.models import AccessEvent
from pratik.security.services import forget_old_events, record
from tests import factories as make

pytestmark = pytest.mark.django_db


def empty_journal():
    """Forgets that the people of the test have just been given their accounts."""
    lines = models.QuerySet(AccessEvent)
    lines._raw_delete(lines.db)


@pytest.fixture
def administrator(administrator):
    empty_journal()
    return administrator


def kinds():
    return list(AccessEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_a_line_says_who_when_and_from_where(administrator):
    with coming_from(Origin(address="203.0.113.7", device="Mozilla/5.0 (X11; Linux) Firefox/130.0")):
        record(kind=AccessKind.SIGN_IN, actor=administrator)
    line = AccessEvent.objects.get()
    assert (line.actor, line.actor_label) == (administrator, str(administrator))
    assert line.address == "203.0.113.7"
    assert line.device_name == "Firefox sous Linux"
    assert timezone.now() - line.happened_at < timedelta(seconds=10)


def test_a_failure_keeps_what_was_typed_and_nobody_is_named():
    line = record(kind=AccessKind.SIGN_IN_FAILED, detail="inconnue@example.org")
    assert line.actor is None
    assert line.actor_label == "inconnue@example.org"


def test_the_owner_of_an_account_reads_of_attempts_to_open_it(student_user):
    with coming_from(Origin(address="203.0.113.7")):
        line = record(kind=AccessKind.SIGN_IN_FAILED, detail=f" {student_user.email.upper()} ")
        record(kind=AccessKind.SIGN_IN_FAILED, detail="inconnue@example.org")
    failed = AccessEvent.objects.visible_to(student_user).filter(kind=AccessKind.SIGN_IN_FAILED)
    assert list(failed) == [line]
    assert line.actor is None, "who tried is not known"


def test_what_is_too_long_is_cut(administrator):
    with coming_from(Origin(device="x" * 2_000)):
        line = record(kind=AccessKind.SIGN_IN, actor=administrator, detail="é" * 2_000)
    assert (len(line.device), len(line.detail)) == (300, 500)
    anonymous = record(kind=AccessKind.SIGN_IN_FAILED, detail="é" * 2_000)
    assert len(anonymous.actor_label) == 254


def test_a_line_is_never_changed_nor_removed_by_hand(administrator):
    line = record(kind=AccessKind.SIGN_IN, actor=administrator)
    line.detail = "autre chose"
    with pytest.raises(TypeError):
        line.save()
    with pytest.raises(TypeError):
        line.delete()
    with pytest.raises(TypeError):
        AccessEvent.objects.update(detail="autre chose")
    with pytest.raises(TypeError):
        AccessEvent.objects.all().delete()
    assert AccessEvent.objects.get().detail == ""


def test_administrators_and_auditors_see_every_line_others_their_own(everyone):
    stranger = make.user(Role.STUDENT)
    record(kind=AccessKind.SIGN_IN, actor=stranger)
    seen = AccessEvent.objects.visible_to(everyone)
    if everyone.is_anonymous:
        assert not seen.exists()
        return
    own = record(kind=AccessKind.SIGN_IN, actor=everyone)
    done_to = record(kind=AccessKind.ACCOUNT_CLOSED, actor=stranger, subject=everyone)
    assert {own.pk, done_to.pk} <= set(seen.values_list("pk", flat=True))
    assert seen.filter(actor=stranger).exclude(pk=done_to.pk).exists() == (
        everyone.role in (Role.ADMINISTRATOR, Role.AUDITOR)
    )
    assert not AccessEvent.objects.editable_by(everyone).exists()


@override_settings(ACCESS_EVENTS_KEPT_DAYS=365)
def test_lines_are_kept_a_year(administrator):
    record(kind=AccessKind.SIGN_IN, actor=administrator)
    kept_until = AccessEvent.objects.get().happened_at + timedelta(days=365)
    assert forget_old_events(now=kept_until - timedelta(minutes=1)) == 0
    assert forget_old_events(now=kept_until + timedelta(minutes=1)) == 1
    assert not AccessEvent.objects.exists()


@override_settings(ACCESS_EVENTS_KEPT_DAYS=0)
def test_a_mistyped_setting_does_not_empty_the_journal(administrator):
    record(kind=AccessKind.SIGN_IN, actor=administrator)
    assert forget_old_events(now=timezone.now() + timedelta(days=29)) == 0


def test_many_old_lines_go_in_batches(administrator, monkeypatch):
    monkeypatch.setattr("pratik.security.services.BATCH", 2)
    for _ in range(5):
        record(kind=AccessKind.SIGN_IN, actor=administrator)
    assert forget_old_events(now=timezone.now() + timedelta(days=400)) == 5


# What changes an account's rights


@pytest.fixture
def person(administrator):
    account = make.user(Role.EDITOR)
    empty_journal()
    return account


def test_opening_an_account_is_told(administrator):
    account = create_account(
        actor=administrator, email="nouvelle@example.org", account_type=AccountType.STUDENT
    )
    line = AccessEvent.objects.get(object_pk=str(account.pk))
    assert (line.kind, line.actor) == (AccessKind.ACCOUNT_OPENED, administrator)
    assert line.detail == "Étudiant"


def test_another_role_is_told_with_the_old_and_the_new(administrator, person):
    person.staff_role = Role.VERIFIER
    save_row(actor=administrator, row=person)
    line = AccessEvent.objects.get()
    assert line.kind == AccessKind.ROLE_CHANGED
    assert line.detail == "Éditeur → Vérificateur"
    assert line.object_pk == str(person.pk)


def test_closing_and_opening_again_are_told(administrator, person):
    person.is_active = False
    save_row(actor=administrator, row=person)
    person.is_active = True
    save_row(actor=administrator, row=person)
    assert kinds() == [AccessKind.ACCOUNT_CLOSED, AccessKind.ACCOUNT_OPENED]


def test_another_telephone_is_no_change_of_rights(administrator, person):
    person.first_name = "Ana"
    save_row(actor=administrator, row=person)
    assert kinds() == []


def test_a_change_in_sets_is_told_for_each(administrator, person, django_assert_max_num_queries):
    others = [make.user(Role.EDITOR) for _ in range(20)]
    empty_journal()
    for account in others:
        account.staff_role = Role.AUDITOR
    with (
        django_assert_max_num_queries(14),
        operation(kind=OperationKind.EDIT, actor=administrator, subject=type(person)),
    ):
        update_rows(others, {"staff_role"})
    assert kinds() == [AccessKind.ROLE_CHANGED] * 20


def test_undoing_gives_the_role_back_and_is_told(administrator, person):
    person.staff_role = Role.ADMINISTRATOR
    with operation(kind=OperationKind.EDIT, actor=administrator, subject=type(person)) as running:
        save_row(actor=administrator, row=person)
    undo_operation(actor=administrator, operation=running.written)
    details = list(AccessEvent.objects.order_by("pk").values_list("detail", flat=True))
    assert details == ["Éditeur → Administrateur", "Administrateur → Éditeur"]


def test_a_refused_change_leaves_no_line(administrator, person):
    person.staff_role = ""
    with pytest.raises(Exception, match="équipe"):
        save_row(actor=administrator, row=person)
    assert kinds() == []


def test_an_account_made_from_the_command_line_is_told():
    account = User.objects.create_superuser("premiere@example.org", password="carbet-du-matin-2026")
    line = AccessEvent.objects.get(kind=AccessKind.ACCOUNT_OPENED, object_pk=str(account.pk))
    assert line.actor == User.objects.system_actor()
    assert "Administrateur" in line.detail


# What leaves the console


def test_an_export_is_told_with_its_list_and_its_size(client_for, administrator):
    make.school()
    make.school()
    answer = client_for(administrator).post(
        reverse("admin:schools_schoolprofile_export"),
        {"format": "0", "resource": "0", "schoolresource_uai": "on"},
    )
    assert "attachment" in answer["Content-Disposition"]
    line = AccessEvent.objects.get(kind=AccessKind.EXPORT)
    assert (line.actor, line.subject) == (administrator, "schools.schoolprofile")
    assert line.detail == "2 lignes, Excel (XLSX)"


def test_rows_that_are_downloaded_are_a_file_that_was_opened(client_for, school_user):
    client = client_for(school_user)
    answer = client.post(
        reverse("admin:calendars_internshipcalendar_import"),
        {"pasted": "Filière;Début\nBac pro;pas une date"},
    )
    client.get(f"{answer['Location']}refused.xlsx")
    line = AccessEvent.objects.get(kind=AccessKind.FILE_OPENED)
    assert line.actor == school_user
    assert line.subject == "core.upload"
    assert line.detail.startswith("Lignes refusées de")


def test_a_private_file_is_kept_by_no_cache(rf, school_user):
    request = rf.get("/")
    request.user = school_user
    answer = private_download(
        request, row=school_user, detail="Relevé", content=b"x", name="releve.txt", content_type="text/plain"
    )
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="releve.txt"'
    assert AccessEvent.objects.get(kind=AccessKind.FILE_OPENED).detail == "Relevé"


def test_nothing_is_told_of_a_file_that_was_not_handed_out(client_for, school_user):
    client = client_for(school_user)
    page = reverse("admin:calendars_internshipcalendar_import_refused", args=[999_999])
    assert client.get(page).status_code == 404
    assert not AccessEvent.objects.filter(kind=AccessKind.FILE_OPENED).exists()


# The list


def test_the_journal_is_searched_by_the_words_of_its_natures(client_for, auditor):
    empty_journal()
    record(kind=AccessKind.SIGN_IN_FAILED, detail="ana@example.org")
    record(kind=AccessKind.LOCKED_OUT, detail="bo@example.org")
    client = client_for(auditor)

    def found(words):
        page = client.get(reverse("admin:security_accessevent_changelist"), {"q": words})
        return {line.actor_label for line in page.context_data["cl"].result_list}

    label = str(AccessKind.SIGN_IN_FAILED.label)
    assert found(label) == found(label.upper()) == {"ana@example.org"}
    assert found(f"{label} ana") == {"ana@example.org"}
    assert found(f"{label} bo") == set()


def test_the_journal_tells_the_second(client_for, auditor):
    moment = timezone.make_aware(datetime(2027, 3, 5, 14, 7, 9))
    line = make.access_event()
    models.QuerySet(AccessEvent).filter(pk=line.pk).update(happened_at=moment)
    client = client_for(auditor)
    for page in (
        reverse("admin:security_accessevent_changelist"),
        reverse("admin:security_accessevent_change", args=[line.pk]),
    ):
        assert "05/03/2027 14:07:09" in client.get(page).content.decode()


def test_auditors_search_by_name_address_and_place(client_for, auditor):
    with coming_from(Origin(address="203.0.113.77")):
        record(kind=AccessKind.SIGN_IN_FAILED, detail="jérôme@example.org")
    record(kind=AccessKind.SIGN_IN_FAILED, detail="autre@example.org")
    client = client_for(auditor)
    for words in ("jerome", "203.0.113.77", "JÉRÔME@example"):
        page = client.get(reverse("admin:security_accessevent_changelist"), {"q": words})
        assert [line.actor_label for line in page.context_data["cl"].result_list] == ["jérôme@example.org"]


def shown(client, **parameters):
    page = client.get(reverse("admin:security_accessevent_changelist"), parameters)
    return {line.pk for line in page.context_data["cl"].result_list}


def test_an_address_is_looked_up_whole_however_it_is_written(client_for, auditor):
    lines = {}
    for address in ("203.0.113.7", "203.0.113.77", "2001:db8::7"):
        with coming_from(Origin(address=address)):
            lines[address] = record(kind=AccessKind.SIGN_IN_FAILED, detail="x").pk
    client = client_for(auditor)
    assert shown(client, q="203.0.113.7") == {lines["203.0.113.7"]}
    assert shown(client, q=" 2001:0DB8:0::7 ") == {lines["2001:db8::7"]}


def test_a_person_is_found_by_what_they_did_and_by_what_was_done_to_them(client_for, auditor, administrator):
    person = make.user(Role.STUDENT, first_name="Zéphyrin", last_name="Dupont-Aïmara")
    empty_journal()
    did = record(kind=AccessKind.SIGN_IN, actor=person)
    undergone = record(kind=AccessKind.ACCOUNT_CLOSED, actor=administrator, subject=person)
    record(kind=AccessKind.SIGN_IN, actor=administrator)
    client = client_for(auditor)
    assert shown(client, q="zephyrin") == {did.pk, undergone.pk}
    assert shown(client, q="Zéphyrin AIMARA") == {did.pk, undergone.pk}
    assert shown(client, q="zephyrin inconnu") == set()
    page = client.get(reverse("admin:security_accessevent_changelist"), {"q": "zephyrin"}).content.decode()
    assert reverse("admin:accounts_user_change", args=[person.pk]) in page
    page = client.get(reverse("admin:security_accessevent_change", args=[undergone.pk])).content.decode()
    assert str(person) in page


def test_filters_by_kind_day_person_and_whether_impersonated(client_for, auditor, administrator, school_user):
    empty_journal()
    with coming_from(Origin(impersonator=administrator)):
        for_another = record(kind=AccessKind.EXPORT, actor=school_user)
    own = record(kind=AccessKind.SIGN_IN, actor=school_user)
    hers = record(kind=AccessKind.SIGN_IN, actor=administrator)
    client = client_for(auditor)
    assert shown(client, kind__in=AccessKind.EXPORT) == {for_another.pk}
    assert shown(client, actor__id__exact=school_user.pk) == {for_another.pk, own.pk}
    assert shown(client, impersonator__isnull="False") == {for_another.pk}
    assert shown(client, impersonator__isnull="True") == {own.pk, hers.pk}
    day = localtime(own.happened_at).date()
    before, after = (day + timedelta(days=days) for days in (-1, 1))
    everything = {for_another.pk, own.pk, hers.pk}
    assert shown(client, happened_at_from=day.isoformat(), happened_at_to=day.isoformat()) == everything
    assert shown(client, happened_at_from=after.isoformat()) == set()
    assert shown(client, happened_at_to=f"{before:%d/%m/%Y}") == set()
    assert shown(client, happened_at_from="hier", happened_at_to="31/02/2026") == everything


def test_nothing_in_it_can_be_typed_changed_or_removed(client_for, administrator):
    line = record(kind=AccessKind.SIGN_IN, actor=administrator)
    client = client_for(administrator)
    pages = [reverse("admin:security_accessevent_add")]
    pages += [reverse(f"admin:security_accessevent_{what}", args=[line.pk]) for what in ("change", "delete")]
    for page in pages:
        assert client.post(page, {"detail": "autre chose", "post": "yes"}).status_code == 403, page
    assert AccessEvent.objects.get(pk=line.pk).detail == ""
    form = client.get(reverse("admin:security_accessevent_changelist")).context_data["action_form"]
    assert [name for name, _label in form.fields["action"].choices if name] == ["export_admin_action"]


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VERIFIER, Role.SCHOOL, Role.STUDENT], ids=str)
def test_nobody_else_opens_the_journal(client_for, role):
    client = client_for(make.user(role))
    assert client.get(reverse("admin:security_accessevent_changelist")).status_code == 403
