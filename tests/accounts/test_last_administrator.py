"""Somebody is always left who manages the platform: the last active administrator stays one."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

from pratik.accounts.enums import AccountType, Role, StaffRole
from pratik.accounts.models import User
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.operations import operation
from pratik.core.services import save_row
from pratik.core.undo import revert_row, undo_operation
from pratik.core.writes import delete_rows, set_columns, update_rows
from tests import factories as make
from tests.core.test_races import at_once, while_locked

pytestmark = pytest.mark.django_db

SENTENCE = "dernier administrateur actif"
CHANGES = {
    "closed": {"is_active": False},
    "another role": {"staff_role": StaffRole.EDITOR},
    "no more of the team": {"account_type": AccountType.STUDENT, "staff_role": ""},
}


def changed(user, **values):
    """The account as a form would send it."""
    row = User.objects.get(pk=user.pk)
    for name, value in values.items():
        setattr(row, name, value)
    return row


def still_one(user):
    return User.objects.administrators().filter(pk=user.pk).exists()


@pytest.fixture(params=CHANGES.values(), ids=CHANGES)
def values(request):
    return request.param


def test_a_form_keeps_the_last_one(administrator, values):
    make.user(Role.ADMINISTRATOR, is_active=False)
    operations = Operation.objects.count()
    with pytest.raises(ValidationError, match=SENTENCE):
        save_row(actor=administrator, row=changed(administrator, **values))
    assert still_one(administrator) and Operation.objects.count() == operations


def test_one_of_two_goes(administrator, values):
    other = make.user(Role.ADMINISTRATOR)
    save_row(actor=administrator, row=changed(other, **values))
    assert not still_one(other)
    with pytest.raises(ValidationError, match=SENTENCE):
        save_row(actor=administrator, row=changed(administrator, **values))


def test_a_set_of_rows_keeps_them_all_when_none_would_be_left(administrator):
    other = make.user(Role.ADMINISTRATOR)
    both = [administrator.pk, other.pk]
    with (
        pytest.raises(ValidationError, match=SENTENCE),
        operation(kind=OperationKind.IMPORT, actor=administrator, subject=User),
    ):
        update_rows([changed(who, is_active=False) for who in (administrator, other)], ["is_active"])
    with (
        pytest.raises(ValidationError, match=SENTENCE),
        operation(kind=OperationKind.EDIT, actor=administrator, subject=User),
    ):
        set_columns(User, both, is_active=False)
    with (
        pytest.raises(ValidationError, match=SENTENCE),
        operation(kind=OperationKind.DELETE, actor=make.user(Role.EDITOR), subject=User),
    ):
        delete_rows(User, both)
    assert still_one(administrator) and still_one(other)


def test_taking_back_the_appointment_of_the_last_one_leaves_them_with_the_sentence(administrator):
    """Appointed by somebody who then left: to take the appointment back would leave nobody."""
    heir, editor = make.user(Role.EDITOR), make.user(Role.EDITOR)
    save_row(actor=administrator, row=changed(heir, staff_role=StaffRole.ADMINISTRATOR))
    appointment = Operation.objects.latest("pk")
    heir = User.objects.get(pk=heir.pk)
    save_row(actor=heir, row=changed(administrator, is_active=False))
    report = undo_operation(actor=heir, operation=appointment)
    assert report.done == 0
    [left] = report.left
    assert left.pk == heir.pk and SENTENCE in left.reason
    assert still_one(heir)
    line = User.history.filter(id=heir.pk).earliest("history_id")
    with pytest.raises(ValidationError, match=SENTENCE):
        revert_row(actor=heir, row=User.objects.get(pk=heir.pk), line=line)
    save_row(actor=heir, row=changed(editor, first_name="Maïté"))


def test_the_rest_of_the_last_ones_account_changes_freely(administrator):
    save_row(actor=administrator, row=changed(administrator, first_name="Rosange"))
    assert User.objects.get(pk=administrator.pk).first_name == "Rosange"


def test_accounts_change_on_a_platform_that_has_no_administrator_yet(editor):
    """Before the first one is made, and where somebody closed the last one in the database itself."""
    former = make.user(Role.ADMINISTRATOR)
    make.user(Role.ADMINISTRATOR)
    save_row(actor=make.user(Role.ADMINISTRATOR), row=changed(former, is_active=False))
    models.QuerySet(User).filter(staff_role=StaffRole.ADMINISTRATOR).update(is_active=False)
    student = make.user(Role.STUDENT)
    save_row(actor=editor, row=changed(student, is_active=False))
    assert not User.objects.get(pk=student.pk).is_active


def test_the_page_says_so_and_keeps_what_was_typed(administrator, client_for):
    page = reverse("admin:accounts_user_change", args=[administrator.pk])
    client = client_for(administrator)
    form = client.get(page).context["adminform"].form
    typed = {name: form[name].value() or "" for name in form.fields if name not in ("is_active", "avatar")}
    answer = client.post(page, typed | {"first_name": "Rosange"})
    assert answer.status_code == 200
    assert SENTENCE in answer.content.decode()
    assert answer.context["adminform"].form["first_name"].value() == "Rosange"
    assert still_one(administrator)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_administrators_close_each_other_at_once():
    one, two = make.user(Role.ADMINISTRATOR), make.user(Role.ADMINISTRATOR)
    results = at_once(
        lambda: save_row(actor=one, row=changed(two, is_active=False)),
        lambda: save_row(actor=two, row=changed(one, is_active=False)),
    )
    refused = [result for result in results if isinstance(result, ValidationError)]
    assert [error.code for error in refused] == ["last_administrator"], results
    assert User.objects.administrators().count() == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_who_waits_sees_what_the_other_did():
    one, two = make.user(Role.ADMINISTRATOR), make.user(Role.ADMINISTRATOR)
    result = while_locked(
        lambda: save_row(actor=one, row=changed(two, is_active=False)),
        lambda: save_row(actor=two, row=changed(one, staff_role=StaffRole.EDITOR)),
    )
    assert isinstance(result, ValidationError) and result.code == "last_administrator"
    assert still_one(one)
