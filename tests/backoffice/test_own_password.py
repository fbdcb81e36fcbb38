"""Everyone changes their own password; the change is an operation like any other."""

from django.contrib.auth.hashers import check_password

from pratik.core.models import Operation
from tests import factories as make

OLD, NEW = "carbet-du-matin-2026", "pirogue-et-saut-2027"


def test_a_person_changes_their_own_password(client_for, db):
    user = make.user()
    user.set_password(OLD)
    user.save(update_fields=["password"])
    answer = client_for(user).post(
        "/console/password_change/", {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    )
    assert answer.status_code == 302
    user.refresh_from_db()
    assert check_password(NEW, user.password)
    operation = Operation.objects.latest("pk")
    assert operation.actor == user
    assert operation.reason == "Changement du mot de passe"
    assert NEW not in str(list(user.history.values()))


def test_a_weak_password_is_refused_and_nothing_is_written(client_for, db):
    user = make.user()
    user.set_password(OLD)
    user.save(update_fields=["password"])
    before = Operation.objects.count()
    answer = client_for(user).post(
        "/console/password_change/", {"old_password": OLD, "new_password1": "12345", "new_password2": "12345"}
    )
    assert answer.status_code == 200
    user.refresh_from_db()
    assert check_password(OLD, user.password)
    assert Operation.objects.count() == before
