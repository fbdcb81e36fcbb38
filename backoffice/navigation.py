"""The menus: each person is offered what their role can use, and nothing else."""

from functools import partial

from django.apps import apps
from django.contrib import admin
from django.db.models import CharField, Count, Value
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.dataclasses import SearchResult

from pratik.accounts.enums import KEEPERS, Role
from pratik.internships.enums import ApplicationState
from pratik.internships.models import Application, InternshipOffer
from pratik.joining.reports import drafts_to_answer, requests_to_answer
from pratik.living.enums import MODERATORS
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from pratik.living.reports import offers_to_read
from pratik.living.reports import requests_to_answer as places_to_answer
from pratik.notifications.models import Notice
from pratik.notifications.reports import mails_to_decide
from pratik.recommendations.reports import recommendations_to_answer
from pratik.schools.models import StudentEnrolment
from pratik.tracking.reports import follows_to_answer
from pratik.verification.models import Requirement, VerificationDocument

from .roles import verbs_of

SEARCH_LIMIT = 10

# (heading, [(model, icon)]); a heading without an entry that the role may see is left out.
MENUS = (
    (
        "stages",
        [
            ("internships.internshipoffer", "work"),
            ("internships.application", "inbox"),
            ("internships.placement", "handshake"),
            ("internships.placementpaper", "contract"),
            ("calendars.internshipcalendar", "calendar_month"),
            ("schools.schoolprofile", "school"),
            ("schools.programmanager", "contact_mail"),
            ("schools.trainingcenterprofile", "engineering"),
            ("schools.studentenrolment", "how_to_reg"),
            ("internships.referentteacher", "cast_for_education"),
            ("internships.hosttutor", "supervisor_account"),
            ("papers.papertemplate", "description"),
            ("law.legalparameter", "gavel"),
        ],
    ),
    (
        "partners",
        [
            ("partners.companyprofile", "apartment"),
            ("partners.recruiterprofile", "person_search"),
            ("partners.partnerprofile", "account_balance"),
        ],
    ),
    (
        "people",
        [
            ("accounts.user", "group"),
            ("accounts.studentprofile", "backpack"),
            ("accounts.landlordprofile", "home"),
            ("accounts.driverprofile", "directions_car"),
            ("recommendations.recommendedstudent", "workspace_premium"),
            ("recommendations.internrecommendation", "recommend"),
            ("tracking.follow", "visibility"),
        ],
    ),
    (
        "joining",
        [
            ("joining.joinrequest", "person_add"),
            ("joining.organisationdraft", "domain_add"),
            ("joining.invitation", "mail"),
        ],
    ),
    (
        "verification",
        [
            ("verification.verificationdocument", "fact_check"),
            ("verification.requirement", "rule"),
        ],
    ),
    (
        "living",
        [
            ("living.housingoffer", "bed"),
            ("living.housingrequest", "key"),
            ("living.carpooloffer", "directions_car"),
            ("living.carpoolrequest", "airline_seat_recline_normal"),
            ("living.costceiling", "euro"),
        ],
    ),
    (
        "journal",
        [
            ("core.operation", "history"),
            ("notifications.notice", "notifications"),
            ("notifications.outgoingmail", "outgoing_mail"),
            ("security.accessevent", "policy"),
            ("security.impersonation", "supervised_user_circle"),
            ("django_q.schedule", "schedule"),
            ("django_q.failure", "report"),
        ],
    ),
    (
        "privacy",
        [
            ("privacy.erasurerequest", "person_remove"),
        ],
    ),
    (
        "reference",
        [
            ("reference.commune", "location_on"),
            ("reference.postcode", "markunread_mailbox"),
            ("reference.activitysection", "category"),
            ("reference.activity", "work"),
            ("reference.publicholiday", "event"),
            ("reference.schoolholiday", "beach_access"),
        ],
    ),
)


def _to_read(model, user):
    """The listings that the person has to read; nobody reads their own."""
    return offers_to_read(model, user) if user.role in MODERATORS else model.objects.none()


def _offers_to_moderate(user):
    """The internship offers that the person has to read."""
    rows = InternshipOffer.objects
    return rows.awaiting_moderation() if user.role in KEEPERS else rows.none()


def _applications_to_answer(user):
    """The applications that the person's company has still to look at."""
    rows = Application.objects
    return (
        rows.editable_by(user).filter(state=ApplicationState.RECEIVED)
        if user.role == Role.COMPANY
        else rows.none()
    )


# What waits for the person behind an entry: its number stands beside it.
WAITING = {
    "joining.joinrequest": requests_to_answer,
    "joining.organisationdraft": drafts_to_answer,
    "notifications.notice": lambda user: Notice.objects.addressed_to(user).unread(),
    "notifications.outgoingmail": mails_to_decide,
    **{model._meta.label_lower: partial(_to_read, model) for model in (HousingOffer, CarpoolOffer)},
    **{
        model._meta.label_lower: partial(places_to_answer, model)
        for model in (HousingRequest, CarpoolRequest)
    },
    "recommendations.internrecommendation": recommendations_to_answer,
    "tracking.follow": follows_to_answer,
    "schools.studentenrolment": lambda user: StudentEnrolment.objects.awaiting(user),
    "internships.internshipoffer": _offers_to_moderate,
    "internships.application": _applications_to_answer,
    "verification.verificationdocument": lambda user: (
        VerificationDocument.objects.editable_by(user).awaiting_review().without_first_opinion_of(user)
    ),
}

# The papers that an account like the person's is asked for, counted with the rest: without any, no entry.
ASKED = "verification.requirement"

# Pages that are no list of rows, for the platform's team: heading → [(address, title, icon)].
TEAM_PAGES = {
    "stages": [("admin:law_rules", gettext_lazy("Règles de droit"), "balance")],
    "journal": [("admin:roles", gettext_lazy("Rôles et droits"), "key")],
    "privacy": [("admin:privacy_register", gettext_lazy("Conservation des données"), "fact_check")],
}


def _headings():
    return {
        "stages": _("Stages"),
        "partners": _("Entreprises et partenaires"),
        "people": _("Personnes"),
        "joining": _("Adhésions"),
        "verification": _("Vérification"),
        "living": _("Logement et covoiturage"),
        "journal": _("Journal"),
        "privacy": _("Vie privée"),
        "reference": _("Nomenclatures"),
    }


def heading_of(label):
    """The menu that the lists of a model stand under, in words, or None."""
    found = next((heading for heading, entries in MENUS if label in dict(entries)), None)
    return _headings()[found] if found else None


def navigation(request):
    """The menus of the person who is signed in."""
    headings = _headings()
    groups = [
        {
            "items": [
                {"title": _("Accueil"), "icon": "dashboard", "link": reverse("admin:index")},
            ]
        }
    ]
    for heading, entries in MENUS:
        if heading == "reference" and not request.user.is_staff:
            continue
        items = [_item(request, label, icon) for label, icon in entries if _is_offered(request, label)]
        if request.user.is_staff:
            items += [
                {"title": title, "icon": icon, "link": reverse(address)}
                for address, title, icon in TEAM_PAGES.get(heading, ())
            ]
        if items:
            groups.append(
                {
                    "title": headings[heading],
                    "items": items,
                    "collapsible": heading == "reference",
                    "separator": True,
                }
            )
    return groups


def _is_offered(request, label):
    """Whether the role may see these rows; outside the team, papers are only for whom they are asked of."""
    if label == "verification.verificationdocument" and not request.user.is_staff:
        return bool(waiting(request, ASKED))
    if label == "law.legalparameter" and request.user.role in (Role.LANDLORD, Role.DRIVER):
        # Public like any law, but no matter of theirs.
        return False
    return "view" in verbs_of(request.user.role, label)


def _item(request, label, icon):
    app, name = label.split(".")
    model = apps.get_model(label)
    if label == "accounts.user" and not request.user.is_staff:
        # A list of one row would only stand in the way.
        return {
            "title": _("Mon compte"),
            "icon": icon,
            "link": reverse("admin:accounts_user_change", args=[request.user.pk]),
        }
    if label == "verification.verificationdocument" and not request.user.is_staff:
        return {"title": _("Mes pièces"), "icon": icon, "link": reverse("admin:verification_papers")}
    if label == "law.legalparameter" and not request.user.is_staff:
        return {"title": _("Règles de droit"), "icon": icon, "link": reverse("admin:law_rules")}
    page = admin.site._registry[model]
    title = getattr(page, "list_title", "") or capfirst(model._meta.verbose_name_plural)
    if hasattr(page, "title_for"):
        title = page.title_for(request.user)
    item = {"title": title, "icon": icon, "link": reverse(f"admin:{app}_{name}_changelist")}
    if label in WAITING and (number := waiting(request, label)):
        item["badge"] = number
    return item


def waiting(request, label):
    """How much waits for the person behind an entry of the menus; counted once for each page."""
    if "_waiting" not in request.__dict__:
        request._waiting = count_waiting(request.user)
    return request._waiting.get(label, 0)


def count_waiting(user):
    """What waits for an account, by entry of the menus, in one query: every page shows these numbers."""
    counted = {label: rows(user) for label, rows in WAITING.items() if "view" in verbs_of(user.role, label)}
    if not user.is_staff:
        counted[ASKED] = Requirement.objects.visible_to(user)
    first, *others = [
        rows.order_by()
        .annotate(entry=Value(label, CharField()))
        .values("entry")
        .annotate(number=Count("pk", distinct=True))
        for label, rows in counted.items()
    ] or [Notice.objects.none()]
    return dict(first.union(*others, all=True).values_list("entry", "number"))


def search(request, term):
    """What the palette finds: a few rows of each list that the person may see."""
    found = []
    for model, page in admin.site._registry.items():
        if not page.search_fields or not hasattr(model.objects, "visible_to"):
            continue
        if not page.has_view_permission(request) or not hasattr(page, "change_url"):
            continue
        rows, _distinct = page.get_search_results(request, page.get_queryset(request), term)
        found += [
            SearchResult(
                title=str(row),
                description=str(capfirst(model._meta.verbose_name)),
                link=page.change_url(row),
                icon="description",
            )
            for row in rows[:SEARCH_LIMIT]
        ]
    return found
