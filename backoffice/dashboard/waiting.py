"""What waits for somebody: for the team, for a school, for a reader of notices."""

import datetime

from django.db.models import Count, Window
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.models import User
from pratik.accounts.reports import accounts_to_verify
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import SOON, drafts_to_publish, withdrawn_with_reason
from pratik.core.calendar import CAYENNE
from pratik.notifications.models import Notice

from .figures import accounts_to_verify_url, calendars_url
from .parts import Action, Badge, Block, Item, console_url, day, grouped, list_url, site_calendars_url

SHOWN = 4


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
    waiting = accounts_to_verify(user).annotate(total=Window(Count("pk")))
    rows = list(waiting[:SHOWN])
    return Block(
        title=_("Comptes à vérifier"),
        icon="how_to_reg",
        items=[
            Item(
                title=str(row),
                url=console_url(User, "change", row.pk),
                details=(row.get_account_type_display(), _since(row.created_at, today)),
            )
            for row in rows
        ],
        number=rows[0].total if rows else 0,
        empty=_("Tous les comptes sont vérifiés."),
        more=Action(_("Voir ces comptes"), accounts_to_verify_url(), "how_to_reg"),
    )


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
    unread = Notice.objects.addressed_to(user).unread().annotate(total=Window(Count("pk")))
    rows = list(unread[:SHOWN])
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
        number=rows[0].total if rows else 0,
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
        details=(*school, *_period(row), _since(row.created_at, today)),
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


def _since(moment, today):
    days = (today - localdate(moment, CAYENNE)).days
    if days <= 0:
        return _("en attente depuis aujourd’hui")
    return ngettext("en attente depuis %(days)d jour", "en attente depuis %(days)d jours", days) % {
        "days": days
    }
