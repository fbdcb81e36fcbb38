"""The page on which a document is looked at, with what helps to decide beside it, and decided on."""

from itertools import chain
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import AccountType
from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import today
from pratik.core.inspection import Scan
from pratik.verification import rules, services
from pratik.verification.enums import DOCUMENT_COLORS, DocumentState, DocumentType
from pratik.verification.models import ReviewClaim, VerificationDocument
from pratik.verification.reports import active_requirements, file_of

from .files import FILE, page_link
from .forms import Approval, Rejection

AGE_COLORS = {"calm": "success", "near": "warning", "late": "danger"}
SCAN_COLORS = {Scan.CLEAN: "success", Scan.NOT_SCANNED: "warning"}

REVIEW = "admin:verification_verificationdocument_review"
NEXT = "admin:verification_verificationdocument_next"
# By what the queue may be narrowed while one works through it → what there is to choose from.
NARROWED = {"document_type": DocumentType.values, "account_type": AccountType.values}


def narrowed(values):
    """Those of these values that narrow the queue, as they stand in an address."""
    return {name: values[name] for name, known in NARROWED.items() if values.get(name) in known}


def rows_of(narrow):
    """The documents that the queue is narrowed to."""
    columns = {"document_type": "document_type", "account_type": "owner__account_type"}
    return VerificationDocument.objects.filter(**{columns[name]: value for name, value in narrow.items()})


class ReviewPages:
    """Gives the page of documents the review of one, and the way to the next.

    Everything that is done there is a POST to the page itself; `do` says what.
    """

    def get_urls(self):
        view = self.admin_site.admin_view
        name = "verification_verificationdocument"
        return [
            path("suivante/", view(self.next_view), name=f"{name}_next"),
            path("<int:pk>/relire/", view(self.review_view), name=f"{name}_review"),
            *super().get_urls(),
        ]

    def may_review(self, request):
        """Documents are looked at and decided on in one's own name, by those who check them."""
        return request.user.role in CHECKERS and request.impersonator is None

    def next_view(self, request):
        """Takes the document that waits longest, and leads to it."""
        if not self.may_review(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        narrow = narrowed(request.POST)
        after = request.POST.get("after", "")
        document = services.next_document(
            actor=request.user,
            rows=rows_of(narrow),
            after=int(after) if after.isdecimal() and after.isascii() and len(after) < 16 else None,
        )
        if document is None:
            messages.info(request, _("Plus aucune pièce n’attend votre examen."))
            return HttpResponseRedirect(self.list_url())
        return HttpResponseRedirect(self.review_url(document.pk, narrow))

    def review_url(self, pk, narrow=None):
        url = reverse(REVIEW, args=[pk])
        return f"{url}?{urlencode(narrow)}" if narrow else url

    def review_view(self, request, pk):
        """The document beside what is known of it; on a POST, what the person does with it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = VerificationDocument.objects.visible_to(request.user).with_claims()
        document = rows.select_related("owner", "first_approved_by", "decided_by").filter(pk=pk).first()
        if document is None:
            raise Http404
        if not self.may_review(request):
            raise PermissionDenied
        if request.method != "POST":
            return self.review_page(request, document)
        does = {
            "take": self._take,
            "renew": self._renew,
            "release": self._release,
            "page": self._page,
            "approve": self._approve,
            "reject": self._reject,
        }.get(request.POST.get("do"))
        return does(request, document) if does else self.review_page(request, document)

    def _back(self, request, document):
        return HttpResponseRedirect(self.review_url(document.pk, narrowed(request.GET)))

    def _take(self, request, document):
        try:
            services.claim(actor=request.user, pk=document.pk)
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
        return self._back(request, document)

    def _renew(self, request, document):
        """Keeps the document for a further while; the page asks while somebody works on it."""
        try:
            claim = services.claim(actor=request.user, pk=document.pk)
        except ValidationError as error:
            return JsonResponse({"why": " ".join(error.messages)}, status=409)
        seconds = settings.REVIEW_CLAIM_MINUTES * 60
        return JsonResponse({"until": told_time(claim.until), "seconds": seconds})

    def _release(self, request, document):
        if services.release(actor=request.user, pk=document.pk):
            messages.info(
                request, _("La pièce « %(document)s » est rendue à la file.") % {"document": document}
            )
        return HttpResponseRedirect(self.list_url())

    def _page(self, request, document):
        """The link to one page, made anew: the one before it was good for a minute."""
        number = request.POST.get("number", "")
        number = int(number) if number.isdecimal() and number.isascii() and len(number) < 6 else 1
        try:
            return JsonResponse({"link": page_link(request.user, document, number)})
        except ValidationError as error:
            return JsonResponse({"why": " ".join(error.messages)}, status=410)

    def _approve(self, request, document):
        form = Approval(request.POST, prefix="approve")
        if form.is_valid():
            days = {document.pk: form.cleaned_data["expires_on"]}
            outcome = services.approve_documents(actor=request.user, pks=[document.pk], last_days=days)
            about_day = self._why_not_until(document, days[document.pk])
            for _row, why in outcome.refused:
                form.add_error("expires_on" if str(why) == about_day else None, str(why))
            for row in outcome.changed:
                told = (
                    _("Pièce acceptée : %(document)s.")
                    if row.state == DocumentState.APPROVED
                    else _("Premier avis favorable noté : %(document)s. Une autre personne donne le second.")
                )
                messages.success(
                    request, self.with_operation(request, told % {"document": document}, outcome.operation)
                )
                return self._back(request, document)
        return self.review_page(request, document, approval=form, status=422)

    @staticmethod
    def _why_not_until(document, last):
        """Why a document is not accepted with this last day, which is told beside the day; or None."""
        requirement = active_requirements().get((document.owner.account_type, document.document_type))
        issued_on = document.issued_on or document.seen_on
        last = rules.last_day(requirement, issued_on=issued_on, expires_on=last)
        return rules.approval_refusal(document, requirement=requirement, expires_on=last, today=today())

    def _reject(self, request, document):
        form = Rejection(request.POST, prefix="reject")
        if form.is_valid():
            data = form.cleaned_data
            try:
                outcome = services.reject_documents(actor=request.user, pks=[document.pk], **data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                for _row, why in outcome.refused:
                    form.add_error(None, str(why))
                if outcome.changed:
                    told = _("Pièce refusée : %(document)s. La personne est prévenue.")
                    messages.success(
                        request,
                        self.with_operation(request, told % {"document": document}, outcome.operation),
                    )
                    return self._back(request, document)
        return self.review_page(request, document, rejection=form, status=422)

    def review_page(self, request, document, *, approval=None, rejection=None, status=200):
        """Lays the document out beside its account's other ones, what is asked for, and the decision."""
        actor = request.user
        claim = ReviewClaim.objects.held(timezone.now()).filter(document=document).first()
        holder = document.claimed_by
        is_mine = claim is not None and claim.reviewer_id == actor.pk
        waits = document.state == DocumentState.PENDING and document.is_current
        requirement = active_requirements().get((document.owner.account_type, document.document_type))
        last_day = rules.last_day(requirement, issued_on=document.issued_on, expires_on=document.expires_on)
        duplicates = VerificationDocument.objects.visible_to(actor).same_file_as(document)
        others = document.owner.verification_documents.exclude(pk=document.pk).order_by(
            "-submitted_at", "-pk"
        )
        why_not = (
            rules.decision_refusal(
                document,
                verb="approve",
                actor=actor,
                holder=holder,
                second_opinion=settings.VERIFICATION_SECOND_OPINION,
            )
            if waits
            else None
        )
        # A picture is only fetched when somebody means to look: each one is written in the journal.
        shown = document.has_file and (is_mine or (not waits and "montrer" in request.GET))
        pages = document.pages or 1
        number = page_number(request.GET.get("page"), pages)
        narrow = narrowed(request.GET)
        refused = approval or rejection
        age = age_of(document)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Relire : %(document)s") % {"document": document.get_document_type_display()},
            "opts": self.model._meta,
            "object": document,
            "document": document,
            "owner": document.owner,
            "owner_url": reverse("admin:accounts_user_change", args=[document.owner_id]),
            "papers_url": reverse("admin:verification_papers_of", args=[document.owner_id]),
            "row_url": self.change_url(document),
            "file_url": reverse(FILE, args=[document.pk]),
            "list_url": self.list_url(),
            "next_url": reverse(NEXT),
            "review_url": self.review_url(document.pk, narrow),
            "narrow": narrow,
            "waits": waits,
            "claim": claim,
            "until": told_time(claim.until) if claim else "",
            "seconds": int((claim.until - timezone.now()).total_seconds()) if claim else 0,
            "is_mine": is_mine,
            "holder": holder if claim and not is_mine else None,
            "why_not": why_not,
            # What was typed stays there, though somebody else may have taken the document meanwhile.
            "deciding": is_mine or (waits and refused is not None),
            "problems": list(chain(*refused.errors.values())) if refused and not waits else [],
            "minutes": settings.REVIEW_CLAIM_MINUTES,
            "shown": shown,
            "picture": page_link(actor, document, number) if shown else "",
            "number": number,
            "pages": pages,
            "previous": number - 1,
            "following": number + 1 if number < pages else 0,
            "requirement": requirement,
            "age": age,
            "age_color": AGE_COLORS[age[0]] if age else "",
            "state_color": DOCUMENT_COLORS[document.state],
            "scan_color": SCAN_COLORS[document.scan],
            "needs": file_of(document.owner),
            "others": [(row, self.review_url(row.pk), DOCUMENT_COLORS[row.state]) for row in others[:20]],
            "duplicates": [(row, self.review_url(row.pk)) for row in duplicates.select_related("owner")[:5]],
            "second_opinion": settings.VERIFICATION_SECOND_OPINION,
            "approval": approval or Approval(prefix="approve", initial={"expires_on": last_day}),
            "rejection": rejection or Rejection(prefix="reject"),
            "verbs": [
                (transition.label, self.verb_url(transition.verb, document))
                for transition in document.workflow.open_to(actor.role, document.state)
                if not waits and self.offers(request, document, transition.verb)
            ],
        }
        request.current_app = self.admin_site.name
        response = TemplateResponse(request, "backoffice/verification/review.html", context, status=status)
        # Coming back asks anew: who holds the document has changed, and its pictures' links are over.
        response["Cache-Control"] = "private, no-store"
        return response

    def verb_url(self, verb, document):
        return reverse(f"admin:verification_verificationdocument_{verb}", args=[document.pk])


def page_number(typed, pages):
    """The page that an address asks for, among those that there are."""
    number = int(typed) if typed and typed.isdecimal() and typed.isascii() and len(typed) < 6 else 1
    return min(max(number, 1), pages)


def told_time(moment):
    """An hour of Cayenne: 14:32."""
    return date_format(timezone.localtime(moment), "TIME_FORMAT")


def age_of(document):
    """For how long a document has waited, and how much that presses, as (pressure, words); or None."""
    if document.state != DocumentState.PENDING or not document.is_current:
        return None
    days = document.age_in_days
    if days <= 0:
        return rules.pressure(days), _("aujourd’hui")
    return rules.pressure(days), ngettext("%(days)d jour", "%(days)d jours", days) % {"days": days}
