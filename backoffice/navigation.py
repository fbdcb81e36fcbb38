"""The menus: each person is offered what their role can use, and nothing else."""

from django.contrib import admin
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from pratik.notifications.models import Notice

from .roles import verbs_of

SEARCH_LIMIT = 10

# (heading, [(model, icon)]); a heading without an entry that the role may see is left out.
MENUS = (
    (
        "stages",
        [
            ("calendars.internshipcalendar", "calendar_month"),
            ("schools.schoolprofile", "school"),
            ("schools.programmanager", "contact_mail"),
            ("schools.trainingcenterprofile", "engineering"),
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
        ],
    ),
    (
        "journal",
        [
            ("core.operation", "history"),
            ("notifications.notice", "notifications"),
            ("django_q.schedule", "schedule"),
            ("django_q.failure", "report"),
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


def _headings():
    return {
        "stages": _("Stages"),
        "partners": _("Entreprises et partenaires"),
        "people": _("Personnes"),
        "journal": _("Journal"),
        "reference": _("Nomenclatures"),
    }


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
        items = [_item(request, label, icon) for label, icon in entries if _may_see(request, label)]
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


def _may_see(request, label):
    return "view" in verbs_of(request.user.role, label)


def _item(request, label, icon):
    app, name = label.split(".")
    model = _model(label)
    title = capfirst(model._meta.verbose_name_plural)
    if label == "accounts.user" and not request.user.is_staff:
        title = _("Mon compte")
    item = {"title": title, "icon": icon, "link": reverse(f"admin:{app}_{name}_changelist")}
    if label == "notifications.notice":
        unread = Notice.objects.addressed_to(request.user).unread().count()
        if unread:
            item["badge"] = unread
    return item


def _model(label):
    return next(model for model in admin.site._registry if model._meta.label_lower == label)


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
