"""What waits for somebody: for the team, for a school, for a reader of notices."""

import datetime

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.display import grouped
from pratik.accounts.models import User
from pratik.accounts.reports import accounts_to_verify
from pratik.accounts.workflow import CHECKERS
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import SOON, drafts_to_publish, withdrawn_with_reason
from pratik.core.calendar import CAYENNE
from pratik.joining.enums import DraftState, RequestState
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.joining.reports import open_drafts, open_requests
from pratik.notifications.models import Notice
from pratik.privacy.enums import OPEN_STATES
from pratik.privacy.models import ErasureRequest
from pratik.privacy.reports import erasures_to_answer
from pratik.privacy.rules import pressure
from pratik.verification.enums import DocumentState
from pratik.verification.models import VerificationDocument
from pratik.verification.reports import awaiting_review, needs_by_type
from pratik.verification.rules import pressure as document_pressure

from .figures import accounts_to_verify_url, calendars_url
from .parts import (
    SHOWN,
    Action,
    Badge,
    Block,
    Item,
    console_url,
    day,
    first_of,
    list_url,
    since,
    site_calendars_url,
)


def publication_blocks(user, figures, today):
    """Drafts that start soon, then those that wait longest, as `calendar_figures` counted them."""
    urgent, oldest = drafts_to_publish(user, today, most=SHOWN)
    soon = today + SOON
    later = soon + datetime.timedelta(days=1)
    return [
        Block(
            title=_("Brouillons qui commencent dans les 30 jours"),
            icon="alarm",
            items=[_draft(row, today, of_school=True) for row in urgent],
            number=figures["urgent"],
            empty=_("Aucun brouillon ne commence dans les 30 jours\u00a0: rien ne presse."),
            more=Action(
                _("Voir ces brouillons"),
                calendars_url(today, CalendarState.DRAFT, start_on_to=soon),
                "edit_calendar",
            ),
        ),
        Block(
            title=_("Autres brouillons, les plus anciens d’abord"),
            icon="edit_calendar",
            items=[_draft(row, today, of_school=True) for row in oldest],
            number=figures["drafts"] - figures["urgent"],
            empty=_("Aucun autre brouillon n’attend d’être publié."),
            more=Action(
                _("Voir ces brouillons"),
                calendars_url(today, CalendarState.DRAFT, start_on_from=later),
                "edit_calendar",
            ),
        ),
    ]


def school_drafts_block(user, figures, today):
    """What a school has prepared and the team has not published yet; the next to start come first."""
    drafts = InternshipCalendar.objects.visible_to(user).awaiting_publication(today)
    rows = drafts.select_related("school").order_by("start_on", "pk")[:SHOWN]
    return Block(
        title=_("Brouillons en attente de publication"),
        icon="edit_calendar",
        items=[_draft(row, today, of_school=False) for row in rows],
        number=figures["drafts"],
        empty=_("Aucun brouillon n’attend d’être publié."),
        more=Action(_("Voir les brouillons"), calendars_url(today, CalendarState.DRAFT), "edit_calendar"),
    )


def withdrawn_block(user, figures, today):
    """The calendars that have left the site, each with the reason given."""
    return Block(
        title=_("Calendriers retirés du site"),
        icon="event_busy",
        items=[
            Item(
                title=row.program_name,
                url=console_url(InternshipCalendar, "change", row.pk),
                details=(*_period(row), *_withdrawn_when(row)),
                quote=row.reason or "",
            )
            for row in withdrawn_with_reason(user, today)[:SHOWN]
        ],
        number=figures["withdrawn"],
        empty=_("Aucun de vos calendriers n’a été retiré."),
        more=Action(
            _("Voir les calendriers retirés"), calendars_url(today, CalendarState.WITHDRAWN), "event_busy"
        ),
    )


def _withdrawn_when(row):
    if row.withdrawn_at is None:
        return ()
    return (_("retiré le %(day)s") % {"day": day(localdate(row.withdrawn_at, CAYENNE))},)


def accounts_block(user, today):
    """The accounts to check, and how many there are, in one query."""
    by_papers = needs_by_type()
    waiting = accounts_to_verify(user).exclude(account_type__in=by_papers)
    rows, number = first_of(waiting)
    return Block(
        title=_("Comptes à vérifier"),
        icon="how_to_reg",
        items=[
            Item(
                title=str(row),
                url=console_url(User, "change", row.pk),
                details=(row.get_account_type_display(), since(row.created_at, today)),
            )
            for row in rows
        ],
        number=number,
        empty=_("Tous les comptes sont vérifiés."),
        more=Action(_("Voir ces comptes"), accounts_to_verify_url(by_papers), "how_to_reg"),
    )


def documents_block(user, today):
    """The papers to look at, those that wait longest first, and how many there are."""
    rows, number = first_of(awaiting_review(user))
    return Block(
        title=_("Pièces à relire"),
        icon="fact_check",
        items=[
            Item(
                title=row.get_document_type_display(),
                url=console_url(
                    VerificationDocument, "review" if user.role in CHECKERS else "change", row.pk
                ),
                details=(
                    str(row.owner),
                    since(row.submitted_at, today),
                    *((_("examinée par %(who)s") % {"who": row.claimed_by},) if row.claimed_by else ()),
                    *((_("doublon"),) if row.is_duplicate else ()),
                ),
                badge=_wait(row.age_in_days),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucune pièce n’attend d’être relue."),
        more=Action(
            _("Voir ces pièces"),
            list_url(VerificationDocument, state__exact=DocumentState.PENDING.value, version="derniere"),
            "fact_check",
        ),
    )


def _wait(days):
    """For how long somebody has waited, in the colour of how much that presses."""
    text = ngettext("%(days)d jour", "%(days)d jours", days) % {"days": days} if days else _("Aujourd’hui")
    return Badge(text, {"calm": "good", "near": "warn", "late": "bad"}[document_pressure(days)])


def papers_block(statuses, today):
    """What a person has to prove, and how far each is; `statuses` are those of their file."""
    return Block(
        title=_("Mes pièces"),
        icon="fact_check",
        items=[
            Item(
                title=str(row.need.label), url=reverse("admin:verification_papers"), badge=_proof(row, today)
            )
            for row in statuses
        ],
        empty=_("Aucune pièce ne vous est demandée."),
        more=Action(_("Voir et envoyer mes pièces"), reverse("admin:verification_papers"), "upload_file"),
    )


def _proof(status, today):
    if status.ends_soon(today):
        return Badge(_("Expire bientôt"), "warn")
    if status.is_met:
        return Badge(_("Acceptée"), "good")
    if status.is_waiting:
        return Badge(_("À examiner"), "warn")
    if status.latest is None:
        return Badge(_("Manquante"), "bad")
    return Badge(status.latest.get_state_display(), "bad")


def erasure_block(user, today):
    """The requests to be erased that wait for an answer, and how many there are, in one query."""
    rows, number = first_of(erasures_to_answer(user))
    return Block(
        title=_("Effacements demandés"),
        icon="person_remove",
        items=[
            Item(
                title=str(row.person),
                url=console_url(ErasureRequest, "change", row.pk),
                details=(_("réponse due le %(day)s") % {"day": day(row.due_on)},),
                badge=_deadline(row, today),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucune demande d’effacement n’attend."),
        more=Action(
            _("Voir ces demandes"),
            list_url(ErasureRequest, state=[str(s) for s in OPEN_STATES]),
            "person_remove",
        ),
    )


def _deadline(row, today):
    left = row.days_left(today)
    if left < 0:
        return Badge(_("En retard"), "bad")
    text = ngettext("Encore %(days)d jour", "Encore %(days)d jours", left) % {"days": left}
    return Badge(text, {"near": "warn", "calm": "info"}[pressure(row.due_on, today)])


def failures_block(cards):
    """What did not work and needs a look; `cards` are those of `sending_cards`."""
    return Block(
        title=_("Échecs à examiner"),
        icon="report",
        items=[
            Item(
                title=f"{grouped(card.number)} {card.label}",
                url=card.url,
                badge=Badge(_("À examiner"), "bad"),
            )
            for card in cards
            if card.number and card.tone == "bad"
        ],
        empty=_("Aucun e-mail et aucune tâche n’a échoué."),
    )


def notices_block(user):
    """What the person has been told and has not read, and how much of it, in one query."""
    rows, number = first_of(Notice.objects.addressed_to(user).unread())
    return Block(
        title=_("Avis non lus"),
        icon="notifications",
        items=[
            Item(
                title=row.subject,
                url=console_url(Notice, "change", row.pk),
                details=(row.get_kind_display(), day(localdate(row.created_at, CAYENNE))),
            )
            for row in rows
        ],
        number=number,
        empty=_("Vous avez tout lu."),
        more=Action(_("Tous mes avis"), list_url(Notice), "notifications"),
    )


def next_placements_block(user, today):
    """The next placements that the person may see, and the way to all of them on the site."""
    coming = InternshipCalendar.objects.visible_to(user).filter(start_on__gte=today).select_related("school")
    return Block(
        title=_("Prochains stages"),
        icon="event_upcoming",
        items=[
            Item(
                title=row.program_name,
                url=row.get_absolute_url(),
                details=(row.school.name, *_period(row)),
                badge=_starts(row, today, tone="info", pressing="info"),
            )
            for row in coming.order_by("start_on", "pk")[:SHOWN]
        ],
        empty=_("Aucun stage à venir n’est publié pour l’instant."),
        more=Action(_("Tous les calendriers de stages"), site_calendars_url(), "calendar_month"),
    )


def _draft(row, today, *, of_school):
    school = (row.school.name,) if of_school else ()
    return Item(
        title=row.program_name,
        url=console_url(InternshipCalendar, "change", row.pk),
        details=(*school, *_period(row), since(row.created_at, today)),
        badge=_starts(row, today),
    )


def _period(row):
    return (
        _("du %(start)s au %(end)s") % {"start": day(row.start_on), "end": day(row.end_on)},
        ngettext("%(number)s élève", "%(number)s élèves", row.number_of_students)
        % {"number": grouped(row.number_of_students)},
    )


def _starts(row, today, *, tone="warn", pressing="bad"):
    """How soon a placement starts; from a week before on, it presses."""
    days = (row.start_on - today).days
    if days < 0:
        return Badge(_("Déjà commencé"), pressing)
    if days == 0:
        return Badge(_("Commence aujourd’hui"), pressing)
    if days > SOON.days:
        return None
    text = ngettext("Dans %(days)d jour", "Dans %(days)d jours", days) % {"days": days}
    return Badge(text, pressing if days <= 7 else tone)


def requests_block(user, today):
    """Requests to join that wait for an answer, those that wait longest first."""
    rows, number = first_of(open_requests(user))
    return Block(
        title=_("Demandes d’adhésion"),
        icon="person_add",
        items=[
            Item(
                title=str(row.user),
                url=console_url(JoinRequest, "change", row.pk),
                details=(str(row.organisation), since(row.created_at, today)),
            )
            for row in rows
        ],
        number=number,
        empty=_("Personne n’attend de rejoindre une organisation."),
        more=Action(
            _("Voir ces demandes"),
            list_url(JoinRequest, state__exact=RequestState.REQUESTED.value),
            "person_add",
        ),
    )


def organisations_block(user, today):
    """New organisations to check, those that wait longest first."""
    rows, number = first_of(open_drafts(user))
    return Block(
        title=_("Organismes à valider"),
        icon="domain_add",
        items=[
            Item(
                title=row.name,
                url=console_url(OrganisationDraft, "change", row.pk),
                details=(row.identifier, str(row.applicant), since(row.created_at, today)),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucun organisme n’attend d’être validé."),
        more=Action(
            _("Voir ces organismes"),
            list_url(OrganisationDraft, state__exact=DraftState.SUBMITTED.value),
            "domain_add",
        ),
    )


def pending_block(pending, today):
    """What a person without an organisation waits for, and the invitations that wait for their answer."""
    items = [
        Item(
            title=str(row.organisation),
            url=console_url(JoinRequest, "change", row.pk),
            details=(_("demande d’adhésion"), since(row.created_at, today)),
            badge=Badge(row.get_state_display(), "warn"),
        )
        for row in pending.requests
    ]
    items += [
        Item(
            title=row.name,
            url=console_url(OrganisationDraft, "change", row.pk),
            details=(row.identifier, since(row.created_at, today)),
            badge=Badge(row.get_state_display(), "warn"),
        )
        for row in pending.drafts
    ]
    items += [
        Item(
            title=str(row.organisation or row.get_account_type_display()),
            url=console_url(Invitation, "change", row.pk),
            details=(_("invitation de %(who)s") % {"who": row.invited_by},),
            badge=Badge(_("À accepter"), "info"),
        )
        for row in pending.invitations
    ]
    return Block(
        title=_("Votre rattachement"),
        icon="hourglass_top",
        items=items,
        number=len(items),
        empty=_("Aucune demande n’est en cours."),
    )
