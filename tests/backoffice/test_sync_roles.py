"""Django's groups and permissions follow the table of roles; rights never come from them."""

import io

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.roles import TABLE, granted
from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.models import Operation
from tests import factories as make
from tests.conftest import person

pytestmark = pytest.mark.django_db

ACCOUNTS = [role for role in Role if role != Role.ANONYMOUS]


def sync(*options):
    """Runs the command. Returns its exit status and what it said."""
    out = io.StringIO()
    try:
        call_command("sync_roles", *options, stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue()
    return 0, out.getvalue()


def held(group):
    """The permissions of a group, named as Django names them."""
    names = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in names}


@pytest.fixture
def accounts():
    return {role: person(role) for role in ACCOUNTS}


@pytest.fixture
def synced(accounts):
    sync()
    return accounts


def test_each_role_has_a_group_with_exactly_its_rights_and_its_accounts(synced):
    assert set(Group.objects.values_list("name", flat=True)) == {role.value for role in TABLE}
    for role, account in synced.items():
        group = Group.objects.get(name=role)
        assert held(group) == granted(role), role
        assert [found.name for found in account.groups.all()] == [role]


def test_what_is_added_is_said_by_name(accounts):
    status, said = sync()
    assert status == 0
    for line in (
        "+ group school\n",
        "+ permission calendars.import_internshipcalendar\n",
        "+ group school: calendars.import_internshipcalendar\n",
        f"+ group school: {accounts[Role.SCHOOL].email}\n",
    ):
        assert line in said


def test_second_run_does_nothing(synced):
    operations = Operation.objects.count()
    assert sync() == (0, "0 added, 0 removed\n")
    assert Operation.objects.count() == operations


def drift(synced):
    """Everything that can be too much or too little, made by hand. Returns the lines that should tell it."""
    school, editor, auditor = synced[Role.SCHOOL], synced[Role.EDITOR], synced[Role.AUDITOR]
    groups = {group.name: group for group in Group.objects.all()}
    invented = Permission.objects.create(
        content_type=ContentType.objects.get_for_model(User), codename="invent_user", name="invent"
    )
    lost = Permission.objects.get(codename="import_schoolprofile")
    groups["school"].permissions.add(Permission.objects.get(codename="delete_user"))
    groups["editor"].permissions.remove(lost)
    school.user_permissions.add(invented)
    school.groups.add(groups["administrator"])
    editor.groups.clear()
    Group.objects.create(name="Ancien groupe").permissions.add(invented)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_superuser = %s WHERE id = %s", [True, auditor.pk])
    return {
        "- group school: accounts.delete_user",
        "+ group editor: schools.import_schoolprofile",
        f"- permissions of one account: {school.email}",
        f"- group administrator: {school.email}",
        f"+ group editor: {editor.email}",
        f"- superuser flag: {auditor.email}",
        "- permission accounts.invent_user",
        "- group Ancien groupe",
    }


def test_drift_is_found_without_writing_and_then_mended(synced):
    expected = drift(synced)
    before = list(Group.permissions.through.objects.order_by("pk").values())
    status, said = sync("--check")
    assert status == 1
    assert set(said.splitlines()[:-1]) == expected
    assert said.splitlines()[-1] == "2 to add, 6 to remove"
    assert list(Group.permissions.through.objects.order_by("pk").values()) == before
    assert User.objects.filter(is_superuser=True).exists()

    status, said = sync()
    assert status == 0
    assert set(said.splitlines()[:-1]) == expected
    assert not User.objects.filter(is_superuser=True).exists()
    assert not User.user_permissions.through.objects.exists()
    assert not Permission.objects.filter(codename="invent_user").exists()
    assert sync("--check") == (0, "0 to add, 0 to remove\n")
    test_each_role_has_a_group_with_exactly_its_rights_and_its_accounts(synced)


def test_removed_flag_is_in_the_history_of_the_account(synced):
    drift(synced)
    sync()
    line = synced[Role.AUDITOR].history.order_by("-history_id").first()
    assert line.is_superuser is False
    assert line.operation.actor.email.startswith("taches@")


def test_account_that_changes_its_role_changes_its_group(synced, administrator):
    from pratik.core.services import save_row

    sync()
    account = User.objects.get(pk=synced[Role.EDITOR].pk)
    account.staff_role = Role.VERIFIER
    save_row(actor=administrator, row=account)
    _status, said = sync()
    assert said.splitlines()[:-1] == [
        f"+ group verifier: {account.email}",
        f"- group editor: {account.email}",
    ]
    assert [group.name for group in account.groups.all()] == ["verifier"]


def test_many_accounts_take_as_many_queries_as_few():
    def asked(number):
        make.saved(
            *(
                User(email=f"eleve{make._number()}@example.org", account_type="student", password="!")
                for _ in range(number)
            )
        )
        with CaptureQueriesContext(connection) as queries:
            _status, said = sync()
        return len(queries), said

    sync()
    few, _said = asked(30)
    many, said = asked(600)
    assert many == few
    assert "+ group student: 580 more accounts\n" in said
    assert User.objects.filter(groups__name="student").count() == 630


@pytest.mark.parametrize("role", ACCOUNTS, ids=str)
def test_neither_flag_nor_group_nor_permission_gives_a_right(role):
    """Django asks the superuser flag before any backend; here it gives nothing, nor do rows of any kind."""
    account = person(role)
    group = Group.objects.create(name="tout")
    group.permissions.set(Permission.objects.all())
    account.groups.add(group)
    account.user_permissions.set(Permission.objects.all())
    account.is_superuser = True
    assert account.get_all_permissions() == granted(role)
    for permission in Permission.objects.select_related("content_type"):
        name = f"{permission.content_type.app_label}.{permission.codename}"
        assert account.has_perm(name) == (name in granted(role)), name
        assert account.has_perms([name]) == account.has_perm(name)
    assert account.has_module_perms("accounts")
    assert not account.has_module_perms("sessions")
    account.is_active = False
    assert account.get_all_permissions() == set()


def test_flag_gives_nothing_where_django_waits_for_the_answer(student_user):
    from asgiref.sync import async_to_sync

    student_user.is_superuser = True
    assert async_to_sync(student_user.ahas_perm)("accounts.view_studentprofile")
    assert not async_to_sync(student_user.ahas_perm)("accounts.delete_user")
    assert not async_to_sync(student_user.ahas_module_perms)("sessions")
    assert async_to_sync(student_user.ahas_module_perms)("accounts")


def test_superuser_flag_opens_no_page_of_the_console(client_for):
    account = make.student().user
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_user SET is_superuser = %s WHERE id = %s", [True, account.pk])
    client = client_for(User.objects.get(pk=account.pk))
    assert client.get("/console/django_q/schedule/").status_code == 403
    assert client.get("/console/schools/schoolprofile/add/").status_code == 403
