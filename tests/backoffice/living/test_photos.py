"""The photos of a lodging: real files through the form, named, put in order, removed; bad ones refused."""

import re

import pytest
from django.core.files.storage import storages

from pratik.accounts.enums import Role
from pratik.core.storages import StorageUnavailable
from pratik.living.enums import OfferState
from pratik.living.models import HousingOffer, HousingPhoto
from tests import documents
from tests import factories as make
from tests.backoffice.living.conftest import after, fresh, words
from tests.kit.queue import run_queue
from tests.kit.world import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(landlord):
    return make.lodging(landlord=landlord, state=OfferState.DRAFT)


@pytest.fixture
def own(client_for, landlord):
    return client_for(landlord)


def page_of(offer):
    return url(HousingOffer, "photos", offer.pk)


def picture(name="chambre.jpg", **options):
    return documents.sent(documents.image(**options), name, "image/jpeg")


def add(client, offer, image=None, alt="La chambre"):
    return client.post(page_of(offer), {"do": "add", "image": image or picture(), "alt": alt})


def do(client, what, photo, **values):
    return client.post(page_of(photo.offer), {"do": what, "photo": photo.pk, **values})


def shown(client, offer):
    """The words of the photos in the order of the page."""
    html = client.get(page_of(offer)).content.decode()
    return re.findall(r'<img src="[^"]+" alt="([^"]*)"', html.partition("living-photos")[2])


def kept():
    """The names of the files that are there."""
    storage = storages["public"]
    return set(storage.listdir("lodgings")[1]) if storage.exists("lodgings") else set()


def test_a_photo_is_added_with_what_is_seen(own, draft):
    assert "Ce logement n’a pas encore de photo." in words(own.get(page_of(draft)))
    told = after(own, add(own, draft, picture(size=(800, 600)), alt="  La chambre,  claire "))
    assert "Photo ajoutée." in told and "Photo principale" in told
    photo = HousingPhoto.objects.get()
    assert (photo.offer, photo.alt, photo.is_cover) == (draft, "La chambre, claire", True)
    page = own.get(page_of(draft)).content.decode()
    assert photo.image_640.url in page and photo.image.url not in page


def test_a_photo_of_a_telephone_is_taken(own, draft):
    upload = documents.sent(documents.telephone_photo("HEIF"), "IMG_2041.HEIC", "image/heic")
    assert "Photo ajoutée." in after(own, add(own, draft, upload))


def test_photos_are_named_again_put_in_order_and_one_stands_for_the_lodging(own, draft):
    for alt in ("Une", "Deux", "Trois"):
        add(own, draft, alt=alt)
    one, two, three = draft.photos.all()
    assert shown(own, draft) == ["Une", "Deux", "Trois"]
    do(own, "earlier", three)
    assert shown(own, draft) == ["Une", "Trois", "Deux"]
    do(own, "later", one)
    assert shown(own, draft) == ["Trois", "Une", "Deux"]
    # The first has nothing before it, nor the last anything after it.
    do(own, "earlier", three), do(own, "later", two)
    assert shown(own, draft) == ["Trois", "Une", "Deux"]
    assert "Cette photo est maintenant la principale." in after(own, do(own, "cover", two))
    assert [row.is_cover for row in draft.photos.all()] == [False, False, True]
    do(own, "alt", one, **{f"photo-{one.pk}-alt": "La cour et le manguier"})
    assert shown(own, draft) == ["Trois", "La cour et le manguier", "Deux"]


def test_a_photo_is_removed_with_its_files(own, draft):
    add(own, draft, alt="Une"), add(own, draft, alt="Deux")
    first, second = draft.photos.all()
    names = {file.name.rpartition("/")[2] for file in first.files}
    assert names <= kept()
    assert "Photo retirée." in after(own, do(own, "remove", first))
    run_queue()
    assert not names & kept()
    assert shown(own, draft) == ["Deux"] and fresh(second).is_cover


BAD = {
    "a drawing": lambda: documents.sent(documents.SVG, "plan.svg", "image/svg+xml"),
    "a page that calls itself a photo": lambda: documents.sent(documents.HTML, "chambre.jpg", "image/jpeg"),
    "a paper": lambda: documents.sent(documents.pdf(), "bail.pdf", "application/pdf"),
    "an empty file": lambda: documents.sent(b"", "chambre.jpg", "image/jpeg"),
    "two names": lambda: documents.sent(documents.image(), "chambre.php.jpg", "image/jpeg"),
    "more points than memory": lambda: documents.sent(documents.png_of_size(60_000, 60_000), "chambre.png"),
    "an archive behind a photo": lambda: documents.sent(
        documents.image() + documents.zip_bytes(a=b"x"), "chambre.jpg", "image/jpeg"
    ),
    "a photo that is cut": lambda: documents.sent(documents.image(size=(400, 300))[:400], "chambre.jpg"),
}


@pytest.mark.parametrize("upload", BAD.values(), ids=BAD.keys())
def test_what_is_no_photo_is_refused_in_a_sentence_and_nothing_of_it_is_kept(own, draft, upload):
    before = kept()
    response = add(own, draft, upload(), alt="La chambre et son bureau")
    assert response.status_code == 422
    (told,) = (
        response.context_data["adding"].errors.get("image")
        or response.context_data["adding"].errors["__all__"]
    )
    assert told.endswith(".") and told.replace("\xa0", " ") in words(response)
    # What was typed beside it is still there.
    assert 'value="La chambre et son bureau"' in response.content.decode()
    assert kept() == before and not HousingPhoto.objects.exists()


def test_a_photo_that_is_too_heavy_is_refused(own, draft, settings):
    content = documents.image(size=(2000, 2000))
    settings.DOCUMENT_MAX_BYTES = len(content) - 1
    before = kept()
    response = add(own, draft, documents.sent(content, "chambre.jpg"))
    assert response.status_code == 422 and "Ce fichier pèse plus de" in words(response)
    assert kept() == before and not HousingPhoto.objects.exists()


@pytest.mark.parametrize(
    ("alt", "told"),
    [("", "Dites en quelques mots ce que l’on voit."), ("   ", "Dites en quelques mots"), ("x" * 151, "150")],
)
def test_a_photo_without_words_is_refused(own, draft, alt, told):
    before = kept()
    response = add(own, draft, alt=alt)
    assert response.status_code == 422 and told in words(response)
    assert kept() == before and not HousingPhoto.objects.exists()


def test_words_that_tell_how_to_reach_somebody_are_refused_where_they_were_typed(own, draft):
    response = add(own, draft, alt="Appelez le 0694 40 12 34")
    assert response.status_code == 422
    assert response.context_data["adding"].errors["alt"]
    add(own, draft)
    photo = HousingPhoto.objects.get()
    response = do(own, "alt", photo, **{f"photo-{photo.pk}-alt": "marcel@example.org"})
    assert response.status_code == 422
    assert 'value="marcel@example.org"' in response.content.decode()
    assert fresh(photo).alt == "La chambre"


def test_no_file_at_all_is_said(own, draft):
    response = own.post(page_of(draft), {"do": "add", "alt": "La chambre"})
    assert response.status_code == 422 and "Choisissez une photo." in words(response)


def test_one_photo_too_many_is_refused_with_what_to_do(own, draft, settings):
    settings.LODGING_MAX_PHOTOS = 1
    add(own, draft)
    before = kept()
    response = add(own, draft)
    assert response.status_code == 422
    assert "Ce logement a déjà 1 photo : retirez-en une d’abord." in words(response)
    assert kept() == before


def test_a_store_that_does_not_answer_is_said_and_leaves_nothing(own, draft, monkeypatch):
    def down(*args, **kwargs):
        raise StorageUnavailable

    monkeypatch.setattr(type(storages["public"]), "_save", down)
    response = add(own, draft)
    assert response.status_code == 503
    assert "réessayez" in words(response).lower()
    assert not HousingPhoto.objects.exists()


@pytest.mark.parametrize("state", [state for state in OfferState if state != OfferState.DRAFT], ids=str)
def test_the_photos_of_what_was_read_are_looked_at_and_not_changed(client_for, landlord, state):
    offer = make.lodging(landlord=landlord, state=state)
    photo = make.lodging_photo(offer=offer)
    client = client_for(landlord)
    page = client.get(page_of(offer))
    assert page.status_code == 200 and 'id="add_form"' not in page.content.decode()
    for response in (add(client, offer), do(client, "cover", photo)):
        assert response.status_code == 422
    gone = state == OfferState.ARCHIVED
    assert ('value="remove"' in page.content.decode()) == gone
    assert do(client, "remove", photo).status_code == (302 if gone else 422)
    assert list(offer.photos.all()) == ([] if gone else [photo])


def test_the_team_mends_photos_who_only_looks_does_not(client_for, draft, own, editor, auditor):
    add(own, draft)
    photo = HousingPhoto.objects.get()
    team, client = client_for(editor), client_for(auditor)
    assert "Photo ajoutée." in after(team, add(team, draft, alt="La cour"))
    page = client.get(page_of(draft))
    assert page.status_code == 200 and 'id="add_form"' not in page.content.decode()
    for response in (add(client, draft), do(client, "remove", photo)):
        assert response.status_code == 403
    assert HousingPhoto.objects.count() == 2


def test_nobody_reaches_the_photos_of_somebody_else(client_for, own, draft):
    other = make.lodging_photo(offer=make.lodging(state=OfferState.DRAFT))
    assert own.get(page_of(other.offer)).status_code == 404
    # A photo of another lodging, asked for from one's own page.
    for what in ("remove", "cover", "earlier", "alt"):
        response = own.post(page_of(draft), {"do": what, "photo": other.pk, f"photo-{other.pk}-alt": "Moi"})
        assert response.status_code == 404
    assert fresh(other).alt == other.alt
    assert client_for(make.user(Role.STUDENT)).get(page_of(draft)).status_code == 403


@pytest.mark.parametrize("key", ["", "x", "-1", "0", "9" * 40, "٣", "\x00", "1;2"])
def test_a_photo_that_is_not_there_is_not_found(own, draft, key):
    add(own, draft)
    assert own.post(page_of(draft), {"do": "remove", "photo": key}).status_code == 404
    assert HousingPhoto.objects.count() == 1


@pytest.mark.parametrize("what", ["", "delete", "\x00"])
def test_an_act_that_does_not_exist_does_nothing(own, draft, what):
    assert own.post(page_of(draft), {"do": what}).status_code == 200
    assert not HousingPhoto.objects.exists()
