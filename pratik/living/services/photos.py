"""Photos of lodgings: looked into, without what the camera wrote into them, kept with their small sizes."""

from contextlib import ExitStack

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.enums import OperationKind
from pratik.core.files import removed_on_failure
from pratik.core.inspection import inspect, picture_limits, small_pictures
from pratik.core.operations import operation
from pratik.core.removals import delete_files_later
from pratik.core.writes import create_rows, delete_rows, set_columns, set_each

from ..models import PHOTO_SIZES, HousingOffer, HousingPhoto


def add_photo(*, actor, offer, upload, name, alt):
    """Keeps a photo of a lodging that is a draft; the first one becomes its cover. Returns its row.

    `name` is what the person called the file, `alt` says what is seen. Raises `ValidationError` by field for
    a file that is not kept (`image`), too many photos, or a lodging that is no draft; `PermissionDenied` for
    somebody else's lodging.
    """
    photo = HousingPhoto(offer=offer, alt=alt)
    errors = {}
    try:
        photo.derive()
        photo.clean_fields(exclude=[f.name for f in photo._meta.fields if f.name != "alt"])
    except ValidationError as error:
        errors |= error.error_dict
    # Asked before the file is looked into, and once more under lock.
    _refuse_more(actor, offer)
    try:
        found = inspect(upload, name=name, limits=picture_limits())
    except ValidationError as error:
        errors["image"] = error
    if errors:
        raise ValidationError(errors)
    small = small_pictures(found.content.read(), sizes=PHOTO_SIZES)
    found.content.seek(0)
    photo.width, photo.height = found.width, found.height
    with ExitStack() as kept:
        for file in photo.files:
            kept.enter_context(removed_on_failure(file))
        photo.image.save(found.content.name, found.content, save=False)
        for size in PHOTO_SIZES:
            photo.small(size).save(small[size].content.name, small[size].content, save=False)
        with operation(kind=OperationKind.CREATE, actor=actor, subject=HousingPhoto):
            _refuse_more(actor, offer, lock=True)
            others = list(HousingPhoto.objects.filter(offer=offer))
            photo.is_cover = not others
            photo.position = max((other.position for other in others), default=-1) + 1
            create_rows([photo])
    return photo


def _refuse_more(actor, offer, *, lock=False):
    held = _editable(actor, offer, lock=lock)
    number = HousingPhoto.objects.filter(offer=held).count()
    if number >= settings.LODGING_MAX_PHOTOS:
        raise ValidationError(
            {
                "image": ValidationError(
                    ngettext(
                        "Ce logement a déjà %(number)d photo : retirez-en une d’abord.",
                        "Ce logement a déjà %(number)d photos : retirez-en une d’abord.",
                        number,
                    )
                    % {"number": number},
                    code="too_many_photos",
                )
            }
        )


def _editable(actor, offer, *, lock):
    """The lodging, when the actor may change it and it is a draft."""
    held = _own(actor, offer, lock=lock)
    if why := held.edit_refusal():
        raise ValidationError(why, code="closed")
    return held


def _own(actor, offer, *, lock):
    rows = HousingOffer.objects.editable_by(actor).filter(pk=offer.pk)
    held = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if held is None:
        raise PermissionDenied
    return held


def remove_photos(*, actor, offer, pks):
    """Removes photos of a draft, or of a lodging that was put away, with their files; the first that is left
    becomes the cover if that one went. Returns how many.
    """
    with operation(kind=OperationKind.DELETE, actor=actor, subject=HousingPhoto):
        held = _own(actor, offer, lock=True)
        photos = list(HousingPhoto.objects.filter(offer=held))
        gone = [photo for photo in photos if photo.pk in set(pks)]
        for photo in gone:
            photo.offer = held
            if why := photo.deletion_refusal():
                raise ValidationError(why, code="closed")
        left = [photo for photo in photos if photo not in gone]
        forget_photos(gone)
        if left and not any(photo.is_cover for photo in left):
            set_columns(HousingPhoto, [left[0].pk], is_cover=True)
    return len(gone)


def forget_photos(photos):
    """Removes photos, and their files once that is certain; must run inside an operation."""
    delete_rows(HousingPhoto, [photo.pk for photo in photos])
    delete_files_later("public", [file.name for photo in photos for file in photo.files])


def forget_photos_of(pks):
    """Removes every photo of the lodgings with these keys; must run inside an operation."""
    forget_photos(list(HousingPhoto.objects.filter(offer__in=pks)))


def set_cover(*, actor, photo):
    """Makes a photo of a draft the one that stands for its lodging."""
    with operation(kind=OperationKind.EDIT, actor=actor, subject=HousingPhoto):
        _editable(actor, photo.offer, lock=True)
        covers = HousingPhoto.objects.filter(offer=photo.offer_id, is_cover=True).exclude(pk=photo.pk)
        set_columns(HousingPhoto, list(covers.values_list("pk", flat=True)), is_cover=False)
        set_columns(HousingPhoto, [photo.pk], is_cover=True)


def order_photos(*, actor, offer, pks):
    """Puts the photos of a draft in the order of these keys; `ValidationError` unless all are named."""
    with operation(kind=OperationKind.EDIT, actor=actor, subject=HousingPhoto):
        _editable(actor, offer, lock=True)
        known = dict(HousingPhoto.objects.filter(offer=offer).values_list("pk", "position"))
        if set(known) != set(pks):
            raise ValidationError(_("Les photos ont changé entre-temps : rechargez la page."), code="changed")
        places = {pk: place for place, pk in enumerate(pks)}
        set_each(HousingPhoto, "position", {pk: new for pk, new in places.items() if known[pk] != new})
