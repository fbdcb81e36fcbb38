"""The pages of a template with values that stand in for real ones, while it is written and afterwards."""

import base64

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pratik.papers import services
from pratik.papers.enums import PaperKind
from pratik.papers.fields import missing_mentions, preview_values
from pratik.papers.markup import PaperRefused
from pratik.papers.models import faults_of

# A code that no document has: it is not of its length.
SAMPLE_CODE = "MODELE"
SAMPLE_NUMBER = "X-0000-000000"
# A screen holds no more; the PDF has them all.
PAGES_SHOWN = 12


def _sample(kind, body, draw):
    """A template drawn with the examples of its fields. Raises `PaperRefused`."""
    if wrong := faults_of(kind, body):
        raise PaperRefused(wrong)
    return draw(
        body,
        preview_values(kind),
        title=_("Modèle : %(kind)s") % {"kind": PaperKind(kind).label},
        number=SAMPLE_NUMBER,
        code=SAMPLE_CODE,
        header=_("Aperçu sans valeur"),
    )


def _pdf(content):
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="modele.pdf"'
    return response


class PreviewPages:
    """Gives the page of templates their previews and their copy."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("apercu/", view(self.preview_view), name="papers_papertemplate_preview"),
            path("<int:pk>/pdf/", view(require_safe(self.pdf_view)), name="papers_papertemplate_pdf"),
            path("<int:pk>/copier/", view(self.copy_view), name="papers_papertemplate_copy"),
            *super().get_urls(),
        ]

    def _template(self, request, pk):
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404
        return obj

    def preview_view(self, request):
        """What is being written, as it would be printed: pictures for the page beside it, or the PDF.

        Writes nothing. What cannot be drawn is answered by its faults, line by line.
        """
        if not (self.may(request, "add") or self.may(request, "change")):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        kind, body = request.POST.get("kind", ""), request.POST.get("body", "")
        as_pictures = request.POST.get("as") == "pictures"
        try:
            drawn = _sample(kind, body, services.draw_pages if as_pictures else services.draw)
        except PaperRefused as refusal:
            if as_pictures:
                return JsonResponse({"faults": [_told(fault) for fault in refusal.faults]})
            return self._refused(request, _("Aperçu"), refusal)
        if not as_pictures:
            return _pdf(drawn)
        missing = [mention.code for mention in missing_mentions(kind, body)]
        pages = [base64.b64encode(page).decode() for page in drawn[:PAGES_SHOWN]]
        return JsonResponse({"pages": pages, "number": len(drawn), "missing": missing})

    def pdf_view(self, request, pk):
        """A template that was saved, as it would be printed."""
        obj = self._template(request, pk)
        try:
            return _pdf(_sample(obj.kind, obj.body, services.draw))
        except PaperRefused as refusal:
            return self._refused(request, str(obj), refusal)

    def _refused(self, request, title, refusal):
        context = {**self.admin_site.each_context(request), "title": title, "faults": refusal.messages}
        return TemplateResponse(request, "backoffice/papers/refused.html", context, status=422)

    def copy_view(self, request, pk):
        """Makes a draft with the same text and opens it; asks first whoever came by the address."""
        obj = self._template(request, pk)
        if not self.may(request, "add"):
            raise PermissionDenied
        if request.method != "POST":
            context = {**self.admin_site.each_context(request), "title": str(obj)}
            return TemplateResponse(request, "backoffice/papers/copy.html", context)
        copy = services.copy_template(actor=request.user, pk=obj.pk)
        self.message_user(
            request, _("Copie faite : changez-la, puis mettez-la en vigueur à la place du modèle actuel.")
        )
        return HttpResponseRedirect(self.change_url(copy))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["pdf_url"] = reverse("admin:papers_papertemplate_pdf", args=[obj.pk])
            if self.may(request, "add"):
                context["copy_url"] = reverse("admin:papers_papertemplate_copy", args=[obj.pk])
            context["closed"] = obj.edit_refusal() if self.may(request, "change") else None
        return super().render_change_form(request, context, add, change, form_url, obj)


def _told(fault):
    return {"line": fault.line, "text": str(fault)}
