"""The page by which a student asks for a place."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.living.enums import RequestState
from pratik.living.reports import HORIZON, departures


class AskPages:
    """Gives a page of requests the form for a new one, about the listing whose key is in the address.

    `ask` is the service; `form_for(offer)` the form that fits the listing.
    """

    ask = None

    def get_urls(self):
        name = f"living_{self.model._meta.model_name}_ask"
        return [
            path("demander/<int:pk>/", self.admin_site.admin_view(self.ask_view), name=name),
            *super().get_urls(),
        ]

    def ask_view(self, request, pk):
        """Asks for a place; whoever has asked already is led to what they asked."""
        # Places are asked for in one's own name.
        if request.user.role != Role.STUDENT or request.impersonator is not None:
            return self._page(request, status=403)
        offers = self.model._meta.get_field("offer").related_model.objects
        offer = offers.visible_to(request.user).with_names().filter(pk=pk).first()
        if offer is None:
            raise Http404
        own = self.model.objects.visible_to(request.user).live().filter(offer=offer).first()
        if own is not None:
            messages.info(request, _("Vous avez déjà une demande en cours pour cette annonce."))
            return HttpResponseRedirect(self.change_url(own))
        days = self._days(offer)
        form_class = self.form_for(offer)
        if request.method != "POST":
            return self._page(request, offer, form_class(offer=offer, departures=days))
        form = form_class(request.POST, offer=offer, departures=days)
        if not form.is_valid():
            return self._page(request, offer, form, status=422)
        try:
            row = type(self).ask(actor=request.user, offer=offer, **form.cleaned_data)
        except ValidationError as error:
            form.take(error)
            return self._page(request, offer, form, status=422)
        messages.success(request, self._told(row))
        return HttpResponseRedirect(self.change_url(row))

    @staticmethod
    def _days(offer):
        """The dates of a trip on single days that may still be had, with their free seats."""
        if getattr(offer, "is_regular", True):
            return ()
        return departures([offer], today(), today() + HORIZON)[offer.pk]

    @staticmethod
    def _told(row):
        match row.state:
            case RequestState.ACCEPTED:
                # Only a trip is had at once.
                return _("Vous avez une place. Les coordonnées du conducteur sont ci-dessous.")
            case RequestState.WAITING:
                return _("Vous êtes sur liste d’attente : vous serez prévenu si une place se libère.")
            case _:
                return _("Votre demande est envoyée : vous serez prévenu de la réponse.")

    def _page(self, request, offer=None, form=None, *, status=200):
        name = self.model._meta.verbose_name
        context = {
            **self.admin_site.each_context(request),
            "title": str(offer) if offer else _("Faire une demande : %(what)s") % {"what": name},
            "opts": self.model._meta,
            "offer": offer,
            "form": form,
            "public_url": offer.get_absolute_url() if offer else "",
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/living/ask.html", context, status=status)
