"""The pages by which a company finds students whom it may ask to follow, and asks one of them."""

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.tracking import reports, services
from pratik.tracking.enums import FOLLOW_COLORS, GROUND_COLORS, FollowState
from pratik.tracking.models import level_text

from .forms import AskForm, SearchForm

PER_PAGE = 24
CANDIDATES = "admin:tracking_follow_candidates"
REQUEST = "admin:tracking_follow_request"


@dataclass(frozen=True)
class Candidate:
    """A student whom the company may ask, as far as it may read: studies only where they are shown."""

    pk: int
    name: str
    grounds: tuple
    studies: tuple
    state: tuple | None

    @property
    def is_live(self):
        return self.state is not None


def candidate_of(profile):
    """A student from `reports.reachable`, ready to be shown."""
    studies = ()
    if profile.is_public:
        level = level_text(profile.level, profile.diploma, profile.year_in_cycle)
        studies = tuple(filter(None, (level, profile.domain, profile.get_status_display())))
    live = FollowState(profile.live_state) if profile.live_state else None
    return Candidate(
        pk=profile.pk,
        name=reports.name_for_company(profile),
        grounds=tuple((ground.label, GROUND_COLORS[ground]) for ground in reports.grounds_of(profile)),
        studies=studies,
        state=(live.label, FOLLOW_COLORS[live]) if live else None,
    )


class AskPages:
    """Gives the page of follows the list of students whom one may ask, and the form to ask one."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("etudiants/", view(self.candidates_view), name="tracking_follow_candidates"),
            path("etudiants/<int:pk>/", view(self.request_view), name="tracking_follow_request"),
            *super().get_urls(),
        ]

    @staticmethod
    def may_ask(request):
        """Students are asked in the company's own name."""
        return request.user.role == Role.COMPANY and request.impersonator is None

    @staticmethod
    def _company(request):
        """The company that asks: the one that is chosen, else the person's first; with all of theirs."""
        own = list(reports.companies_of(request.user).order_by("sort_name", "pk"))
        chosen = request.GET.get("entreprise", "")
        return next((row for row in own if str(row.pk) == chosen), own[0] if own else None), own

    def candidates_view(self, request):
        """The students whom the company may ask, found by name, studies and what links them to it."""
        if not self.may_ask(request):
            return self._answer(request, "candidates", {"title": _("Suivre un étudiant")}, status=403)
        company, own = self._company(request)
        form = SearchForm(request.GET)
        form.is_valid()
        rows = reports.find(reports.reachable(company), **form.asked) if company else ()
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("p"))
        kept = {name: request.GET[name] for name in ("entreprise", *form.fields) if request.GET.get(name)}
        context = {
            "title": _("Suivre un étudiant"),
            "company": company,
            "companies": own,
            "form": form,
            "page": page,
            "number": page.paginator.count,
            "kept": urlencode({name: value for name, value in kept.items() if "\x00" not in value}),
            "candidates": [
                (candidate_of(row), self._request_url(row.pk, company)) for row in page.object_list
            ],
            "is_narrowed": any(form.asked.values()),
        }
        return self._answer(request, "candidates", context)

    @staticmethod
    def _request_url(pk, company):
        return f"{reverse(REQUEST, args=[pk])}?{urlencode({'entreprise': company.pk})}"

    def request_view(self, request, pk):
        """Asks one student; a student out of the company's reach does not exist for it."""
        if not self.may_ask(request):
            return self._answer(request, "request", {"title": _("Suivre un étudiant")}, status=403)
        company = self._company(request)[0]
        rows = reports.reachable(company).select_related("user") if company else None
        student = rows.filter(pk=pk).first() if company else None
        if student is None:
            raise Http404
        form = AskForm(request.POST or None)
        context = {
            "title": _("Suivre %(who)s") % {"who": reports.name_for_company(student)},
            "candidate": candidate_of(student),
            "company": company,
            "form": form,
            "back": f"{reverse(CANDIDATES)}?{urlencode({'entreprise': company.pk})}",
        }
        if request.method != "POST":
            return self._answer(request, "request", {**context, "form": AskForm()})
        if form.is_valid():
            try:
                row = services.ask_to_follow(
                    actor=request.user, company=company, student=student, **form.cleaned_data
                )
            except ValidationError as error:
                form.add_error(None, error.messages)
            else:
                messages.success(request, _("Votre demande est envoyée : vous serez prévenu de la réponse."))
                return HttpResponseRedirect(self.change_url(row))
        return self._answer(request, "request", context, status=422)

    def _answer(self, request, page, context, *, status=200):
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            f"backoffice/tracking/{page}.html",
            {**self.admin_site.each_context(request), "opts": self.model._meta, **context},
            status=status,
        )
