"""The cards: each number is that of the rows in the list behind it."""

from django.utils.translation import ngettext
from django_q.models import Failure

from backoffice.base.display import grouped
from pratik.accounts.enums import AccountType, VerificationState
from pratik.accounts.models import User
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.notifications.enums import MailState
from pratik.notifications.models import Notice, OutgoingMail
from pratik.notifications.reports import mail_figures
from pratik.partners.enums import Partnership
from pratik.partners.models import CompanyProfile
from pratik.partners.reports import partnership_figures
from pratik.schools.models import ProgramManager, SchoolProfile

from .parts import Card, list_url, may


def calendars_url(today, *states, **filters):
    """The list of calendars in these states whose placement has not ended."""
    chosen = {"state__exact": [str(state) for state in states]} if states else {}
    return list_url(InternshipCalendar, **chosen, **{"end_on_from": today, **filters})


def accounts_to_verify_url(by_papers):
    """The list of open accounts outside the team that nobody has checked, but for the types whose badge
    follows their papers.
    """
    return list_url(
        User,
        verification__exact=VerificationState.UNVERIFIED.value,
        is_active__exact=1,
        account_type__exact=[
            str(kind) for kind in AccountType if kind != AccountType.STAFF and kind not in by_papers
        ],
    )


def _students(number):
    return ngettext("%(number)s élève", "%(number)s élèves", number) % {"number": grouped(number)}


def _students_and_hidden(figures):
    """The students of published calendars, and how many of these calendars visitors do not see."""
    told = _students(figures["published_students"])
    hidden = figures["hidden"]
    if not hidden:
        return told
    unseen = ngettext("%(number)s calendrier non visible", "%(number)s calendriers non visibles", hidden)
    return f"{told} · {unseen % {'number': grouped(hidden)}}"


def calendar_cards(figures, today):
    """Where the calendars stand that are not over; `figures` are those of `calendar_figures`."""
    drafts, published, withdrawn = figures["drafts"], figures["published"], figures["withdrawn"]
    running = figures["running"]
    return [
        Card(
            drafts,
            ngettext("calendrier en attente de publication", "calendriers en attente de publication", drafts),
            calendars_url(today, CalendarState.DRAFT),
            "edit_calendar",
            note=_students(figures["drafts_students"]),
            tone="warn" if drafts else "plain",
        ),
        Card(
            published,
            ngettext(
                "calendrier publié, en cours ou à venir",
                "calendriers publiés, en cours ou à venir",
                published,
            ),
            calendars_url(today, CalendarState.PUBLISHED),
            "event_available",
            note=_students_and_hidden(figures),
            tone="good",
        ),
        Card(
            running,
            ngettext("stage en cours aujourd’hui", "stages en cours aujourd’hui", running),
            calendars_url(today, CalendarState.PUBLISHED, start_on_to=today),
            "badge",
            note=_students(figures["running_students"]),
            tone="info",
        ),
        Card(
            withdrawn,
            ngettext("calendrier retiré", "calendriers retirés", withdrawn),
            calendars_url(today, CalendarState.WITHDRAWN),
            "event_busy",
            tone="bad" if withdrawn else "plain",
        ),
    ]


def unmanaged_card(figures, today):
    """Calendars that nobody follows; archived ones need nobody any more."""
    number = figures["unmanaged"]
    states = [state for state in CalendarState if state != CalendarState.ARCHIVED]
    return Card(
        number,
        ngettext("calendrier sans responsable", "calendriers sans responsable", number),
        calendars_url(today, *states, program_manager__isnull=True),
        "person_off",
        tone="warn" if number else "plain",
    )


def managers_card(user):
    """The programme managers who may be named as a contact."""
    number = ProgramManager.objects.visible_to(user).active().count()
    return Card(
        number,
        ngettext("responsable de stages", "responsables de stages", number),
        list_url(ProgramManager, is_active__exact=1),
        "contact_mail",
        tone="plain" if number else "warn",
    )


def directory_cards(user, figures):
    """Partner companies and schools; `figures` are those of `calendar_figures`."""
    companies = partnership_figures(user)
    schools = SchoolProfile.objects.visible_to(user).count()
    return [
        Card(
            companies["partners"],
            ngettext("entreprise partenaire", "entreprises partenaires", companies["partners"]),
            list_url(CompanyProfile, partnership__exact=Partnership.PARTNER.value),
            "handshake",
            note=ngettext("sur %(number)s connue", "sur %(number)s connues", companies["companies"])
            % {"number": grouped(companies["companies"])},
        ),
        Card(
            schools,
            ngettext("établissement", "établissements", schools),
            list_url(SchoolProfile),
            "school",
            note=ngettext(
                "dont %(number)s avec un stage publié",
                "dont %(number)s avec un stage publié",
                figures["schools"],
            )
            % {"number": grouped(figures["schools"])},
        ),
    ]


def accounts_card(number, url):
    """The accounts that nobody has checked yet; `url` is their list."""
    return Card(
        number,
        ngettext("compte à vérifier", "comptes à vérifier", number),
        url,
        "how_to_reg",
        tone="warn" if number else "plain",
    )


def sending_cards(user):
    """E-mails that have not left, and tasks that failed for those who may see them."""
    mails = mail_figures(user)
    cards = [
        Card(
            mails["waiting"],
            ngettext("e-mail à envoyer", "e-mails à envoyer", mails["waiting"]),
            list_url(Notice, mail_state__exact=MailState.WAITING.value),
            "schedule_send",
        ),
        Card(
            mails["failed"],
            ngettext("e-mail en échec", "e-mails en échec", mails["failed"]),
            list_url(Notice, mail_state__exact=MailState.FAILED.value),
            "unsubscribe",
            tone="bad" if mails["failed"] else "plain",
        ),
    ]
    if may(user, "view", OutgoingMail):
        # Whether these left is for a person to say: nothing sends them again by itself.
        cards.append(
            Card(
                mails["in_doubt"],
                ngettext("e-mail incertain", "e-mails incertains", mails["in_doubt"]),
                list_url(OutgoingMail, mail_state__exact=MailState.IN_DOUBT.value),
                "question_mark",
                tone="bad" if mails["in_doubt"] else "plain",
            )
        )
    if may(user, "view", Failure):
        failures = Failure.objects.count()
        cards.append(
            Card(
                failures,
                ngettext("tâche en échec", "tâches en échec", failures),
                list_url(Failure),
                "running_with_errors",
                tone="bad" if failures else "plain",
            )
        )
    return cards
