"""The page « Capacité d’accueil »: for each host and week, the interns agreed on against the most allowed;
and the places that are left where a host is chosen for a placement.
"""

import datetime
from dataclasses import dataclass

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from tablib import Dataset

from backoffice.base.display import BLANK, day, text_of
from backoffice.base.downloads import TABLES, download_table
from backoffice.roles import verbs_of
from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.core.calendar import today, weeks_between
from pratik.core.text import typed
from pratik.internships.enums import PlacementState
from pratik.internships.models import Placement
from pratik.internships.reports import capacity, headcounts, students_looking
from pratik.internships.workflow import SCHOOL_SIDE
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Commune

from .placement_forms import DAYS

CAPACITY = "admin:internships_placement_capacity"
WEEKS = 16
PER_PAGE = 50
WEEK = datetime.timedelta(weeks=1)
LONGEST = datetime.timedelta(days=366)


@dataclass(frozen=True)
class Cell:
    """One host in one week: how warm, in figures and in a sentence."""

    week: object
    company: object
    monday: datetime.date

    @property
    def heat(self):
        """none without a known cap, 0 empty, 1 to 3 filling, 4 over the cap."""
        week = self.week
        if week.cap is None:
            return "none"
        if week.is_over:
            return 4
        if not week.agreed:
            return 0
        return 3 if week.agreed == week.cap else 2 if week.share > 0.5 else 1

    @property
    def text(self):
        if self.week.cap is None:
            return str(self.week.agreed) if self.week.agreed else ""
        return f"{self.week.agreed}/{self.week.cap}"

    @property
    def sentence(self):
        told = {
            "company": self.company,
            "week": self.monday.isocalendar().week,
            "agreed": self.week.agreed,
            "cap": self.week.cap,
        }
        if self.week.cap is None:
            return _("%(company)s, semaine %(week)d : %(agreed)d stagiaires, effectif inconnu") % told
        return _("%(company)s, semaine %(week)d : %(agreed)d stagiaires pour %(cap)d au plus") % told


@dataclass(frozen=True)
class Row:
    """One host; `fill_url` leads whoever may to the headcount that is missing."""

    company: object
    cells: list
    url: str
    headcount: str
    fill_url: str


@dataclass(frozen=True)
class Head:
    """One column: its week, the students whose calendars send them out, the places left on this page."""

    monday: datetime.date
    looking: int
    free: int
    is_current: bool

    @property
    def number(self):
        return self.monday.isocalendar().week


class CapacityPages:
    """Gives the page of placements the weeks of hosts, drawn; for the team and schools, and for each host its
    own. What is counted names no intern.
    """

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("capacite/", view(self.capacity_view), name="internships_placement_capacity"),
            path("capacite/places/", view(self.places_view), name="internships_placement_places"),
            *(
                path(
                    f"capacite/capacite.{suffix}",
                    view(self.capacity_file),
                    {"suffix": suffix},
                    name=f"internships_placement_capacity_{suffix}",
                )
                for suffix in TABLES
            ),
            *super().get_urls(),
        ]

    def capacity_url(self):
        return reverse(CAPACITY)

    def may_see_capacity(self, request):
        """The team and schools, of the hosts that they see; hosts for themselves."""
        return self.has_view_permission(request) and (
            request.user.role in STAFF_ROLES or request.user.role in (Role.COMPANY, Role.SCHOOL)
        )

    def chooses_hosts(self, request):
        """Whether this person chooses the host of a placement, and so looks for places."""
        return self.has_view_permission(request) and request.user.role in SCHOOL_SIDE

    def places_of(self, request, kept):
        """What a page says of the places of its host: of a new placement (None) once one is chosen, of one
        that nobody has agreed to at once.
        """
        if not self.chooses_hosts(request) or (kept and kept.state != PlacementState.DRAFTED):
            return {}
        text = places_left(kept.company, kept.start_on, kept.end_on) if kept else ""
        return {"places_url": reverse("admin:internships_placement_places"), "places": text}

    def places_view(self, request):
        """How many places a host has left in the weeks of some days, in a sentence, as one types."""
        if not self.chooses_hosts(request):
            raise PermissionDenied
        form = PlacesForm(request.GET, hosts=CompanyProfile.objects.visible_to(request.user))
        text = places_left(**form.cleaned_data) if form.is_valid() else ""
        return JsonResponse({"text": text}, headers={"Cache-Control": "private, no-store"})

    def capacity_view(self, request):
        """The heat map, a page of hosts at a time."""
        companies, first, asked = self._asked(request)
        page = Paginator(companies, PER_PAGE).get_page(request.GET.get("page"))
        heads, rows = _drawn(request.user, list(page.object_list), first)
        kept = {name: value for name, value in asked.items() if value}
        context = {
            **self.admin_site.each_context(request),
            "title": _("Capacité d’accueil, semaine par semaine"),
            "opts": self.model._meta,
            "heads": heads,
            "rows": rows,
            "page": page,
            "asked": asked,
            "communes": Commune.objects.visible_to(request.user).order_by("sort_name"),
            "filters": request.user.role != Role.COMPANY,
            "earlier": _address(kept, first - WEEKS * WEEK),
            "later": _address(kept, first + WEEKS * WEEK),
            "now": _address(kept, None),
            "turn": urlencode({**kept, "debut": first.isoformat()}),
            "files": [
                (
                    suffix.upper(),
                    f"{reverse(f'admin:internships_placement_capacity_{suffix}')}?{request.GET.urlencode()}",
                )
                for suffix in TABLES
            ],
            "period": _("Du %(first)s au %(last)s")
            % {"first": day(first), "last": day(first + WEEKS * WEEK - datetime.timedelta(days=1))},
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/internships/capacity.html", context)

    def capacity_file(self, request, suffix):
        """The same hosts and weeks as a file, all of them."""
        companies, first, _asked = self._asked(request)
        return download_table(_sheet(list(companies), first), "capacite-d-accueil", suffix)

    def _asked(self, request):
        """The hosts and the first Monday that the person looks at, and what they typed."""
        if not self.may_see_capacity(request):
            raise PermissionDenied
        asked = {name: typed(request.GET.get(name, ""))[:100] for name in ("q", "commune", "avec")}
        rows = CompanyProfile.objects.visible_to(request.user).matching(
            words=asked["q"], commune=asked["commune"]
        )
        first = _monday(request.GET.get("debut", ""))
        if asked["avec"]:
            last = first + WEEKS * WEEK - datetime.timedelta(days=1)
            hosts = Placement.objects.agreed().touching(first, last).order_by().values("company")
            rows = rows.filter(pk__in=hosts)
        return rows.select_related("commune").order_by("sort_name", "pk"), first, asked


def _monday(day):
    """The Monday of the week of a day that was typed, or of today."""
    try:
        start = datetime.date.fromisoformat(day)
    except ValueError:
        start = today()
    if not 2000 < start.year < 2100:
        start = today()
    return start - datetime.timedelta(days=start.weekday())


def _address(kept, first):
    start = {"debut": first.isoformat()} if first else {}
    query = urlencode({**kept, **start})
    return f"{reverse(CAPACITY)}?{query}" if query else reverse(CAPACITY)


def _span(first):
    return first, first + WEEKS * WEEK - datetime.timedelta(days=1)


def _drawn(user, companies, first):
    """The columns and rows of some hosts, as this person sees them; in a fixed number of queries."""
    mondays = weeks_between(*_span(first))
    found = capacity(companies, *_span(first))
    looking = dict(students_looking(*_span(first)))
    said = headcounts(companies)
    current = today() - datetime.timedelta(days=today().weekday())
    heads = [
        Head(
            monday,
            looking.get(monday, 0),
            sum(found[company.pk][monday].free or 0 for company in companies),
            monday == current,
        )
        for monday in mondays
    ]
    placements = reverse("admin:internships_placement_changelist")
    unknown = [company.pk for company in companies if company.headcount_floor is None]
    to_fill = set()
    if "change" in verbs_of(user.role, CompanyProfile._meta.label_lower):
        editable = CompanyProfile.objects.editable_by(user).filter(pk__in=unknown)
        to_fill = set(editable.values_list("pk", flat=True))
    rows = [
        Row(
            company,
            [Cell(found[company.pk][monday], company, monday) for monday in mondays],
            f"{placements}?{urlencode({'company__id__exact': company.pk})}",
            headcount_text(said[company.pk]),
            reverse("admin:partners_companyprofile_change", args=[company.pk])
            if company.pk in to_fill
            else "",
        )
        for company in companies
    ]
    return heads, rows


def headcount_text(found):
    """The headcount that the cap of a host follows from, and whose word it is."""
    if found.number is None:
        return _("Effectif inconnu")
    if found.is_floor:
        return _("Effectif : au moins %(number)d, d’après sa tranche") % {"number": found.number}
    told = {"number": found.number, "day": text_of(localdate(found.since)) if found.since else BLANK}
    if found.by_host:
        return _("Effectif : %(number)d, déclaré par l’organisme le %(day)s") % told
    return _("Effectif : %(number)d, saisi par l’équipe le %(day)s") % told


class PlacesForm(forms.Form):
    """The host and the days for which somebody looks for places; of a year at most."""

    company = forms.ModelChoiceField(CompanyProfile.objects.none())
    first = forms.DateField(**DAYS)
    last = forms.DateField(**DAYS)

    def __init__(self, *args, hosts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["company"].queryset = hosts

    def clean(self):
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and not first <= last <= first + LONGEST:
            raise forms.ValidationError("days")
        return self.cleaned_data


def places_left(company, first, last):
    """How many interns a host may still have in the weeks of these days, in a sentence; one query, or two."""
    weeks = capacity([company], first, last)[company.pk]
    told = {"company": company}
    if any(week.cap is None for week in weeks.values()):
        return (
            _("Places : l’effectif de « %(company)s » n’est pas connu, son plafond ne se calcule pas.") % told
        )
    full = [monday for monday, week in weeks.items() if not week.free]
    if not full:
        number = min(week.free for week in weeks.values())
        text = ngettext(
            "Places : « %(company)s » peut encore recevoir %(number)d stagiaire chaque semaine de ces dates.",
            "Places : « %(company)s » peut encore recevoir %(number)d stagiaires chaque semaine de ces"
            " dates.",
            number,
        )
        return text % {**told, "number": number}
    text = ngettext(
        "Places : « %(company)s » est déjà complet pendant %(number)d semaine de ces dates, la première le"
        " %(day)s.",
        "Places : « %(company)s » est déjà complet pendant %(number)d semaines de ces dates, la première le"
        " %(day)s.",
        len(full),
    )
    return text % {**told, "number": len(full), "day": day(full[0])}


def _sheet(companies, first):
    """One row for each host and week."""
    dataset = Dataset(title=_("Capacité d’accueil"))
    dataset.headers = [
        _("SIRET"),
        _("Organisme d’accueil"),
        _("Commune"),
        _("Semaine du"),
        _("Stagiaires"),
        _("Plafond"),
        _("Places libres"),
    ]
    for company, weeks in zip(companies, capacity(companies, *_span(first)).values(), strict=True):
        town = company.commune.name if company.commune_id else ""
        for monday, week in weeks.items():
            dataset.append([company.siret, company.name, town, monday, week.agreed, week.cap, week.free])
    return dataset
