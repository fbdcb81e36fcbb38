"""The pages by which a student applies, and takes back the other applications once one is accepted."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.uploads import takes_documents
from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.storages import StorageUnavailable
from pratik.internships import services
from pratik.internships.models import InternshipOffer

from .forms import ApplicationForm, OthersForm

APPLY = "admin:internships_application_apply"
OTHERS = "admin:internships_application_others"


class ApplyPages:
    """Gives the page of applications the form for a new one, about the offer whose key is in the address,
    and the page that takes back the others.
    """

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "internships_application"
        return [
            path("postuler/<int:pk>/", view(takes_documents(self.apply_view)), name=f"{name}_apply"),
            path("<int:pk>/retirer-les-autres/", view(self.others_view), name=f"{name}_others"),
            *super().get_urls(),
        ]

    def apply_view(self, request, pk):
        """Applies for an offer; whoever has applied already is led to what they sent."""
        # One applies in one's own name.
        if request.user.role != Role.STUDENT or request.impersonator is not None:
            return self._apply_page(request, status=403)
        offer = InternshipOffer.objects.open_to_applicants(today()).with_names().filter(pk=pk).first()
        own = self.model.objects.visible_to(request.user).live().filter(offer=pk).first()
        if own is not None:
            messages.info(request, _("Vous avez déjà une candidature en cours pour cette offre."))
            return self._sent(request, own)
        if offer is None:
            raise Http404
        if request.method != "POST":
            return self._apply_page(request, offer, ApplicationForm(offer=offer))
        form = ApplicationForm(request.POST, request.FILES, offer=offer)
        if not form.is_valid():
            return self._apply_page(request, offer, form, status=422)
        upload = form.cleaned_data["cv"]
        try:
            row = services.apply(
                actor=request.user,
                offer=offer,
                letter=form.cleaned_data["letter"],
                answers=form.answers,
                upload=upload,
                name=upload.name if upload else "",
            )
        except ValidationError as error:
            form.take(error)
            status = 503 if isinstance(error, StorageUnavailable) else 422
            return self._apply_page(request, offer, form, status=status)
        messages.success(request, _("Votre candidature est envoyée : vous serez prévenu de la réponse."))
        return self._sent(request, row)

    def _sent(self, request, row):
        """The way to an application. The page's script goes there itself: a redirection that it followed
        would eat the message.
        """
        url = self.change_url(row)
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"url": url})
        return HttpResponseRedirect(url)

    def _apply_page(self, request, offer=None, form=None, *, status=200):
        context = {
            **self.admin_site.each_context(request),
            "title": _("Postuler : %(offer)s") % {"offer": offer.title} if offer else _("Postuler"),
            "opts": self.model._meta,
            "offer": offer,
            "form": form,
            "problems": form.non_field_errors() if form is not None else [],
            "public_url": offer.get_absolute_url() if offer else "",
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/internships/apply.html", context, status=status)

    # Once one of them is accepted

    def others_notes(self, request, accepted):
        """Tells a student who has a place that other applications still wait, with the way to take them back.

        `accepted` is the application that was accepted, if one was.
        """
        if accepted is None or request.impersonator is not None:
            return []
        number = services.others_of(accepted).count()
        if not number:
            return []
        told = ngettext(
            "Vous avez une place. %(number)d autre candidature attend encore une réponse : retirez-la si vous"
            " n’en avez plus besoin, l’entreprise pourra choisir quelqu’un d’autre.",
            "Vous avez une place. %(number)d autres candidatures attendent encore une réponse : retirez"
            " celles dont vous n’avez plus besoin, les entreprises pourront choisir quelqu’un d’autre.",
            number,
        ) % {"number": number}
        page = reverse(OTHERS, args=[accepted.pk])
        return [("good", told, page, _("Retirer mes autres candidatures"))]

    def others_view(self, request, pk):
        """The other applications of a student who has a place, each with a box; on a POST, takes back those
        that are ticked.
        """
        if request.user.role != Role.STUDENT or request.impersonator is not None:
            raise PermissionDenied
        accepted = self.model.objects.visible_to(request.user).accepted().with_names().filter(pk=pk).first()
        if accepted is None:
            raise Http404
        others = list(services.others_of(accepted))
        form = OthersForm(request.POST if request.method == "POST" else None, others=others)
        problems = []
        if request.method == "POST" and form.is_valid():
            pks = [int(key) for key in form.cleaned_data["applications"]]
            try:
                outcome = services.withdraw_others(actor=request.user, application=accepted, pks=pks)
            except ValidationError as error:
                problems = error.messages
            else:
                number = len(outcome.changed)
                messages.success(
                    request,
                    ngettext("%(number)d candidature retirée.", "%(number)d candidatures retirées.", number)
                    % {"number": number},
                )
                return HttpResponseRedirect(self.change_url(accepted))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Retirer mes autres candidatures"),
            "opts": self.model._meta,
            "accepted": accepted,
            "others": others,
            "form": form,
            "problems": problems,
            "back": self.change_url(accepted),
        }
        request.current_app = self.admin_site.name
        status = 422 if form.errors or problems else 200
        return TemplateResponse(request, "backoffice/internships/others.html", context, status=status)
