"""The home pages: the team's, a school's, and the one that welcomes everybody else."""

from django.contrib import admin  # noqa: F401
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import Role, VerificationState
from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import calendar_figures, schools_looked_after
from pratik.schools.models import ProgramManager

from .figures import (
    accounts_card,
    calendar_cards,
    calendars_url,
    directory_cards,
    managers_card,
    sending_cards,
    unmanaged_card,
)
from .parts import Action, Badge, Home, Item, console_url, grouped, may
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

SITE_CALENDARS = "/calendriers/"
MOST_SCHOOLS = 3


def team_page(user, today):
    """The whole platform, and what waits for the person's role; an auditor sees what waits for the team."""
    figures = calendar_figures(user, today)
    accounts = accounts_block(user, today)
    sending = sending_cards(user)
    blocks = [*publication_blocks(user, figures, today), accounts, failures_block(sending)]
    return Home(
        greeting=_greeting(user),
        lead=_lead(today, figures),
        badges=[Badge(str(user.role.label))],
        actions=_calendar_actions(user),
        cards=[
            *calendar_cards(figures, today),
            *directory_cards(user, figures),
            accounts_card(accounts.number),
            *sending,
        ],
        main_title=_waiting_title(user),
        main=_for_role(user, blocks),
        side=recent_blocks(user),
        chart=WeekChart(user, today),
    )
