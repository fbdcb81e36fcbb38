"""Answers about offers and their applications that are not rows."""

from django.db.models import Count, Exists, OuterRef, Q

from ..enums import LIVE_APPLICATIONS, OPEN_APPLICATIONS, ApplicationState, OfferState, PlacementState
from ..models import Application, InternshipOffer, Placement
from ..workflow import APPLICATION, OFFER


def accepted_by_offer(pks):
    """How many students each of these offers (keys) has accepted, as {offer: number}; one query."""
    rows = Application.objects.accepted().filter(offer__in=list(pks)).order_by()
    return dict(rows.values_list("offer").annotate(number=Count("pk")))


def with_another_live(pks):
    """Which of these applications (keys) have a live one of the same student and offer beside them?"""
    other = Application.objects.live().filter(offer=OuterRef("offer"), student=OuterRef("student"))
    rows = Application.objects.filter(Exists(other.exclude(pk=OuterRef("pk")).order_by()), pk__in=list(pks))
    return set(rows.values_list("pk", flat=True))


def with_prepared_placement(pks):
    """Which of these applications (keys) have a placement that host or school agreed to, and that stands?"""
    over = (PlacementState.DRAFTED, PlacementState.CANCELLED)
    rows = Placement.objects.filter(application__in=list(pks)).exclude(state__in=over)
    return set(rows.values_list("application", flat=True))


def starts_of(students):
    """Where and when these students (keys) start, as far as it came from an application: {(student, company,
    first day)} of their accepted applications and of the placements that stand; two queries.
    """
    accepted = Application.objects.accepted().filter(student__in=list(students)).order_by()
    placed = Placement.objects.not_cancelled().filter(student__in=list(students)).order_by()
    return {
        *accepted.values_list("student", "offer__company", "offer__start_on"),
        *placed.exclude(application=None).values_list("student", "company", "start_on"),
    }


def open_by_student(students):
    """How many undecided applications each of these students (keys) has, as {student: number}; one query."""
    rows = Application.objects.undecided().filter(student__in=list(students)).order_by()
    return dict(rows.values_list("student").annotate(number=Count("pk")))


def accepted_before(pks, operation):
    """Which of these applications (keys) had a place until an operation took it from them? Two queries."""
    lines = Application.history.filter(id__in=list(pks))
    done = dict(lines.filter(operation=operation).values_list("id", "history_id"))
    if not done:
        return set()
    former = {}
    earlier = lines.filter(history_id__lt=max(done.values())).order_by("history_id")
    for pk, line, state in earlier.values_list("id", "history_id", "state"):
        if pk in done and line < done[pk]:
            former[pk] = state
    return {pk for pk, state in former.items() if state == ApplicationState.ACCEPTED}


def look_alikes(offers):
    """Which other offers of the same company and title run in the same school year? {offer: [offer]}.

    They are told to who writes or reads an offer, since the natural key only stops the same first day. What
    is archived is not counted. One query, however many offers.
    """
    offers = list(offers)
    keys = {(offer.company_id, offer.title_key, offer.school_year) for offer in offers}
    rows = InternshipOffer.objects.filter(
        company__in={key[0] for key in keys},
        title_key__in={key[1] for key in keys},
        school_year__in={key[2] for key in keys},
    ).exclude(state=OfferState.ARCHIVED)
    by_key = {}
    for row in rows.order_by("start_on", "pk"):
        by_key.setdefault((row.company_id, row.title_key, row.school_year), []).append(row)
    found = {}
    for offer in offers:
        same = by_key.get((offer.company_id, offer.title_key, offer.school_year), ())
        if others := [row for row in same if row.pk != offer.pk]:
            found[offer.pk] = others
    return found


def offers_to_moderate(user):
    """Which offers must somebody of those who publish them read? Those that wait longest first."""
    rows = InternshipOffer.objects.awaiting_moderation()
    return rows if user.role in OFFER.transition("publish").who else rows.none()


def applications_to_answer(user):
    """Which applications for my offers has nobody looked at yet? Whoever applied first comes first."""
    rows = Application.objects.filter(state=ApplicationState.RECEIVED).order_by("sent_at", "pk")
    if user.role not in APPLICATION.transition("accept").who:
        return rows.none()
    return rows.filter(pk__in=Application.objects.editable_by(user).order_by().values("pk"))


def offer_figures(user, today):
    """How many offers wait for a reader, are open, filled or closed, among those I may see? And how many
    places do the open ones have?
    """
    is_open = Q(state=OfferState.PUBLISHED, apply_until__gte=today)
    counted = {
        "drafts": Q(state=OfferState.DRAFT),
        "submitted": Q(state=OfferState.SUBMITTED),
        "open": is_open,
        "filled": Q(state=OfferState.FILLED),
        "closed": Q(state=OfferState.CLOSED),
    }
    rows = InternshipOffer.objects.visible_to(user).order_by()
    return rows.aggregate(**{name: Count("pk", filter=chosen) for name, chosen in counted.items()})


def application_figures(user):
    """How many applications wait for an answer, are invited, accepted or refused, among those I see?"""
    counted = {
        "waiting": Q(state__in=OPEN_APPLICATIONS),
        "received": Q(state=ApplicationState.RECEIVED),
        "interview": Q(state=ApplicationState.INTERVIEW),
        "accepted": Q(state=ApplicationState.ACCEPTED),
        "refused": Q(state=ApplicationState.REFUSED),
        "live": Q(state__in=LIVE_APPLICATIONS),
    }
    rows = Application.objects.visible_to(user).order_by()
    return rows.aggregate(**{name: Count("pk", filter=chosen) for name, chosen in counted.items()})
