"""The home pages: the team's, a school's, and the one that welcomes everybody else."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_q.models import Failure

from backoffice.base.display import grouped
from pratik.accounts.enums import Role
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import calendar_figures, schools_looked_after
from pratik.internships.models import InternshipOffer, Placement
from pratik.joining.models import JoinRequest
from pratik.joining.reports import last_refusal, pending_of
from pratik.joining.rules import asks_for_organisation
from pratik.living.models import HousingOffer
from pratik.privacy.models import ErasureRequest
from pratik.schools.models import ProgramManager, SchoolProfile
from pratik.verification.models import VerificationDocument
from pratik.verification.reports import file_of

from .figures import (
    accounts_card,
    calendar_cards,
    directory_cards,
    managers_card,
    sending_cards,
    unmanaged_card,
)
from .internships import company_blocks, interns_card, offers_block, school_blocks, student_blocks
from .living import listings_blocks, own_blocks
from .parts import Action, Badge, Block, Home, Item, console_url, may, site_calendars_url
from .profile import account_profile, profile_of, profiles_of
from .recent import recent_blocks
from .waiting import (
    accounts_block,
    documents_block,
    erasure_block,
    failures_block,
    next_placements_block,
    notices_block,
    organisations_block,
    papers_block,
    pending_block,
    publication_blocks,
    requests_block,
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
    if watches or _does(user, VerificationDocument, "approve"):
        waiting.append(documents_block(user, today))
    if watches or _does(user, InternshipOffer, "publish"):
        waiting.append(offers_block(user, today))
    if watches or _does(user, HousingOffer, "publish"):
        waiting += listings_blocks(user, today)
    if watches or _does(user, User, "verify"):
        waiting.append(accounts)
    if watches or _does(user, JoinRequest, "accept"):
        waiting += [requests_block(user, today), organisations_block(user, today)]
    if may(user, "view", ErasureRequest):
        waiting.append(erasure_block(user, today))
    if may(user, "view", Failure):
        waiting.append(failures_block(sending))
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(user.role.label)],
        actions=_calendar_actions(user),
        cards=[
            *calendar_cards(figures, today),
            *([interns_card(user)] if may(user, "view", Placement) else []),
            *directory_cards(user, figures),
            accounts_card(accounts.number, accounts.more.url),
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
    """What the members of a school look after: its calendars, its interns, its managers, its page."""
    schools = list(schools_looked_after(user)[:SCHOOLS_SHOWN])
    if not schools:
        return _waiting_for_a_profile(user, today)
    figures = calendar_figures(user, today)
    imports, operations = recent_blocks(user)
    first, beside = school_blocks(user, today)
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(school.name) for school in schools],
        actions=_calendar_actions(user),
        notes=_notes(user),
        cards=[
            *calendar_cards(figures, today),
            interns_card(user),
            unmanaged_card(figures, today),
            managers_card(user),
        ],
        heading=_("Ce qui vous attend"),
        main=[
            _to_complete(schools, unmanaged_card(figures, today)),
            *first,
            school_drafts_block(user, figures, today),
        ],
        side=[
            *_requests(user, today),
            *beside,
            withdrawn_block(user, figures, today),
            notices_block(user),
            imports,
        ],
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
    papers = file_of(user)
    first, beside = _internships(user, today)
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
        notes=_notes(user, papers),
        profiles=[*profiles, account_profile(user)],
        main=[
            *_papers(papers, today),
            *first,
            *own_blocks(user, today),
            next_placements_block(user, today),
        ],
        side=[*_requests(user, today), *beside, notices_block(user)],
    )


def _internships(user, today):
    """What a company or a student has to do with internships: (what comes first, what stands beside it)."""
    if user.role == Role.COMPANY:
        return company_blocks(user, today)
    return student_blocks(user, today) if user.role == Role.STUDENT else ([], [])


def _requests(user, today):
    """The requests to join the person's organisation, where there are any."""
    block = requests_block(user, today)
    return [block] if block.items else []


def _waiting_for_a_profile(user, today):
    """An account that has no organisation or profile yet: what it waits for."""
    pending = pending_of(user, timezone.now())
    papers = file_of(user)
    actions, notes = [_to_site()], []
    if asks_for_organisation(user.account_type) and not (pending.requests or pending.drafts):
        actions.insert(0, Action(_("Rattacher mon compte"), reverse("access:claim"), "link", is_main=True))
        if refusal := last_refusal(user):
            notes.append(
                _("Votre demande pour %(organisation)s a été refusée. Motif\u00a0: %(why)s")
                % {"organisation": refusal.name, "why": refusal.why}
            )
    if pending:
        note = _(
            "Votre compte n’est encore rattaché à aucune organisation. Voici où en est votre demande\u00a0;"
            " vous serez prévenu de la réponse."
        )
    elif asks_for_organisation(user.account_type):
        note = _(
            "Votre compte n’est rattaché à aucune fiche. Dites pour quel organisme vous agissez\u00a0: vous"
            " serez prévenu de la réponse."
        )
    else:
        note = _("Votre compte n’est rattaché à aucune fiche. Demandez à l’équipe PRATIK de la créer.")
    # A school sees its own calendars only: none while it waits.
    coming = [] if user.role == Role.SCHOOL else [next_placements_block(user, today)]
    return Home(
        greeting=_greeting(user),
        lead=_today(today),
        badges=[Badge(user.role.label)],
        actions=actions,
        notes=[*notes, note, *_notes(user, papers)],
        profiles=[account_profile(user)],
        main=[
            *([pending_block(pending, today)] if pending else []),
            *_papers(papers, today),
            *own_blocks(user, today),
            *coming,
        ],
        side=[notices_block(user)],
    )


def _greeting(user):
    return _("Bonjour %(name)s") % {"name": user.get_short_name()}


def _today(today):
    return capfirst(date_format(today, "l j F Y"))


def _papers(statuses, today):
    """What the person has to prove, where anything is asked of them."""
    return [papers_block(statuses, today)] if statuses else []


def _notes(user, papers=()):
    if user.is_verified:
        return []
    if papers and all(status.is_met or status.is_waiting for status in papers):
        return [_("Votre compte n’est pas vérifié : l’équipe PRATIK examine vos pièces.")]
    if papers:
        return [
            _(
                "Votre compte n’est pas vérifié : envoyez les pièces qui manquent, l’équipe PRATIK les"
                " examine."
            )
        ]
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
