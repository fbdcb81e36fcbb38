"""The photos of a lodging: added, named, put in order, removed, one of them the cover."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from backoffice.base.uploads import MEBIBYTE, takes_documents
from pratik.core.inspection import picture_limits
from pratik.core.services import save_row
from pratik.core.storages import StorageUnavailable
from pratik.living import services
from pratik.living.models import HousingPhoto

from .forms import AltForm, PhotoForm

PHOTOS = "admin:living_housingoffer_photos"


class PhotoPages:
    """Gives the page of lodgings their photos. Everything there is a POST to the page; `do` says what."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/photos/", view(takes_documents(self.photos_view)), name="living_housingoffer_photos"
            ),
            *super().get_urls(),
        ]

    def photos_view(self, request, pk):
        """The photos of a lodging; on a POST, what the person does with them."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        offer = self.get_object(request, str(pk))
        if offer is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, offer)
        if not self.may(request, "change"):
            raise PermissionDenied
        does = {
            "add": self._add,
            "alt": self._rename,
            "cover": self._cover,
            "earlier": self._earlier,
            "later": self._later,
            "remove": self._remove,
        }.get(request.POST.get("do"))
        if does is None:
            return self._page(request, offer)
        forms = {}
        try:
            told = does(request, offer, forms)
        except ValidationError as error:
            status = 503 if isinstance(error, StorageUnavailable) else 422
            return self._page(request, offer, problems=error.messages, status=status, **forms)
        if told is None:
            return self._page(request, offer, status=422, **forms)
        messages.success(request, told)
        return HttpResponseRedirect(reverse(PHOTOS, args=[offer.pk]))

    @staticmethod
    def _add(request, offer, forms):
        forms["adding"] = form = PhotoForm(request.POST, request.FILES)
        if not form.is_valid():
            return None
        upload = form.cleaned_data["image"]
        try:
            services.add_photo(
                actor=request.user,
                offer=offer,
                upload=upload,
                name=upload.name,
                alt=form.cleaned_data["alt"],
            )
        except ValidationError as error:
            if not hasattr(error, "error_dict"):
                raise
            form.add_error(None, error)
            return None
        return _("Photo ajoutée.")

    def _rename(self, request, offer, forms):
        photo = self._photo(request, offer)
        form = AltForm(request.POST, prefix=f"photo-{photo.pk}")
        forms["naming"] = {photo.pk: form}
        if not form.is_valid():
            return None
        photo.alt = form.cleaned_data["alt"]
        try:
            save_row(actor=request.user, row=photo)
        except ValidationError as error:
            form.add_error("alt", error.messages)
            return None
        return _("Description de la photo enregistrée.")

    def _cover(self, request, offer, forms):
        services.set_cover(actor=request.user, photo=self._photo(request, offer))
        return _("Cette photo est maintenant la principale.")

    def _earlier(self, request, offer, forms):
        return self._moved(request, offer, -1)

    def _later(self, request, offer, forms):
        return self._moved(request, offer, 1)

    def _moved(self, request, offer, step):
        photo = self._photo(request, offer)
        pks = list(offer.photos.values_list("pk", flat=True))
        place = pks.index(photo.pk)
        pks.insert(min(max(place + step, 0), len(pks) - 1), pks.pop(place))
        services.order_photos(actor=request.user, offer=offer, pks=pks)
        return _("Photos remises en ordre.")

    def _remove(self, request, offer, forms):
        services.remove_photos(actor=request.user, offer=offer, pks=[self._photo(request, offer).pk])
        return _("Photo retirée.")

    @staticmethod
    def _photo(request, offer):
        """The photo that is spoken of; 404 when it is not one of this lodging that the person looks after."""
        key = request.POST.get("photo", "")
        rows = HousingPhoto.objects.editable_by(request.user).filter(offer=offer)
        known = key.isdecimal() and key.isascii() and len(key) < 16
        photo = rows.filter(pk=int(key)).first() if known else None
        if photo is None:
            raise Http404
        return photo

    def _page(self, request, offer, *, adding=None, naming=None, problems=(), status=200):
        photos = list(offer.photos.all())
        may_change = self.has_change_permission(request, offer)
        may_remove = self.may(request, "change") and self.editable(request, offer)
        may_remove = may_remove and HousingPhoto(offer=offer).deletion_refusal() is None
        limits = picture_limits()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Photos : %(offer)s") % {"offer": offer},
            "opts": self.model._meta,
            "object": offer,
            "offer": offer,
            "url": reverse(PHOTOS, args=[offer.pk]),
            "back": self.change_url(offer),
            "rows": [
                (
                    photo,
                    (naming or {}).get(photo.pk)
                    or AltForm(prefix=f"photo-{photo.pk}", initial={"alt": photo.alt}),
                )
                for photo in photos
            ],
            "may_change": may_change,
            "may_remove": may_remove,
            "closed": None if may_change else offer.edit_refusal(),
            "adding": adding or PhotoForm(),
            "problems": problems,
            "megabytes": number_format(limits.max_bytes // MEBIBYTE),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/living/photos.html", context, status=status)
