"""The home pages: the team's, a school's, and the one that welcomes everybody else."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.models import Failure

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import calendar_figures, schools_looked_after
from pratik.schools.models import ProgramManager, SchoolProfile

from .figures import (
    accounts_card,
    calendar_cards,
    directory_cards,
    managers_card,
    sending_cards,
    unmanaged_card,
)
from .parts import Action, Badge, Block, Home, Item, console_url, grouped, may, site_calendars_url
from .profile import account_profile, profile_of, profiles_of
from .recent import recent_blocks
from .waiting import (
    accounts_block,
    failures_block,
    next_placements_block,
    notices_block,
    publication_blocks,
    school_drafts_block,
    withdrawn_block,
)
from .weeks import WeekChart

SCHOOLS_SHOWN = 3


def team_page(user, today):
    """The whole platform, and what waits for the person; an auditor sees what waits for the team."""
    figures = calendar_figures(user, today)
    accounts = accounts_block(user, today)
    sending = sending_cards(user)
    imports, operations = recent_blocks(user)
    watches = user.role == Role.AUDITOR
    waiting = []
    if watches or _does(user, InternshipCalendar, "publish"):
        waiting += publication_blocks(user, figures, today)
    if watches or _does(user, User, "verify"):
        waiting.append(accounts)
    if may(user, "view", Failure):
        waiting.append(failures_block(sending))
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(user.role.label)],
        actions=_calendar_actions(user),
        cards=[
            *calendar_cards(figures, today),
            *directory_cards(user, figures),
            accounts_card(accounts.number),
            *sending,
        ],
        heading=_("Ce qui attend l’équipe") if watches else _("Ce qui vous attend"),
        # The first two are long; what follows stands beside them.
        main=waiting[:2],
        side=[*waiting[2:], imports],
        chart=WeekChart(user, today),
        below=[operations],
    )


def school_page(user, today):
    """What the members of a school look after: its calendars, its managers, its page."""
    schools = list(schools_looked_after(user)[:SCHOOLS_SHOWN])
    if not schools:
        return _waiting_for_a_profile(user, today)
    figures = calendar_figures(user, today)
    imports, operations = recent_blocks(user)
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(school.name) for school in schools],
        actions=_calendar_actions(user),
        notes=_notes(user),
        cards=[
            *calendar_cards(figures, today),
            unmanaged_card(figures, today),
            managers_card(user),
        ],
        heading=_("Ce qui vous attend"),
        main=[
            _to_complete(schools, unmanaged_card(figures, today)),
            school_drafts_block(user, figures, today),
        ],
        side=[withdrawn_block(user, figures, today), notices_block(user), imports],
        chart=WeekChart(user, today),
        profiles=[
            *(profile_of(school, today, links=_school_links(school)) for school in schools),
            account_profile(user),
        ],
        below=[operations],
    )


def welcome_page(user, today):
    """The person's own profile, what they were told, and the placements that are published."""
    profiles = profiles_of(user, today)
    if not profiles:
        return _waiting_for_a_profile(user, today)
    [profile, *_others] = profiles
    main_action = Action(
        _("Compléter mon profil") if profile.missing else _("Voir mon profil"),
        profile.url,
        "edit",
        is_main=True,
    )
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(user.role.label)],
        actions=[main_action, _to_site()],
        notes=_notes(user),
        profiles=[*profiles, account_profile(user)],
        main=[next_placements_block(user, today)],
        side=[notices_block(user)],
    )


def _waiting_for_a_profile(user, today):
    """An account that the team has not yet tied to an organisation or a profile."""
    note = _(
        "Votre compte n’est encore rattaché à aucune fiche. L’équipe PRATIK s’en charge\u00a0;"
        " vous pourrez ensuite la compléter ici."
    )
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(user.role.label)],
        actions=[_to_site()],
        notes=[note, *_notes(user)],
        profiles=[account_profile(user)],
        main=[next_placements_block(user, today)],
        side=[notices_block(user)],
    )


def _greeting(user):
    return _("Bonjour %(name)s") % {"name": user.get_short_name()}


def _today(today):
    return capfirst(date_format(today, "l j F Y"))


def _notes(user):
    if user.is_verified:
        return []
    return [_("L’équipe PRATIK n’a pas encore vérifié votre compte. Rien ne vous est demandé pour cela.")]


def _does(user, model, verb):
    """Whether the person's role has this verb in the model's workflow."""
    return any(transition.verb == verb for transition in model.workflow.open_to(user.role))


def _calendar_actions(user):
    actions = []
    if may(user, "import", InternshipCalendar):
        url = console_url(InternshipCalendar, "import")
        actions.append(Action(_("Importer des calendriers"), url, "upload_file", is_main=True))
    if may(user, "add", InternshipCalendar):
        actions.append(Action(_("Ajouter un calendrier"), console_url(InternshipCalendar, "add"), "add"))
    return [*actions, _to_site()]


def _to_site():
    return Action(_("Voir les calendriers publiés"), site_calendars_url(), "open_in_new")


def _school_links(school):
    """The school's pages on the site; there are none until visitors see one of its calendars."""
    if not (school.is_followed and school.is_visible):
        return ()
    return (
        Action(_("Page publique"), school.get_absolute_url(), "open_in_new"),
        Action(_("Agenda à suivre (iCalendar)"), reverse("public:school_feed", args=[school.uai]), "event"),
    )


def _to_complete(schools, unmanaged):
    """What the school's calendars lack for a company to reach the right person."""
    items = []
    for school in schools:
        if not school.has_manager:
            items.append(
                Item(
                    title=_("Ajouter un responsable de stages"),
                    url=console_url(ProgramManager, "add"),
                    details=(school.name, _("aucun responsable actif")),
                    badge=Badge(_("Manquant"), "bad"),
                )
            )
        if not school.email:
            items.append(
                Item(
                    title=_("Indiquer l’adresse e-mail de l’établissement"),
                    url=console_url(SchoolProfile, "change", school.pk),
                    details=(school.name,),
                    badge=Badge(_("Manquante"), "warn"),
                )
            )
    if unmanaged.number:
        title = ngettext(
            "Nommer le responsable de %(number)s calendrier",
            "Nommer le responsable de %(number)s calendriers",
            unmanaged.number,
        ) % {"number": grouped(unmanaged.number)}
        items.append(Item(title=title, url=unmanaged.url, badge=Badge(_("À compléter"), "warn")))
    return Block(
        title=_("À compléter"),
        icon="checklist",
        items=items,
        number=len(items),
        empty=_("Rien ne manque\u00a0: les entreprises savent à qui s’adresser."),
    )
