"""Answers about following students that are not rows of one model."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, Subquery

from pratik.accounts.models import StudentProfile
from pratik.core.calendar import CAYENNE
from pratik.core.text import fold
from pratik.internships.models import Placement
from pratik.partners.models import CompanyProfile
from pratik.recommendations.models import InternRecommendation, shown_name

from .enums import CHANGE_ICONS, ChangeKind, FollowState, Ground
from .models import Follow, ProfileChange


def companies_of(user):
    """The companies in whose name this person may ask to follow somebody."""
    return CompanyProfile.objects.of_member(user)


def reachable(company):
    """Whom may this company ask to follow? Students whom it hosted, who are recommended to companies, or who
    let companies see their profile.

    Each says why (`is_hosted`, `is_recommended`), whether the company may read their full name (`is_named`),
    and what stands between the two already (`live_state`, else NULL). One query, however many.
    """
    hosted = Placement.objects.hosted().filter(company=company, student=OuterRef("pk"))
    recommended = InternRecommendation.objects.for_companies().filter(student=OuterRef("pk"))
    live = Follow.objects.live().filter(company=company, student=OuterRef("pk"))
    rows = StudentProfile.objects.filter(user__is_active=True).annotate(
        is_hosted=Exists(hosted.order_by()),
        is_recommended=Exists(recommended.order_by()),
        hides_name=Exists(recommended.filter(shows_full_name=False).order_by()),
        live_state=Subquery(live.order_by().values("state")[:1]),
    )
    named = Q(is_public=True) | Q(is_hosted=True) | Q(hides_name=False)
    return rows.filter(Q(is_public=True) | Q(is_hosted=True) | Q(is_recommended=True)).annotate(
        is_named=named
    )


def find(rows, *, words="", ground="", level=None, status=""):
    """Of the students whom a company may ask, those who match; what it may not see is not looked through.

    All the words must stand in the name, where the company may read it in full, or in the domain of studies,
    where the student lets companies see the profile.
    """
    for word in words.split():
        # A domain is kept as it was typed, with its accents.
        held = Q(is_public=True, domain__icontains=word)
        rows = rows.filter(held | Q(is_named=True, user__name_text__contains=fold(word)))
    conditions = {
        Ground.HOSTED: Q(is_hosted=True),
        Ground.RECOMMENDED: Q(is_recommended=True),
        Ground.PUBLIC: Q(is_public=True),
    }
    if ground in conditions:
        rows = rows.filter(conditions[Ground(ground)])
    if level is not None:
        rows = rows.filter(is_public=True, level=level)
    if status:
        rows = rows.filter(is_public=True, status=status)
    return rows.select_related("user").order_by("user__first_name", "pk")


def grounds_of(profile):
    """Why a company may ask to follow this student, who comes from `reachable`; the strongest first."""
    held = {
        Ground.HOSTED: profile.is_hosted,
        Ground.RECOMMENDED: profile.is_recommended,
        Ground.PUBLIC: profile.is_public,
    }
    return [ground for ground, holds in held.items() if holds]


def name_for_company(profile):
    """The name of a student from `reachable`, as far as the company may read it."""
    return shown_name(profile.user, full=profile.is_named)


def last_follow(company, profile):
    """What stood last between a company and a student, with whether the student ended it, or None."""
    return Follow.objects.filter(company=company, student=profile).order_by("-created_at", "-pk").first()


def was_ended_by_student(follow):
    """Whether it was the student who said no, to the request or later."""
    if follow.state == FollowState.REFUSED:
        return True
    line = follow.history.select_related("operation").order_by("-history_id").first()
    return bool(line and line.operation.verb == "withdraw")


@dataclass(frozen=True)
class Step:
    """What changed in one profile by one operation: the moment, and each change with its picture."""

    at: object
    changes: tuple

    @property
    def day(self):
        """The day of it in French Guiana."""
        return self.at.astimezone(CAYENNE).date()


def timeline(follow, *, most=None):
    """What has changed in a student's profile since the agreement, as the follow shows it, the latest first?

    A list of `Step`, one for each operation.
    """
    rows = ProfileChange.objects.shown_by(follow)
    rows = list(rows[:most] if most else rows)
    order = list(ChangeKind.values)
    steps = []
    for _operation, group in groupby(rows, key=lambda change: change.operation_id):
        changes = sorted(group, key=lambda change: order.index(change.field))
        steps.append(
            Step(at=changes[0].at, changes=tuple((change, CHANGE_ICONS[change.field]) for change in changes))
        )
    return steps


def follows_to_answer(user):
    """Which companies ask to follow me and wait for my answer? Nobody follows the team."""
    rows = Follow.objects.none() if user.is_staff else Follow.objects.filter(student__user=user.pk)
    return rows.waiting()
