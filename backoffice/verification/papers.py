"""« Mes pièces »: what an account has to prove, what of it is there, and the sending of what is missing."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.uploads import MEBIBYTE, takes_documents
from pratik.accounts.models import User
from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import CAYENNE, today
from pratik.core.inspection import document_limits
from pratik.core.storages import StorageUnavailable
from pratik.verification import rules, services
from pratik.verification.enums import (
    DOCUMENT_COLORS,
    WITHOUT_FILE,
    DocumentState,
    DocumentType,
    RejectionReason,
    remedy,
)
from pratik.verification.models import VerificationDocument
from pratik.verification.reports import file_of

from .files import FILE
from .forms import PaperForm, StatementForm

OWN = "admin:verification_papers"
OF_ACCOUNT = "admin:verification_papers_of"
# From so many days before its last day on, a document is to be renewed.


@dataclass(frozen=True)
class Card:
    """One need as it is shown: how far it is in a word and a colour, what is told, and the form for it."""

    status: object
    badge: str
    color: str
    told: tuple
    form: object = None
    is_open: bool = False

    @property
    def documents(self):
        """The versions worth showing: the one that counts, and the last one sent."""
        found = {row.pk: row for row in (self.status.counting, self.status.latest) if row is not None}
        return list(found.values())


def day_of(day):
    return date_format(day, "SHORT_DATE_FORMAT")


def card_of(status, form, day):
    """How far a need is, in the words of the person who has to prove it."""
    counting, latest = status.counting, status.latest
    told = []
    if counting is not None:
        badge, color = _("Acceptée"), "success"
        if counting.expires_on is None:
            told.append(_("%(document)s : sans limite de durée.") % {"document": _type(counting)})
        else:
            told.append(
                _("%(document)s : compte jusqu’au %(day)s.")
                % {"document": _type(counting), "day": day_of(counting.expires_on)}
            )
            if status.ends_soon(day):
                badge, color = _("Expire bientôt"), "warning"
                if not status.is_waiting:
                    told.append(_("Envoyez la suivante dès maintenant : celle-ci compte jusqu’à son terme."))
    elif latest is None:
        badge, color = _("Manquante"), "danger"
    else:
        badge = DocumentState(latest.state).label
        color = "warning" if status.is_waiting else "danger"
    if latest is not None and latest != counting:
        told += _told_of_latest(latest)
    needs_sending = counting is None and not status.is_waiting
    refused = latest is not None and latest.state == DocumentState.REJECTED
    has_errors = form is not None and form.is_bound and bool(form.errors)
    return Card(
        status=status,
        badge=badge,
        color=color,
        told=tuple(told),
        form=form,
        is_open=needs_sending or refused or (color == "warning" and not status.is_waiting) or has_errors,
    )


def _type(document):
    return document.get_document_type_display()


def _told_of_latest(document):
    """What became of the version that was sent last, where it is not the one that counts."""
    sent = day_of(timezone.localdate(document.submitted_at, CAYENNE))
    match document.state:
        case DocumentState.PENDING if document.document_type in WITHOUT_FILE:
            return [
                _("%(document)s : une seconde personne doit encore confirmer.")
                % {"document": _type(document)}
            ]
        case DocumentState.PENDING:
            return [
                _("Envoi du %(day)s (%(document)s) : l’équipe PRATIK va l’examiner.")
                % {"document": _type(document), "day": sent}
            ]
        case DocumentState.REJECTED:
            reason = RejectionReason(document.rejection_reason)
            why = (
                _("%(why)s : %(text)s") % {"why": reason.label, "text": document.rejection_text}
                if document.rejection_text
                else reason.label
            )
            return [
                _("Envoi du %(day)s (%(document)s) refusé. Motif : %(why)s.")
                % {"document": _type(document), "day": sent, "why": str(why).rstrip(".")},
                remedy(reason),
            ]
        case DocumentState.EXPIRED:
            return [
                _("%(document)s : plus valable depuis le %(day)s.")
                % {"document": _type(document), "day": day_of(document.expires_on)}
            ]
    return []


class PaperPages:
    """Gives the page of documents « Mes pièces », and the same page of any account for those who check."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("mes-pieces/", view(takes_documents(self.own_papers)), name="verification_papers"),
            path("compte/<int:pk>/", view(takes_documents(self.papers_of)), name="verification_papers_of"),
            *super().get_urls(),
        ]

    def own_papers(self, request):
        """The papers of the person who asks; the team has none."""
        if request.user.is_staff or not self.has_view_permission(request):
            raise PermissionDenied
        return self._papers(request, request.user, reverse(OWN), _("Mes pièces"))

    def papers_of(self, request, pk):
        """The papers of an account, where somebody came in person or sent them by letter."""
        if request.user.role not in CHECKERS or request.impersonator is not None:
            raise PermissionDenied
        owner = User.objects.visible_to(request.user).people().filter(pk=pk).first()
        if owner is None or owner.is_staff:
            raise Http404
        title = _("Pièces de %(who)s") % {"who": owner}
        return self._papers(request, owner, reverse(OF_ACCOUNT, args=[pk]), title)

    def _papers(self, request, owner, url, title):
        statuses = file_of(owner)
        is_own = owner.pk == request.user.pk
        forms = self._forms(request, statuses)
        statement = None if is_own else StatementForm(prefix="record", initial={"seen_on": today()})
        problems, status = [], 200
        if request.method == "POST":
            try:
                if "record" in request.POST:
                    statement = StatementForm(request.POST, prefix="record")
                    done = not is_own and self._record(request, owner, statement)
                else:
                    done = self._send(request, owner, forms)
            except ValidationError as error:
                problems, done = error.messages, False
                status = 503 if isinstance(error, StorageUnavailable) else 422
            if done:
                # The page's script goes there itself: a redirection that it followed would eat the message.
                by_script = request.headers.get("Accept") == "application/json"
                return JsonResponse({"url": url}) if by_script else HttpResponseRedirect(url)
            status = max(status, 422)
        day = today()
        limits = document_limits()
        records = VerificationDocument.objects.filter(
            owner=owner, document_type=DocumentType.CRIMINAL_RECORD, is_current=True
        )
        shown = {row.pk for card in statuses for row in (card.counting, card.latest) if row is not None}
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.model._meta,
            "owner": owner,
            "is_own": is_own,
            "url": url,
            "owner_url": reverse("admin:accounts_user_change", args=[owner.pk]),
            "cards": [card_of(row, forms.get(row.need), day) for row in statuses],
            "closed": rules.owner_refusal(request.user, owner, acting=request.impersonator is not None),
            "problems": problems,
            "statement": statement,
            "records": [(row, DOCUMENT_COLORS[row.state]) for row in records.select_related("submitted_by")],
            "earlier": owner.verification_documents.exclude(pk__in=shown)
            .exclude(document_type__in=WITHOUT_FILE)
            .order_by("-submitted_at", "-pk")[:20],
            "file_name": FILE,
            "megabytes": number_format(limits.max_bytes // MEBIBYTE),
            "max_pages": limits.max_pages,
            "max_together": limits.max_together,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/verification/papers.html", context, status=status)

    @staticmethod
    def _forms(request, statuses):
        """A form for each need that a file may prove; what was sent is in those that it was typed in."""
        is_sent = request.method == "POST" and "record" not in request.POST
        data = (request.POST, request.FILES) if is_sent else (None, None)
        return {
            row.need: PaperForm(*data, prefix=str(row.need), requirements=row.requirements)
            for row in statuses
            if any(requirement.document_type not in WITHOUT_FILE for requirement in row.requirements)
        }

    @staticmethod
    def _send(request, owner, forms):
        """Sends all papers that were filled in, or none. Returns whether it did; else the forms say why."""
        filled = [form for form in forms.values() if form.is_filled]
        for need, form in list(forms.items()):
            if not form.is_filled:
                # Nothing was meant to be sent for this one.
                forms[need] = PaperForm(prefix=form.prefix, requirements=form.requirements)
        if not filled:
            raise ValidationError(_("Choisissez au moins un fichier à envoyer."))
        # All of them are asked, so that all that is wrong is told at once.
        if False in [form.is_valid() for form in filled]:
            return False
        try:
            rows = services.submit_several(
                actor=request.user, owner=owner, documents=[form.sent for form in filled]
            )
        except services.DocumentsRefused as refused:
            for number, error in refused.by_number.items():
                filled[number].take(error)
            return False
        messages.success(
            request,
            ngettext(
                "%(number)d pièce envoyée : l’équipe PRATIK va l’examiner.",
                "%(number)d pièces envoyées : l’équipe PRATIK va les examiner.",
                len(rows),
            )
            % {"number": len(rows)},
        )
        return True

    @staticmethod
    def _record(request, owner, form):
        """Notes that a criminal record was seen. Returns whether it was; else the form says why."""
        if not form.is_valid():
            return False
        try:
            services.record_statement(actor=request.user, owner=owner, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        messages.success(
            request,
            _("Noté : casier judiciaire vu le %(day)s par %(who)s.")
            % {"day": day_of(form.cleaned_data["seen_on"]), "who": request.user},
        )
        return True
