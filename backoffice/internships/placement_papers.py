"""The papers of a placement, from its page: made, changed by an amendment, certified; a class in one PDF."""

from dataclasses import replace

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant

from backoffice.base.actions import Act, grouped_refusals
from backoffice.base.downloads import closed_up, download
from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.internships import services
from pratik.internships.enums import PaperState, PlacementState
from pratik.internships.models import Placement, PlacementPaper
from pratik.internships.rules.papers import ENDED_STATES, copy_refusal
from pratik.internships.workflow import PAPER, SCHOOL_SIDE
from pratik.law.rules.schedule import hours_text, minutes_of
from pratik.papers.enums import PaperKind

from .paper_forms import AmendmentForm, CertificateForm
from .papers import PDF, PDF_TYPE, SCAN, SIGNED_COPY

MAKE = "make_agreements"
CLASS_PDF = "class_pdf"
AMENDED = (PlacementState.SIGNED, PlacementState.RUNNING)


class PaperPages:
    """Gives the page of placements the making of their papers, one by one and by class."""

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "internships_placement"
        return [
            path("<int:pk>/convention/", view(self.agreement_view), name=f"{name}_agreement"),
            path("<int:pk>/avenant/", view(self.amendment_view), name=f"{name}_amendment"),
            path("<int:pk>/attestation/", view(self.certificate_view), name=f"{name}_certificate"),
            *super().get_urls(),
        ]

    # What stands on the page of a placement

    def papers_panel(self, request, obj):
        """The papers of a placement, and the ways to make those that it may have now."""
        pages = self.admin_site.get_model_admin(PlacementPaper)
        filing = PAPER.transition(SIGNED_COPY)
        may_file = request.user.role in filing.who and self.may_bind(request) and self.editable(request, obj)
        return [
            {
                "paper": paper,
                "page": pages.change_url(paper),
                "pdf": reverse(PDF, args=[paper.pk]),
                "copy": pages.file_address(paper) if paper.has_file else "",
                "upload": reverse(SCAN, args=[paper.pk])
                if may_file
                and filing.leads_from(paper.state)
                and copy_refusal(paper, role=request.user.role) is None
                else "",
            }
            for paper in reversed(self.papers_of(request, obj))
        ]

    @staticmethod
    def papers_of(request, obj):
        """The papers of a placement, the latest first; read once for each request and placement."""
        known = request.__dict__.setdefault("_papers_of", {})
        if obj.pk not in known:
            known[obj.pk] = list(obj.papers.select_related("filed_by").order_by("-made_at", "-pk"))
        return known[obj.pk]

    def amendment_panel(self, request, obj):
        """The amendment that waits for its signature, with what is asked of this person; None without one."""
        paper = next((paper for paper in self.papers_of(request, obj) if paper.is_waiting), None)
        if paper is None:
            return None
        pages = self.admin_site.get_model_admin(PlacementPaper)
        bound, pdf = self.may_bind(request) and self.editable(request, obj), reverse(PDF, args=[paper.pk])
        return {
            "paper": paper,
            "page": pages.change_url(paper),
            "step": _amendment_step(paper, request.user),
            "why": paper.values.get("change_reason", ""),
            "aside": pages.aside_text(paper) if paper.terms.get("overrides") else "",
            "buttons": [
                # What is asked stands out, not the paper that everybody reads anyhow.
                {**button, "asked": button["variant"] == ActionVariant.PRIMARY and button["path"] != pdf}
                for button in (pages.buttons(request, paper) if bound else [])
            ],
        }

    def may_bind(self, request):
        """Whoever has a part in a placement, in their own name; who only looks makes no paper."""
        return self.may(request, "change") and request.impersonator is None

    def paper_buttons(self, request, obj):
        """What may be made of a placement now, as buttons."""
        if not self.may_bind(request) or not self.editable(request, obj):
            return []
        school_side = request.user.role in SCHOOL_SIDE
        in_force = {paper.kind for paper in self.papers_of(request, obj) if not paper.is_void}
        found = []
        if school_side and obj.state == PlacementState.SCHOOL_AGREED and PaperKind.AGREEMENT not in in_force:
            found.append((_("Établir la convention"), "description", "agreement"))
        waiting = any(paper.is_waiting for paper in self.papers_of(request, obj))
        if school_side and obj.state in AMENDED and PaperKind.AGREEMENT in in_force and not waiting:
            found.append((_("Proposer un avenant"), "edit_document", "amendment"))
        if obj.state in ENDED_STATES and PaperKind.CERTIFICATE not in in_force:
            found.append((_("Établir l’attestation"), "workspace_premium", "certificate"))
        return [
            {
                "title": title,
                "icon": icon,
                "variant": ActionVariant.PRIMARY,
                "path": reverse(f"admin:internships_placement_{name}", args=[obj.pk]),
            }
            for title, icon, name in found
        ]

    def buttons(self, request, obj):
        return [*self.paper_buttons(request, obj), *super().buttons(request, obj)]

    # Agreements, one or a class

    def making(self):
        """« Établir la convention », as an action like the others."""
        return Act(
            verb=MAKE,
            label=gettext_lazy("Établir les conventions"),
            question=gettext_lazy("Chaque convention reçoit son numéro ; elle est ensuite à signer."),
            question_one=gettext_lazy("La convention reçoit son numéro ; elle est ensuite à signer."),
            assess=services.assess_agreements,
            perform=services.make_agreements,
            icon="description",
        )

    def get_actions(self, request):
        actions = super().get_actions(request)
        if request.user.role in SCHOOL_SIDE and request.impersonator is None:
            act = self.making()
            actions[f"do_{MAKE}"] = (self._bulk(act), f"do_{MAKE}", act.label)
        if self.may(request, "view"):
            label = gettext_lazy("Télécharger les conventions en un PDF")
            actions[CLASS_PDF] = (_class_pdf, CLASS_PDF, label)
        return actions

    def agreement_view(self, request, pk):
        """Asks, then makes the agreement of one placement."""
        obj = self._bound(request, pk, SCHOOL_SIDE)
        return self.confirm(
            request, replace(self.making(), label=_("Établir la convention")), [obj.pk], one=obj
        )

    def say(self, request, act, outcome):
        """Agreements that were made are told with the way to them."""
        if act.verb != MAKE or len(outcome.changed) != 1:
            super().say(request, act, outcome)
            return
        paper = outcome.changed[0]
        messages.success(request, _("La convention %(number)s est établie.") % {"number": paper.number})

    # Amendments and certificates

    def amendment_view(self, request, pk):
        """Takes what is to change, and proposes the amendment that says so."""
        obj = self._bound(request, pk, SCHOOL_SIDE)
        form = AmendmentForm(request.POST if request.method == "POST" else None, instance=obj)
        if request.method == "POST" and form.is_valid():
            try:
                paper = services.make_amendment(
                    actor=request.user,
                    placement=Placement(pk=obj.pk),
                    changes=form.changes,
                    reason=form.cleaned_data["reason"],
                    overrides=form.overrides,
                )
            except ValidationError as error:
                form.take(error)
            else:
                messages.success(
                    request,
                    _("%(paper)s est proposé : rien ne change avant sa signature.") % {"paper": paper},
                )
                return HttpResponseRedirect(self.change_url(obj))
        return self._paper_page(
            request,
            obj,
            form,
            title=_("Proposer un avenant"),
            note=_(
                "Changez ce dont les parties conviennent. L’organisme d’accueil accepte l’avenant, puis"
                " toutes les parties le signent ; le stage ne change qu’à ce moment."
            ),
            submit=_("Proposer l’avenant"),
        )

    def certificate_view(self, request, pk):
        """Takes what was done and paid, and makes the certificate."""
        obj = self._bound(request, pk, None)
        form = CertificateForm(
            request.POST if request.method == "POST" else None, initial={"stipend_paid": obj.stipend_total}
        )
        if request.method == "POST" and form.is_valid():
            try:
                paper = services.make_certificate(
                    actor=request.user,
                    placement=obj,
                    absence_hours=form.cleaned_data["absence_hours"],
                    stipend_paid=form.cleaned_data["stipend_paid"],
                )
            except ValidationError as error:
                form.take(error)
            else:
                return self._made(request, obj, paper)
        return self._paper_page(
            request,
            obj,
            form,
            title=_("Établir l’attestation de stage"),
            note=_(
                "Présence convenue : %(hours)s. L’attestation dit la durée effective du stage et la"
                " gratification versée (article D124-9)."
            )
            % {"hours": hours_text(minutes_of(obj.hours))},
            submit=_("Établir l’attestation"),
        )

    def _bound(self, request, pk, who):
        """The placement of an address, for somebody who may make papers of it; `who` are their roles."""
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404
        if not self.may_bind(request) or not self.editable(request, obj):
            raise PermissionDenied
        if who is not None and request.user.role not in who:
            raise PermissionDenied
        return obj

    def _made(self, request, obj, paper):
        messages.success(request, _("%(paper)s : établi.") % {"paper": paper})
        return HttpResponseRedirect(self.change_url(obj))

    def _paper_page(self, request, obj, form, *, title, note, submit):
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "lead": str(obj),
            "note": note,
            "form": form,
            "submit": submit,
            "busy": _("Écriture du document…"),
            "back": self.change_url(obj),
        }
        request.current_app = self.admin_site.name
        status = 422 if form.errors else 200
        return TemplateResponse(request, "backoffice/internships/paper_form.html", context, status=status)


def _amendment_step(paper, user):
    """What is done next with an amendment, as this person reads it."""
    if paper.state == PaperState.AGREED:
        if user.role in SCHOOL_SIDE:
            return _("À vous : faites signer cet avenant par toutes les parties, puis notez la signature.")
        return _(
            "Cet avenant est accepté par l’organisme d’accueil ; il est à signer par toutes les parties."
        )
    if user.role == Role.COMPANY:
        return _("À vous : lisez cet avenant, puis acceptez-le ou refusez-le.")
    return _(
        "L’organisme d’accueil n’a pas encore accepté cet avenant. S’il n’a pas de compte,"
        " l’établissement note son accord."
    )


def _without_agreement(request, rows):
    """Of these placements, those whose agreement is none to download, each with why."""
    papers = PlacementPaper.objects.visible_to(request.user).in_force().filter(kind=PaperKind.AGREEMENT)
    there = {
        paper.placement_id
        for paper in papers.filter(placement__in=[row.pk for row in rows])
        if not paper.is_emptied
    }
    return [(row, _why_none(row)) for row in rows if row.pk not in there]


def _why_none(placement):
    match placement.state:
        case PlacementState.DRAFTED:
            return _("L’organisme d’accueil n’a pas encore donné son accord.")
        case PlacementState.HOST_AGREED:
            return _("L’établissement n’a pas encore donné son accord.")
        case PlacementState.SCHOOL_AGREED:
            return _("La convention est encore à établir.")
        case PlacementState.CANCELLED:
            return _("Le stage est annulé.")
        case _state:
            return _("Ce stage n’a pas de convention ici.")


def _ask_class_pdf(modeladmin, request, chosen, missing):
    """Says how many agreements are missing, and why, before the others are downloaded."""
    context = {
        **modeladmin.admin_site.each_context(request),
        "title": _class_pdf.short_description,
        "opts": modeladmin.model._meta,
        "number": len(chosen) - len(missing),
        "missing": grouped_refusals(missing),
        "missing_count": len(missing),
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "action": CLASS_PDF,
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "back": request.get_full_path(),
    }
    request.current_app = modeladmin.admin_site.name
    return TemplateResponse(request, "backoffice/internships/class_pdf.html", context)


def _class_pdf(modeladmin, request, queryset):
    """The agreements of the chosen placements in one PDF, in the order of the interns' names."""
    chosen = list(queryset.order_by("student__user__last_name", "pk"))
    missing = _without_agreement(request, chosen)
    if missing and len(missing) < len(chosen) and request.POST.get("confirmed") != "yes":
        return _ask_class_pdf(modeladmin, request, chosen, missing)
    content = services.draw_class(actor=request.user, pks=[row.pk for row in chosen])
    if content is None:
        messages.warning(request, _("Aucun de ces stages n’a de convention établie."))
        return HttpResponseRedirect(request.get_full_path())
    name = _("conventions-%(day)s") % {"day": today().isoformat()}
    return closed_up(download(content, f"{name}.pdf", PDF_TYPE))


_class_pdf.short_description = gettext_lazy("Télécharger les conventions en un PDF")
_class_pdf.icon = "picture_as_pdf"
_class_pdf.variant = ActionVariant.DEFAULT
