"""Files on their way out: written down until the storage has done it, each by itself."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import transaction

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.core.models import FileRemoval
from pratik.core.removals import FilesLeft, delete_files, delete_files_later
from pratik.core.storages import StorageUnavailable
from pratik.verification.models import VerificationDocument
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept():
    """Three files in private."""
    storage = storages["private"]
    names = [storage.save(f"documents/{number}.pdf", ContentFile(b"x")) for number in range(3)]
    yield names
    for name in names:
        storage.delete(name)


def there(names):
    return [storages["private"].exists(name) for name in names]


def test_files_go_from_the_queue_and_only_once_that_is_certain(kept):
    with transaction.atomic():
        delete_files_later("private", kept)
        transaction.set_rollback(True)
    assert run_queue() == [] and there(kept) == [True] * 3
    delete_files_later("private", [kept[0], kept[1], kept[1], ""])
    assert there(kept) == [True] * 3
    assert run_queue() == ["pratik.core.tasks.delete_files"]
    assert there(kept) == [False, False, True] and not FileRemoval.objects.exists()


def test_nothing_to_remove_puts_nothing_off():
    delete_files_later("private", ["", ""])
    assert run_queue() == [] and not FileRemoval.objects.exists()


@pytest.mark.parametrize(
    ("model", "field", "storage"),
    [(VerificationDocument, "file", "private"), (User, "avatar", "public")],
    ids=["private", "public"],
)
def test_a_column_tells_where_its_files_are(model, field, storage):
    delete_files_later(model._meta.get_field(field), ["a.png"])
    assert FileRemoval.objects.get().storage == storage


def test_one_that_can_t_go_now_stops_no_other_and_is_known_until_it_went(kept, monkeypatch):
    delete_files_later("private", kept)
    storage = storages["private"]
    remove = storage.delete

    def down(name):
        if name == kept[0]:
            raise StorageUnavailable
        remove(name)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "delete", down)
        for tries in (1, 2):
            with pytest.raises(FilesLeft):
                delete_files()
            assert FileRemoval.objects.get().tries == tries
    assert there(kept) == [True, False, False]
    assert delete_files() == 1
    assert there(kept) == [False] * 3


def test_what_went_in_a_try_that_was_cut_short_is_no_error(kept):
    delete_files_later("private", kept)
    storages["private"].delete(kept[0])
    assert delete_files() == 3


def test_what_is_to_go_is_shown_to_administrators_alone(kept):
    delete_files_later("private", kept)
    assert FileRemoval.objects.visible_to(make.user(Role.ADMINISTRATOR)).count() == 3
    for role in (Role.VERIFIER, Role.AUDITOR, Role.LANDLORD):
        assert not FileRemoval.objects.visible_to(make.user(role)).exists()
