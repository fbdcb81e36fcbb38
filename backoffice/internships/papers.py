"""Agreements, amendments and certificates in the console: read, agreed to, signed, declared void."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import MultipleChoicesDropdownFilter
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.actions import SHOWN
from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import BLANK, text_of
from backoffice.base.downloads import closed_up, download
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter
from backoffice.base.private_files import PrivateFilePages
from backoffice.base.uploads import takes_documents
from pratik.accounts.models import User
from pratik.core.storages import StorageUnavailable
from pratik.internships import services
from pratik.internships.enums import PAPER_COLORS, PaperState
from pratik.internships.models import PlacementPaper, RuleOverride
from pratik.internships.rules.papers import copy_refusal
from pratik.internships.workflow import PAPER
from pratik.law.enums import RuleCode
from pratik.papers.reports import written_code

from .display import link
from .law import Told
from .paper_forms import AmendmentSignatureForm, ScanForm

PDF = "admin:internships_placementpaper_pdf"
SCAN = "admin:internships_placementpaper_file_signed"
PDF_TYPE = "application/pdf"
SIGNED_COPY = "file_signed"
SIGNING = "sign_amendment"
# What is asked of amendments alone.
OF_AMENDMENTS = ("agree_amendment", "record_amendment_agreement", "decline_amendment")


class PaperList(
    list_resource(
        PlacementPaper,
        "number",
        "kind",
        "placement",
        "state",
        "made_at",
        "signed_on",
        "code",
        related_to=("placement__student__user", "placement__company"),
    )
):
    """The papers as a file."""


@admin.register(PlacementPaper)
class PlacementPaperAdmin(PrivateFilePages, ScopedAdmin):
    """Papers of placements: what waits for signatures comes first."""

    class Media:
        css = {"all": ("backoffice/placements.css",)}

    file_word = "copie-signee"
    sign_file = staticmethod(services.sign_scan)
    open_file = staticmethod(services.open_scan)
    open_file_page = staticmethod(services.open_scan_page)
    resource_classes = [PaperList]
    verbs = {
        "agree_amendment": services.agree_to_amendments,
        "record_amendment_agreement": services.record_amendment_agreement,
        "decline_amendment": services.decline_amendments,
        "void": services.void_papers,
    }
    assess_verb = staticmethod(services.assess_papers)
    list_display = (
        "number",
        "kind",
        "shown_student",
        "shown_host",
        "made_at",
        "signed_on",
        "shown_state",
        "shown_pdf",
    )
    list_filter = (
        ("kind", MultipleChoicesDropdownFilter),
        ("state", MultipleChoicesDropdownFilter),
        ("made_at", DaysFilter),
    )
    search_fields = (
        "number",
        "placement__student__user__search_text",
        "placement__company__search_text",
        "placement__search_text",
    )
    told_in_words = ("placement", "amends", "changes", "agreed_at", "agreed_by", "filed_by", "void_reason")
    search_help_text = gettext_lazy("Numéro, stagiaire, organisme d’accueil ou classe")
    readonly_fields = (
        "number",
        "kind",
        "placement_page",
        "title",
        "state_text",
        "made_at",
        "amends_page",
        "changes_text",
        "aside_text",
        "agreement_text",
        "signed_on",
        "scan_text",
        "shown_code",
        "void_reason",
    )

    def get_queryset(self, request):
        return super().get_queryset(request).with_names().select_related("amends", "agreed_by")

    def done_with(self, today):
        return Q(state=PaperState.VOID)

    def get_fieldsets(self, request, obj=None):
        """What a paper has nothing of is left out: an agreement amends nothing, a certificate is not signed
        by all.
        """
        fields = [("number", "kind"), "placement_page", ("state_text", "made_at"), ("signed_on", "scan_text")]
        if obj.amends_id:
            fields += ["amends_page", "changes_text", "agreement_text"]
        if obj.terms.get("overrides"):
            fields.append("aside_text")
        fields.append("shown_code")
        if obj.void_reason:
            fields.append("void_reason")
        return ((None, {"fields": tuple(fields)}),)

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/pdf/", view(self.pdf_view), name="internships_placementpaper_pdf"),
            path(
                "<int:pk>/file_signed/",
                view(takes_documents(self.scan_view)),
                name="internships_placementpaper_file_signed",
            ),
            path(
                "<int:pk>/sign_amendment/",
                view(takes_documents(self.signing_view)),
                name="internships_placementpaper_sign_amendment",
            ),
            *super().get_urls(),
        ]

    def acts(self, request):
        """Nobody binds a party in its name."""
        return [] if request.impersonator is not None else super().acts(request)

    def offers(self, request, obj, verb):
        """What would be refused of this paper is not asked about."""
        return not services.assess_papers(actor=request.user, verb=verb, pks=[obj.pk]).refused

    def confirm_notes(self, act, rows):
        """Whom an amendment is about, and what it changes."""
        return [
            format_html("{}<br>{}", row.placement, self.changes_text(row))
            for row in rows[:SHOWN]
            if row.changes
        ]

    def confirm_law(self, request, act, outcome):
        """What the law says of a placement as an amendment would have it, for the host that agrees to it."""
        if act.verb not in OF_AMENDMENTS:
            return []
        groups = []
        for paper in outcome.changed[:SHOWN]:
            told = self.told_law(request, paper)
            if told:
                groups.append((paper, self.change_url(paper), told))
        return groups

    @staticmethod
    def found_law(request, paper):
        """What the law says of a waiting amendment, and the rules that are set aside with it. One that can
        be written no more says so when it is signed.
        """
        try:
            findings, aside = services.law_of_amendment(actor=request.user, paper=paper)
        except ValidationError:
            return [], {}
        who = User.objects.filter(pk=paper.terms.get("by")).first()
        return findings, aside | {
            code: RuleOverride(rule=code, reason=why, made_by=who, created_at=paper.made_at)
            for code, why in paper.terms.get("overrides", {}).items()
        }

    def told_law(self, request, paper):
        """The same, one by one as a page shows it."""
        findings, aside = self.found_law(request, paper)
        return [Told(finding, aside.get(str(finding.code))) for finding in findings]

    def buttons(self, request, obj):
        """The paper itself first, then its signed copy, then the verbs."""
        pdf = {
            "title": _("Ouvrir le PDF"),
            "icon": "picture_as_pdf",
            "variant": ActionVariant.PRIMARY,
            "path": reverse(PDF, args=[obj.pk]),
        }
        found = [pdf, *super().buttons(request, obj)]
        if self.may_note_signature(request, obj):
            signing = PAPER.transition(SIGNING)
            found.insert(
                1,
                {
                    "title": signing.label,
                    "icon": signing.icon,
                    "variant": ActionVariant.PRIMARY,
                    "path": reverse(f"admin:internships_placementpaper_{SIGNING}", args=[obj.pk]),
                },
            )
        if self.may_sign(request, obj) and copy_refusal(obj, role=request.user.role) is None:
            found.insert(
                1,
                {
                    "title": _("Remplacer la copie signée") if obj.has_file else _("Verser la copie signée"),
                    "icon": "upload_file",
                    "variant": ActionVariant.DEFAULT,
                    "path": reverse(SCAN, args=[obj.pk]),
                },
            )
        return found

    def may_sign(self, request, obj):
        """Whether the signed copy of this paper may be kept by this person."""
        transition = PAPER.transition(SIGNED_COPY)
        return (
            request.impersonator is None
            and request.user.role in transition.who
            and transition.leads_from(obj.state)
            and self.editable(request, obj)
        )

    def may_note_signature(self, request, obj):
        """Whether this person notes now that all parties signed this amendment."""
        return (
            request.impersonator is None
            and self.editable(request, obj)
            and services.amendment_signing_refusal(actor=request.user, paper=obj) is None
        )

    def signing_view(self, request, pk):
        """Notes that all parties signed an amendment: the placement changes at once."""
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404
        if request.impersonator is not None or request.user.role not in PAPER.transition(SIGNING).who:
            raise PermissionDenied
        why = services.amendment_signing_refusal(actor=request.user, paper=obj)
        if why or not self.editable(request, obj):
            return self._refused(request, obj, why or "", title=_("Noter la signature"))
        form = AmendmentSignatureForm(request.POST or None, request.FILES or None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                upload = form.cleaned_data["file"]
                try:
                    services.sign_amendment(
                        actor=request.user,
                        paper=obj,
                        signed_on=form.cleaned_data["signed_on"],
                        upload=upload or None,
                        name=upload.name if upload else "",
                        overrides=form.overrides,
                    )
                except StorageUnavailable as error:
                    form.add_error(None, error.messages)
                    status = 503
                except ValidationError as error:
                    form.take(error)
                else:
                    messages.success(request, _("%(paper)s est signé : le stage le suit.") % {"paper": obj})
                    return HttpResponseRedirect(
                        reverse("admin:internships_placement_change", args=[obj.placement_id])
                    )
        else:
            form.tell(*self.found_law(request, obj))
        return self._form_page(
            request,
            obj,
            form,
            status=status,
            title=_("Noter la signature : %(paper)s") % {"paper": obj},
            note=_("Le stage change dès que la signature est notée."),
            changes=obj.changes,
            submit=_("Noter la signature"),
            busy=_("Écriture des changements…"),
        )

    def pdf_view(self, request, pk):
        """The paper as a PDF, drawn from what was kept of it; the opening is in the journal."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            paper, content = services.open_paper(actor=request.user, pk=pk)
        except PlacementPaper.DoesNotExist:
            raise Http404 from None
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(reverse("admin:internships_placementpaper_change", args=[pk]))
        return closed_up(download(content, f"{paper.number}.pdf", PDF_TYPE))

    def scan_view(self, request, pk):
        """Keeps the signed copy of a paper with it."""
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404
        if not self.may_sign(request, obj):
            raise PermissionDenied
        if why := copy_refusal(obj, role=request.user.role):
            return self._refused(request, obj, why, title=_("Copie signée"))
        form = ScanForm(request.POST or None, request.FILES or None)
        status = 200
        if request.method == "POST":
            status = 422
            if form.is_valid():
                upload = form.cleaned_data["file"]
                try:
                    services.attach_signed_scan(
                        actor=request.user,
                        paper=obj,
                        upload=upload,
                        name=upload.name,
                        signed_on=form.cleaned_data["signed_on"],
                    )
                except StorageUnavailable as error:
                    form.add_error(None, error.messages)
                    status = 503
                except ValidationError as error:
                    form.take(error)
                else:
                    messages.success(request, _("La copie signée est gardée avec le document."))
                    return HttpResponseRedirect(self.change_url(obj))
        return self._form_page(
            request,
            obj,
            form,
            status=status,
            title=_("Copie signée : %(paper)s") % {"paper": obj},
            note=_("Elle remplacera celle qui y est déjà ; les autres parties le sauront.")
            if obj.has_file
            else "",
            submit=_("Verser la copie signée"),
            busy=_("Envoi et vérification du fichier…"),
        )

    def _refused(self, request, obj, why, *, title):
        """Says why nothing is typed about a paper now."""
        if request.method == "POST":
            messages.error(request, why)
            return HttpResponseRedirect(self.change_url(obj))
        return self._form_page(request, obj, None, why=why, title=title)

    def _form_page(self, request, obj, form, *, title, why="", status=200, **more):
        """A page with what is typed about a paper; without a form, it says why there is none."""
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "lead": str(obj.placement),
            "why": why,
            "form": form,
            "back": self.change_url(obj),
            **more,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/internships/paper_form.html", context, status=status)

    def totals(self, rows):
        found = rows.order_by()
        waiting = found.filter(state__in=(PaperState.MADE, PaperState.AGREED)).count()
        return [
            (found.count(), _("documents")),
            (waiting, ngettext("sans copie signée", "sans copie signée", waiting)),
        ]

    @display(description=gettext_lazy("stagiaire"), ordering="placement__student__user__last_name")
    def shown_student(self, obj):
        return str(obj.placement.student)

    @display(description=gettext_lazy("organisme d’accueil"), ordering="placement__company__sort_name")
    def shown_host(self, obj):
        return str(obj.placement.company)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in PAPER_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.state_text

    @display(description=gettext_lazy("état"))
    def state_text(self, obj):
        return obj.state_text

    @display(description=gettext_lazy("accord de l’organisme d’accueil"))
    def agreement_text(self, obj):
        if obj.agreed_at is None:
            return BLANK
        return _("%(when)s, par %(who)s") % {"when": text_of(obj.agreed_at), "who": obj.agreed_by}

    @display(description=gettext_lazy("règles écartées"))
    def aside_text(self, obj):
        """The rules of law that are set aside with an amendment, each with why."""
        rows = [(RuleCode(code).label, why) for code, why in obj.terms.get("overrides", {}).items()]
        return format_html_join("", "<b>{}</b> : {}<br>", rows) or BLANK

    @display(description=gettext_lazy("fichier"))
    def shown_pdf(self, obj):
        return format_html(
            '<a class="pratik-link" href="{}" aria-label="{}">{}</a>',
            reverse(PDF, args=[obj.pk]),
            _("PDF de %(paper)s") % {"paper": obj},
            _("PDF"),
        )

    @display(description=gettext_lazy("stage"))
    def placement_page(self, obj):
        return link(reverse("admin:internships_placement_change", args=[obj.placement_id]), obj.placement)

    @display(description=gettext_lazy("modifie"))
    def amends_page(self, obj):
        return link(self.change_url(obj.amends), obj.amends) if obj.amends_id else BLANK

    @display(description=gettext_lazy("code de vérification"))
    def shown_code(self, obj):
        """The code as the paper writes it, with the way to the page that checks it."""
        return link(reverse("public:verified", args=[obj.code]), written_code(obj.code))

    @display(description=gettext_lazy("copie signée"))
    def scan_text(self, obj):
        return link(self.file_address(obj), _("Ouvrir la copie signée")) if obj.has_file else BLANK

    @display(description=gettext_lazy("ce qui change"))
    def changes_text(self, obj):
        """What an amendment changes, a line each: what it was, then what it is."""
        return (
            format_html_join(
                "",
                '{} : <del class="pratik-old">{}</del> <ins class="pratik-new">{}</ins><br>',
                [(label, before or BLANK, after or BLANK) for label, before, after in obj.changes],
            )
            or BLANK
        )
