import datetime

from django.conf import settings
from django.contrib import admin
from django.db.models import Case, Count, Exists, OuterRef, Q, When
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import (
    BooleanRadioFilter,
    ChoicesDropdownFilter,
    MultipleChoicesDropdownFilter,
)
from unfold.decorators import display
from unfold.enums import ActionVariant

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import BLANK
from backoffice.base.exports import list_resource
from backoffice.base.filters import DaysFilter
from pratik.core.calendar import CAYENNE, today
from pratik.core.inspection import Scan
from pratik.verification import rules, services
from pratik.verification.enums import DOCUMENT_COLORS, DocumentState
from pratik.verification.models import Requirement, ReviewClaim, VerificationDocument

from .files import FILE, FilePages
from .filters import ClaimFilter, DuplicateFilter, ExpiringFilter, VersionFilter
from .forms import BulkApproval, BulkRejection
from .papers import OWN, PaperPages
from .review import AGE_COLORS, NEXT, REVIEW, SCAN_COLORS, ReviewPages, age_of, narrowed


def approve(*, actor, pks, reason="", expires_on=None):
    """Accepts the chosen documents, none for longer than the day that was typed: nobody has read each, so
    that one which ends sooner keeps its own.
    """
    return services.approve_documents(actor=actor, pks=pks, reason=reason, no_later_than=expires_on)


def badge(color, text):
    """A word on its colour."""
    return format_html('<span class="pratik-badge pratik-badge-{}">{}</span>', color, text)


@admin.register(Requirement)
class RequirementAdmin(ScopedAdmin):
    """What is asked of which accounts; a change brings their badges along."""

    resource_classes = [
        list_resource(
            Requirement,
            "account_type",
            "need",
            "document_type",
            "is_active",
            "expiry_required",
            "max_age_days",
            "validity_months",
            "note",
        )
    ]
    list_display = (
        "document_type",
        "account_type",
        "need",
        "is_active",
        "shown_dates",
        "shown_note",
    )
    list_filter = (
        ("account_type", MultipleChoicesDropdownFilter),
        ("need", ChoicesDropdownFilter),
        ("is_active", BooleanRadioFilter),
    )
    # A handful of rows, found by their filters.
    search_fields = ()
    fieldsets = (
        (None, {"fields": (("account_type", "is_active"), ("need", "document_type"), "note")}),
        (
            gettext_lazy("Dates"),
            {"fields": ("expiry_required", ("max_age_days", "validity_months"))},
        ),
    )

    @display(description=gettext_lazy("dates"))
    def shown_dates(self, obj):
        """What is asked of the dates of the document, in words."""
        told = []
        if obj.expiry_required:
            told.append(_("fin de validité obligatoire"))
        if obj.max_age_days:
            told.append(
                ngettext(
                    "moins de %(days)d jour à l’envoi", "moins de %(days)d jours à l’envoi", obj.max_age_days
                )
                % {"days": obj.max_age_days}
            )
        if obj.validity_months:
            told.append(
                ngettext("compte %(months)d mois", "compte %(months)d mois", obj.validity_months)
                % {"months": obj.validity_months}
            )
        return ", ".join(told) or BLANK

    @display(description=gettext_lazy("consigne"))
    def shown_note(self, obj):
        return format_html('<span class="block pratik-wide">{}</span>', obj.note or BLANK)


@admin.register(VerificationDocument)
class DocumentAdmin(PaperPages, ReviewPages, FilePages, ScopedAdmin):
    """The documents that people sent, those that wait longest first; each person's own for everybody else."""

    list_title = gettext_lazy("Pièces à relire")
    resource_classes = [
        list_resource(
            VerificationDocument,
            "owner",
            "document_type",
            "state",
            "reference",
            "issued_on",
            "expires_on",
            "submitted_at",
            "submitted_by",
            "decided_at",
            "decided_by",
            "rejection_reason",
            "rejection_text",
            "seen_on",
            "file_name",
            "pages",
            "size",
            "scan",
            "is_current",
            "is_in_force",
            "file_deleted_at",
        )
    ]
    verbs = {
        "approve": approve,
        "reject": services.reject_documents,
        "revoke": services.revoke_documents,
        "reopen": services.reopen_documents,
    }
    verb_forms = {"approve": BulkApproval, "reject": BulkRejection, "revoke": BulkRejection}
    assess_verb = staticmethod(services.assess_documents)
    list_before_template = "backoffice/verification/queue.html"
    list_display = (
        "shown_document",
        "shown_owner",
        "shown_state",
        "shown_age",
        "shown_end",
        "shown_holder",
        "shown_checks",
        "shown_review",
    )
    own_list_display = ("shown_document", "shown_state", "submitted_at", "shown_end", "shown_reason")
    list_filter = (
        ("document_type", MultipleChoicesDropdownFilter),
        ("owner__account_type", MultipleChoicesDropdownFilter),
        ("state", MultipleChoicesDropdownFilter),
        ClaimFilter,
        DuplicateFilter,
        ExpiringFilter,
        ("scan", ChoicesDropdownFilter),
        VersionFilter,
        ("submitted_at", DaysFilter),
    )
    own_list_filter = (
        ("document_type", MultipleChoicesDropdownFilter),
        ("state", MultipleChoicesDropdownFilter),
    )
    date_hierarchy = "submitted_at"
    ordering = ("submitted_at", "pk")
    search_fields = ("owner__search_text",)
    search_help_text = gettext_lazy("Nom ou adresse e-mail du compte")
    fieldsets = (
        (
            gettext_lazy("Pièce"),
            {
                "classes": ["tab"],
                "fields": (
                    ("shown_owner", "document_type"),
                    ("state", "shown_holder"),
                    "reference",
                    ("issued_on", "expires_on"),
                    ("submitted_at", "submitted_by"),
                    ("shown_version", "replaces"),
                    "seen_on",
                ),
            },
        ),
        (
            gettext_lazy("Décision"),
            {
                "classes": ["tab"],
                "fields": (
                    ("decided_at", "decided_by"),
                    ("first_approved_at", "first_approved_by"),
                    ("rejection_reason", "rejection_text"),
                ),
            },
        ),
        (
            gettext_lazy("Fichier"),
            {
                "classes": ["tab"],
                "fields": (
                    "shown_file",
                    ("file_name", "content_type"),
                    ("pages", "size"),
                    ("shown_scan", "sha256"),
                    ("file_due_on", "file_deleted_at"),
                ),
            },
        ),
    )
    # What a person reads of their own document.
    own_fieldsets = (
        (
            None,
            {
                "fields": (
                    ("document_type", "state"),
                    ("rejection_reason", "rejection_text"),
                    "reference",
                    ("issued_on", "expires_on"),
                    ("submitted_at", "decided_at"),
                    "seen_on",
                    "shown_file",
                )
            },
        ),
    )
    readonly_fields = (
        "shown_owner",
        "document_type",
        "state",
        "shown_holder",
        "submitted_at",
        "submitted_by",
        "shown_version",
        "replaces",
        "seen_on",
        "decided_at",
        "decided_by",
        "first_approved_at",
        "first_approved_by",
        "rejection_reason",
        "rejection_text",
        "shown_file",
        "file_name",
        "content_type",
        "pages",
        "size",
        "shown_scan",
        "sha256",
        "file_due_on",
        "file_deleted_at",
    )

    def done_with(self, today):
        return ~Q(state=DocumentState.PENDING) | Q(is_current=False)

    def get_queryset(self, request):
        rows = super().get_queryset(request).select_related("owner")
        if not request.user.is_staff:
            return rows
        claims = ReviewClaim.objects.held(timezone.now()).filter(document=OuterRef("pk"))
        mine = Exists(claims.filter(reviewer=request.user))
        rows = rows.with_claims().with_duplicates().annotate(is_mine=mine)
        first = Q(first_approved_by=request.user) if settings.VERIFICATION_SECOND_OPINION else Q(pk__in=[])
        return rows.annotate(is_first_mine=Case(When(first, then=True), default=False))

    def get_list_display(self, request):
        """People see of their own documents what concerns them; a review is started by those who check."""
        if not request.user.is_staff:
            return self.own_list_display
        return self.list_display if self.may_review(request) else self.list_display[:-1]

    def get_list_filter(self, request):
        return self.list_filter if request.user.is_staff else self.own_list_filter

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if request.user.is_staff else self.own_fieldsets

    def acts(self, request):
        """Decisions about people are taken in one’s own name."""
        return [] if request.impersonator is not None else super().acts(request)

    def has_change_permission(self, request, obj=None):
        """Its dates are part of the decision: they are not moved under the eyes of whoever reads it."""
        if not super().has_change_permission(request, obj):
            return False
        if not isinstance(obj, self.model):
            return True
        return request.impersonator is None and obj.claimed_by in (None, request.user)

    def buttons(self, request, obj):
        """Looking at the document comes before deciding on it."""
        buttons = super().buttons(request, obj)
        if self.may_review(request) and not obj.is_first_mine:
            buttons.insert(
                0,
                {
                    "title": _("Relire"),
                    "icon": "plagiarism",
                    "variant": ActionVariant.PRIMARY,
                    "path": reverse(REVIEW, args=[obj.pk]),
                },
            )
        return buttons

    def offers(self, request, obj, verb):
        """What has a newer version, or its file no more, is not looked at again."""
        if verb != "reopen":
            return super().offers(request, obj, verb)
        return rules.reopening_refusal(obj, owner_is_active=obj.owner.is_active) is None

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        """A person is led from one document, which a notice told them of, to all that is asked of them."""
        if obj is not None and obj.owner_id == request.user.pk:
            context["actions_detail"] = [
                *context["actions_detail"],
                {
                    "title": _("Mes pièces"),
                    "icon": "upload_file",
                    "variant": ActionVariant.PRIMARY,
                    "path": reverse(OWN),
                },
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def confirm_notes(self, act, rows):
        """What whoever accepts without looking should know."""
        if act.verb != "approve":
            return []
        notes = []
        if settings.VERIFICATION_SECOND_OPINION:
            notes.append(
                _(
                    "Deux avis sont demandés : le vôtre est noté, et la pièce compte dès qu’une autre"
                    " personne l’a acceptée aussi."
                )
            )
        chosen = self.model.objects.filter(pk__in=[row.pk for row in rows])
        found = chosen.aggregate(unscanned=Count("pk", filter=Q(scan=Scan.NOT_SCANNED) & ~Q(file="")))
        twice, unscanned = chosen.duplicated().count(), found["unscanned"]
        if twice:
            notes.append(
                ngettext(
                    "%(number)d de ces pièces est un fichier qu’un autre compte a envoyé aussi.",
                    "%(number)d de ces pièces sont des fichiers qu’un autre compte a envoyés aussi.",
                    twice,
                )
                % {"number": twice}
            )
        if unscanned:
            notes.append(
                ngettext(
                    "%(number)d de ces pièces n’a pas été analysée par un antivirus.",
                    "%(number)d de ces pièces n’ont pas été analysées par un antivirus.",
                    unscanned,
                )
                % {"number": unscanned}
            )
        return notes

    def totals(self, rows):
        """How many of them wait, and how many of those for too long."""
        waiting = Q(state=DocumentState.PENDING, is_current=True)
        first = datetime.datetime.combine(
            today() - datetime.timedelta(days=rules.LATE), datetime.time.min, CAYENNE
        )
        figures = rows.order_by().aggregate(
            waiting=Count("pk", filter=waiting),
            late=Count("pk", filter=waiting & Q(submitted_at__lt=first)),
        )
        return [
            (figures["waiting"], ngettext("à relire", "à relire", figures["waiting"])),
            (
                figures["late"],
                _("depuis plus de %(days)d jours") % {"days": rules.LATE},
            ),
        ]

    def changelist_view(self, request, extra_context=None):
        extra = {
            "may_review": self.may_review(request),
            "next_url": reverse(NEXT),
            "narrow": narrowed(
                {
                    "document_type": self._only(request, "document_type__exact"),
                    "account_type": self._only(request, "owner__account_type__exact"),
                }
            ),
        }
        if not request.user.is_staff:
            extra |= {"title": _("Mes pièces envoyées"), "papers_url": reverse(OWN)}
        return super().changelist_view(request, {**extra, **(extra_context or {})})

    def tells_totals(self, request):
        """How long the team lets papers wait is the team's own measure."""
        return request.user.is_staff

    @staticmethod
    def _only(request, name):
        """What a filter is set to, where it is set to a single value."""
        values = request.GET.getlist(name)
        return values[0] if len(values) == 1 else ""

    @display(description=gettext_lazy("pièce"), ordering="document_type")
    def shown_document(self, obj):
        return obj.get_document_type_display()

    @display(description=gettext_lazy("compte"), ordering="owner__search_text")
    def shown_owner(self, obj):
        return format_html(
            '{}<span class="queue-sub">{}</span>', obj.owner, obj.owner.get_account_type_display()
        )

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in DOCUMENT_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("attend depuis"), ordering="submitted_at", label=AGE_COLORS)
    def shown_age(self, obj):
        return age_of(obj)

    @display(description=gettext_lazy("valable jusqu’au"), ordering="expires_on")
    def shown_end(self, obj):
        return date_format(obj.expires_on, "SHORT_DATE_FORMAT") if obj.expires_on else BLANK

    @display(description=gettext_lazy("examinée par"))
    def shown_holder(self, obj):
        return str(obj.claimed_by or BLANK)

    @display(description=gettext_lazy("contrôles"))
    def shown_checks(self, obj):
        """What to beware of: an antivirus that did not look, the same file from somebody else."""
        found = []
        if obj.sha256 and obj.scan == Scan.NOT_SCANNED:
            found.append((badge("warning", _("Non analysée")),))
        if obj.is_duplicate:
            found.append((badge("danger", _("Doublon")),))
        if obj.first_approved_by_id and obj.state == DocumentState.PENDING:
            found.append((badge("info", _("Un premier avis")),))
        return format_html_join(" ", "{}", found) or BLANK

    @display(description=gettext_lazy("antivirus"))
    def shown_scan(self, obj):
        return badge(SCAN_COLORS[obj.scan], obj.get_scan_display()) if obj.sha256 else BLANK

    @display(description=gettext_lazy("version"))
    def shown_version(self, obj):
        """Whether it is the latest of its kind, and whether it is the one that counts."""
        told = _("la dernière") if obj.is_current else _("remplacée")
        return _("%(version)s, prise en compte") % {"version": told} if obj.is_in_force else told

    @display(description=gettext_lazy("motif du refus"), ordering="rejection_reason")
    def shown_reason(self, obj):
        return obj.get_rejection_reason_display() or BLANK

    @display(description=gettext_lazy("fichier"))
    def shown_file(self, obj):
        """The way to the file, for whoever is shown it; the file's own view asks whether they may open it."""
        if not obj.has_file:
            return _("supprimé") if obj.file_deleted_at else BLANK
        return format_html(
            '<a class="pratik-link" href="{}">{}</a>', reverse(FILE, args=[obj.pk]), _("Ouvrir le fichier")
        )

    @display(description=gettext_lazy("relire"))
    def shown_review(self, obj):
        """The button that takes the document and leads to it; none while somebody else has it."""
        waits = obj.state == DocumentState.PENDING and obj.is_current
        if not waits or (obj.claimed_by is not None and not obj.is_mine):
            return BLANK
        if obj.is_first_mine:
            return _("Premier avis donné")
        return format_html(
            '<button type="submit" form="take-form" formaction="{}" class="pratik-button pratik-button-plain'
            ' queue-take" aria-label="{}">{}</button>',
            reverse(REVIEW, args=[obj.pk]),
            _("Relire : %(document)s") % {"document": obj},
            _("Reprendre") if obj.is_mine else _("Relire"),
        )
