"""Photos of lodgings: what is taken, what is left of it, and that nothing stays behind."""

import datetime
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.utils import timezone
from PIL import Image

from pratik.accounts.enums import Role
from pratik.core.enums import OperationKind
from pratik.core.models import Operation
from pratik.core.undo import undo_operation
from pratik.living.enums import OfferState
from pratik.living.models import PHOTO_SIZES, HousingOffer, HousingPhoto
from pratik.living.services import add_photo, archive_offers, order_photos, remove_photos, set_cover
from pratik.privacy.services import apply_retention
from tests import documents
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(landlord):
    return make.lodging(landlord=landlord, state=OfferState.DRAFT)


def add(offer, content=None, name="chambre.jpg", alt="La chambre", actor=None):
    upload = documents.sent(documents.image() if content is None else content, name)
    return add_photo(actor=actor or offer.landlord, offer=offer, upload=upload, name=name, alt=alt)


def kept():
    """The names of the files that are there."""
    storage = storages["public"]
    return (
        {f"lodgings/{name}" for name in storage.listdir("lodgings")[1]}
        if storage.exists("lodgings")
        else set()
    )


def test_a_photo_is_kept_without_what_the_telephone_wrote_into_it_and_upright(draft):
    photo = add(draft, documents.telephone_photo(), name="IMG_2041.jpg")
    with photo.image.open() as file, Image.open(file) as image:
        assert not image.getexif() and image.size == (40, 80) == (photo.width, photo.height)
    assert "IMG" not in photo.image.name


def test_a_photo_of_a_telephone_that_browsers_do_not_show_becomes_one_that_they_do(draft):
    photo = add(draft, documents.telephone_photo("HEIF"), name="IMG_2041.heic")
    with photo.image.open() as file, Image.open(file) as image:
        assert image.format == "JPEG" and not image.getexif()


def test_small_sizes_are_made_at_once_and_are_never_larger_than_the_photo(draft):
    photo = add(draft, documents.image(size=(1000, 500)))
    sizes = {}
    for size in PHOTO_SIZES:
        with photo.small(size).open() as file, Image.open(io.BytesIO(file.read())) as image:
            assert image.format == "WEBP" and not image.getexif()
            sizes[size] = image.size
    assert sizes == {320: (320, 160), 640: (640, 320), 1280: (1000, 500)}
    assert {file.name for file in photo.files} <= kept()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (documents.SVG, "plan.svg"),
        (documents.HTML, "chambre.jpg"),
        (b"", "chambre.jpg"),
        (documents.png_of_size(60_000, 60_000), "chambre.png"),
        (documents.image() + documents.zip_bytes(a=b"x"), "chambre.jpg"),
    ],
    ids=["drawing", "page", "empty", "pixel bomb", "archive"],
)
def test_what_is_no_photo_is_refused_and_nothing_of_it_is_kept(draft, content, name):
    before = kept()
    with pytest.raises(ValidationError) as refused:
        add(draft, content, name)
    assert list(refused.value.message_dict) == ["image"]
    assert kept() == before and not HousingPhoto.objects.exists()


def test_a_paper_is_no_photo(draft):
    with pytest.raises(ValidationError) as refused:
        add(draft, documents.pdf(), "bail.pdf")
    assert list(refused.value.message_dict) == ["image"]


@pytest.mark.parametrize("alt", ["", "   ", "Appelez le 0694 40 12 34"])
def test_a_photo_says_what_is_seen_and_no_telephone(draft, alt):
    with pytest.raises(ValidationError) as refused:
        add(draft, alt=alt)
    assert list(refused.value.message_dict) == ["alt"]


def test_all_that_is_wrong_is_said_at_once(draft):
    with pytest.raises(ValidationError) as refused:
        add(draft, documents.HTML, alt="")
    assert set(refused.value.message_dict) == {"alt", "image"}


def test_a_lodging_has_so_many_photos(draft, settings):
    settings.LODGING_MAX_PHOTOS = 2
    add(draft)
    add(draft)
    before = kept()
    with pytest.raises(ValidationError) as refused:
        add(draft)
    assert refused.value.error_dict["image"][0].code == "too_many_photos"
    assert kept() == before and HousingPhoto.objects.count() == 2


def test_files_go_when_the_row_could_not_be_written(draft, monkeypatch):
    before = kept()

    def fails(rows):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("pratik.living.services.photos.create_rows", fails)
    with pytest.raises(RuntimeError):
        add(draft)
    assert kept() == before


def test_the_first_photo_is_the_cover_until_another_is_chosen(draft, django_assert_num_queries):
    first, second = add(draft), add(draft)
    assert (first.is_cover, second.is_cover) == (True, False)
    set_cover(actor=draft.landlord, photo=second)
    with django_assert_num_queries(2):
        assert HousingOffer.objects.with_covers().get().cover == second
    make.lodging()
    assert [row.cover for row in HousingOffer.objects.with_covers().order_by("pk")] == [second, None]


def test_photos_are_put_in_order_all_of_them(draft):
    one, two, three = (add(draft) for _number in range(3))
    order_photos(actor=draft.landlord, offer=draft, pks=[three.pk, one.pk, two.pk])
    assert list(draft.photos.all()) == [three, one, two]
    with pytest.raises(ValidationError):
        order_photos(actor=draft.landlord, offer=draft, pks=[three.pk, one.pk])


def test_a_photo_that_is_removed_leaves_no_file_and_another_becomes_the_cover(draft):
    first, second = add(draft), add(draft)
    files = {file.name for file in first.files}
    assert remove_photos(actor=draft.landlord, offer=draft, pks=[first.pk]) == 1
    run_queue()
    assert not files & kept() and {file.name for file in second.files} <= kept()
    assert HousingPhoto.objects.get().is_cover
    removal = Operation.objects.get(kind=OperationKind.DELETE)
    with pytest.raises(ValidationError) as refused:
        undo_operation(actor=make.user(), operation=removal)
    assert refused.value.code == "not_undoable", "its files are gone"


@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.DRAFT], ids=str)
def test_photos_are_part_of_what_the_team_has_read(landlord, state):
    offer = make.lodging(landlord=landlord, state=state)
    photo = make.lodging_photo(offer=offer)
    for change in (
        lambda: add(offer),
        lambda: set_cover(actor=landlord, photo=photo),
        lambda: order_photos(actor=landlord, offer=offer, pks=[photo.pk]),
    ):
        with pytest.raises(ValidationError) as refused:
            change()
        assert refused.value.code == "closed"
    if state != OfferState.ARCHIVED:
        with pytest.raises(ValidationError) as refused:
            remove_photos(actor=landlord, offer=offer, pks=[photo.pk])
        assert refused.value.code == "closed" and HousingPhoto.objects.exists()


def test_the_photos_of_a_lodging_that_was_put_away_may_go(draft):
    first, second = add(draft), add(draft)
    archive_offers(actor=draft.landlord, model=HousingOffer, pks=[draft.pk])
    assert remove_photos(actor=draft.landlord, offer=draft, pks=[first.pk]) == 1
    run_queue()
    assert kept() & {file.name for photo in (first, second) for file in photo.files} == {
        file.name for file in second.files
    }
    assert HousingPhoto.objects.get().is_cover


def test_the_photos_of_an_old_lodging_go_with_its_address(draft):
    old = add(draft)
    young = make.lodging_photo(offer=make.lodging(state=OfferState.DRAFT))
    archive_offers(actor=draft.landlord, model=HousingOffer, pks=[draft.pk])
    apply_retention(now=timezone.now() + datetime.timedelta(days=729))
    run_queue()
    assert HousingPhoto.objects.count() == 2 and kept() >= {file.name for file in old.files}
    apply_retention(now=timezone.now() + datetime.timedelta(days=732))
    run_queue()
    assert HousingPhoto.objects.get() == young
    assert not kept() & {file.name for file in old.files}
    draft.refresh_from_db()
    assert draft.address == ""
    assert HousingPhoto.history.filter(history_type="-").count() == 1


def test_nobody_changes_the_photos_of_somebody_else(draft):
    stranger = make.verified(Role.LANDLORD)
    with pytest.raises(PermissionDenied):
        add(draft, actor=stranger)
    photo = add(draft)
    assert not HousingPhoto.objects.editable_by(stranger).exists()
    with pytest.raises(PermissionDenied):
        remove_photos(actor=stranger, offer=draft, pks=[photo.pk])
    other = make.lodging_photo(offer=make.lodging(state=OfferState.DRAFT))
    assert remove_photos(actor=draft.landlord, offer=draft, pks=[other.pk]) == 0
    assert HousingPhoto.objects.filter(pk=other.pk).exists()
