"""Internships: what companies, schools and students have to answer, and where each of them stands."""

import datetime

from django.db.models import Case, Exists, IntegerField, OuterRef, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.display import grouped
from pratik.internships.enums import (
    APPLICATION_COLORS,
    PAPER_COLORS,
    PLACEMENT_COLORS,
    UNDECIDED_APPLICATIONS,
    ApplicationState,
    OfferState,
    PaperState,
    PlacementState,
)
from pratik.internships.models import Application, InternshipOffer, Placement, PlacementPaper
from pratik.internships.reports import applications_to_answer
from pratik.papers.enums import PaperKind
from pratik.recommendations.models import InternRecommendation
from pratik.recommendations.reports import recommendations_to_answer
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import StudentEnrolment
from pratik.tracking.models import Follow
from pratik.tracking.reports import follows_to_answer

from .parts import SHOWN, Action, Badge, Block, Card, Item, console_url, day, first_of, list_url, since

# An offer whose last day is that near may be prolonged while it is still read.
ENDS_SOON = datetime.timedelta(days=7)
# A placement that starts within that time and is not settled presses.
STARTS_SOON = datetime.timedelta(days=14)
TONES = {
    "success": "good",
    "primary": "good",
    "danger": "bad",
    "warning": "warn",
    "info": "info",
    "default": "plain",
}


# The team


def offers_block(user, today):
    """The internship offers that the team has to read, those that wait longest first."""
    waiting = InternshipOffer.objects.visible_to(user).awaiting_moderation().select_related("company")
    rows, number = first_of(waiting)
    return Block(
        title=_("Offres de stage à examiner"),
        icon="work",
        items=[
            Item(
                title=row.title,
                url=console_url(InternshipOffer, "change", row.pk),
                details=(str(row.company), *_dates(row), since(row.submitted_at, today)),
                badge=_starts(row, today),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucune offre de stage n’attend d’être examinée."),
        more=Action(
            _("Voir ces offres"), list_url(InternshipOffer, state__exact=OfferState.SUBMITTED.value), "work"
        ),
    )


def interns_card(user):
    """The interns who are with their hosts today, among those whom the person sees."""
    number = Placement.objects.visible_to(user).filter(state=PlacementState.RUNNING).count()
    return Card(
        number,
        ngettext("stagiaire en entreprise", "stagiaires en entreprise", number),
        list_url(Placement, state__exact=PlacementState.RUNNING.value),
        "handshake",
        tone="info" if number else "plain",
    )


# Companies


def company_blocks(user, today):
    """What a company has to answer and to make: (what comes first, what stands beside it)."""
    to_accept = _amendments(user, PaperState.MADE, title=_("Avenants qui attendent votre accord"))
    return (
        [_applications_to_answer(user, today), _awaiting_host(user, today), *to_accept],
        [_without_certificate(user), _ending_offers(user, today)],
    )


def _applications_to_answer(user, today):
    rows, number = first_of(applications_to_answer(user).select_related("student__user", "offer"))
    return Block(
        title=_("Candidatures à examiner"),
        icon="inbox",
        items=[
            Item(
                title=str(row.student),
                url=console_url(Application, "change", row.pk),
                details=(row.offer.title, since(row.sent_at, today)),
                badge=_colored(row, APPLICATION_COLORS),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucune candidature n’attend d’être examinée."),
        more=Action(
            _("Voir ces candidatures"),
            list_url(Application, state__exact=ApplicationState.RECEIVED.value),
            "inbox",
        ),
    )


def _awaiting_host(user, today):
    return _to_settle(
        Placement.objects.visible_to(user).awaiting_host(),
        today,
        title=_("Stages qui attendent votre accord"),
        empty=_("Aucun stage n’attend votre accord."),
        waits_for="organisme",
        party=lambda row: str(row.school) if row.school_id else _("établissement à préciser"),
    )


def _without_certificate(user):
    """Interns who have left and have no certificate (article D124-9), the first to leave first."""
    waiting = Placement.objects.visible_to(user).without_certificate().with_names()
    rows, number = first_of(waiting.order_by("end_on", "pk"))
    return Block(
        title=_("Attestations à remettre"),
        icon="workspace_premium",
        items=[
            Item(
                title=str(row.student),
                url=console_url(Placement, "change", row.pk),
                details=(row.post, _("fini le %(day)s") % {"day": day(row.last_day)}),
            )
            for row in rows
        ],
        number=number,
        empty=_("Chaque stagiaire parti a son attestation."),
        more=Action(_("Voir ces stages"), list_url(Placement, attestation="manque"), "workspace_premium"),
    )


def _ending_offers(user, today):
    """The company's offers to which nobody may apply any more within days."""
    ending = InternshipOffer.objects.visible_to(user).open_to_applicants(today)
    ending = ending.filter(apply_until__lte=today + ENDS_SOON).with_numbers().order_by("apply_until", "pk")
    return Block(
        title=_("Offres bientôt closes"),
        icon="event_upcoming",
        items=[
            Item(
                title=row.title,
                url=console_url(InternshipOffer, "change", row.pk),
                details=(
                    _("jusqu’au %(day)s") % {"day": day(row.apply_until)},
                    ngettext("%(number)s candidature", "%(number)s candidatures", row.applications_received)
                    % {"number": grouped(row.applications_received)},
                ),
                badge=_last_days(row, today),
            )
            for row in ending[:SHOWN]
        ],
        empty=_("Aucune de vos offres ne prend fin dans les sept jours."),
        more=Action(_("Mes offres en ligne"), list_url(InternshipOffer, enligne="oui"), "work"),
    )


def _last_days(offer, today):
    left = (offer.apply_until - today).days
    if left == 0:
        return Badge(_("Dernier jour"), "bad")
    text = ngettext("Encore %(days)d jour", "Encore %(days)d jours", left) % {"days": left}
    return Badge(text, "warn")


# Schools


def school_blocks(user, today):
    """What a school has to agree to, to sign and to confirm: (what comes first, what stands beside it)."""
    to_sign = _amendments(user, PaperState.AGREED, title=_("Avenants à faire signer"))
    return (
        [_awaiting_school(user, today), _to_sign(user, today), *to_sign],
        [_enrolments_to_confirm(user, today)],
    )


def _awaiting_school(user, today):
    return _to_settle(
        Placement.objects.visible_to(user).awaiting_school(),
        today,
        title=_("Stages qui attendent votre accord"),
        empty=_("Aucun stage n’attend votre accord."),
        waits_for="ecole",
        party=lambda row: str(row.company),
    )


def _to_sign(user, today):
    agreements = PlacementPaper.objects.in_force().filter(placement=OuterRef("pk"), kind=PaperKind.AGREEMENT)
    return _to_settle(
        Placement.objects.visible_to(user).to_sign().annotate(has_agreement=Exists(agreements.order_by())),
        today,
        title=_("Conventions à établir et à signer"),
        empty=_("Aucune convention n’est à établir ni à signer."),
        waits_for="signature",
        party=lambda row: str(row.company),
        badge=lambda row: (
            Badge(_("À signer"), "info") if row.has_agreement else Badge(_("À établir"), "warn")
        ),
    )


def _amendments(user, state, *, title):
    """Amendments that wait for this person: they are rare, so a block only where there are some."""
    waiting = PlacementPaper.objects.visible_to(user).waiting_amendments().filter(state=state)
    rows, number = first_of(waiting.with_names().order_by("made_at", "pk"))
    block = Block(
        title=title,
        icon="edit_document",
        items=[
            Item(
                title=str(row.placement.student),
                url=console_url(Placement, "change", row.placement_id),
                details=(str(row.placement.company), f"{row.get_kind_display()} {row.number}"),
            )
            for row in rows
        ],
        number=number,
        empty="",
        more=Action(
            _("Voir ces avenants"),
            list_url(PlacementPaper, kind__exact=PaperKind.AMENDMENT.value, state__exact=state.value),
            "edit_document",
        ),
    )
    return [block] if rows else []


def _enrolments_to_confirm(user, today):
    rows, number = first_of(StudentEnrolment.objects.awaiting(user).with_names().order_by("asked_at", "pk"))
    return Block(
        title=_("Rattachements à confirmer"),
        icon="how_to_reg",
        items=[
            Item(
                title=str(row.student),
                url=console_url(StudentEnrolment, "change", row.pk),
                details=(row.program_name, since(row.asked_at, today)),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucun étudiant n’attend d’être confirmé."),
        more=Action(
            _("Voir ces étudiants"),
            list_url(StudentEnrolment, state__exact=EnrolmentState.DECLARED.value),
            "how_to_reg",
        ),
    )


def _to_settle(waiting, today, *, title, empty, waits_for, party, badge=None):
    """Placements that wait for somebody, the next to start first; `party` names the other side of one."""
    rows, number = first_of(waiting.with_names().order_by("start_on", "pk"))
    return Block(
        title=title,
        icon="handshake",
        items=[
            Item(
                title=str(row.student),
                url=console_url(Placement, "change", row.pk),
                details=(party(row), row.post, *_dates(row)),
                badge=badge(row) if badge else _starts(row, today),
            )
            for row in rows
        ],
        number=number,
        empty=empty,
        more=Action(_("Voir ces stages"), list_url(Placement, attend=waits_for), "handshake"),
    )


# Students


def student_blocks(user, today):
    """What a student has to answer, then their applications and placements: (first, beside it)."""
    applications = list(_own_applications(user)[:SHOWN])
    return (
        [_to_answer(user, today, applications), _applied(applications)],
        [_own_placements(user), _own_papers(user)],
    )


def _own_applications(user):
    """A student's applications: a place, or a question, first, then those that go on, the latest first."""
    rank = Case(
        When(state__in=(ApplicationState.ACCEPTED, ApplicationState.REOPENED), then=Value(0)),
        When(state__in=UNDECIDED_APPLICATIONS, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    others = Application.objects.undecided().filter(student=OuterRef("student")).exclude(pk=OuterRef("pk"))
    rows = Application.objects.visible_to(user).select_related("offer__company", "student__user")
    return rows.annotate(rank=rank, has_others=Exists(others.order_by())).order_by("rank", "-sent_at", "-pk")


def _to_answer(user, today, applications):
    """What waits for the student's own word, whoever asks."""
    items = [
        Item(
            title=_("Vous avez une place : %(offer)s") % {"offer": row.offer.title},
            url=console_url(Application, "change", row.pk),
            details=(str(row.offer.company), _("retirez les candidatures dont elle prend les dates")),
            badge=Badge(_("Acceptée"), "good"),
        )
        for row in applications
        if row.state == ApplicationState.ACCEPTED and row.has_others
    ]
    items += [
        Item(
            title=row.offer.title,
            url=console_url(Application, "change", row.pk),
            details=(str(row.offer.company), _("veut reprendre votre candidature : la maintenez-vous ?")),
            badge=Badge(_("À répondre"), "warn"),
        )
        for row in applications
        if row.state == ApplicationState.REOPENED
    ]
    for rows, model, told, moment in (
        (
            StudentEnrolment.objects.awaiting(user).with_names().order_by("asked_at", "pk"),
            StudentEnrolment,
            lambda row: (str(row.school), _("vous compte parmi ses étudiants")),
            "asked_at",
        ),
        (
            recommendations_to_answer(user).with_names().order_by("proposed_at", "pk"),
            InternRecommendation,
            lambda row: (str(row.company), _("vous recommande")),
            "proposed_at",
        ),
        (
            follows_to_answer(user).with_names().order_by("created_at", "pk"),
            Follow,
            lambda row: (str(row.company), _("demande à vous suivre")),
            "created_at",
        ),
    ):
        for row in rows[:SHOWN]:
            title, what = told(row)
            items.append(
                Item(
                    title=title,
                    url=console_url(model, "change", row.pk),
                    details=(what, since(getattr(row, moment), today)),
                    badge=Badge(_("À répondre"), "warn"),
                )
            )
    return Block(
        title=_("Ce qui attend votre réponse"),
        icon="mark_email_unread",
        items=items,
        empty=_("Personne n’attend de réponse de vous."),
    )


def _applied(applications):
    return Block(
        title=_("Mes candidatures"),
        icon="inbox",
        items=[
            Item(
                title=row.offer.title,
                url=console_url(Application, "change", row.pk),
                details=(str(row.offer.company), *_dates(row.offer)),
                badge=_colored(row, APPLICATION_COLORS),
            )
            for row in applications
        ]
        or [Item(title=_("Chercher une offre de stage"), url=reverse("public:offers"))],
        empty="",
        more=Action(_("Toutes mes candidatures"), list_url(Application), "inbox") if applications else None,
    )


def _own_placements(user):
    rows, number = first_of(Placement.objects.visible_to(user).with_names())
    return Block(
        title=_("Mes stages"),
        icon="handshake",
        items=[
            Item(
                title=row.post,
                url=console_url(Placement, "change", row.pk),
                details=(str(row.company), *_dates(row)),
                badge=_colored(row, PLACEMENT_COLORS),
            )
            for row in rows
        ],
        number=number,
        empty=_("Vous n’avez pas encore de stage."),
        more=Action(_("Tous mes stages"), list_url(Placement), "handshake"),
    )


def _own_papers(user):
    rows, number = first_of(PlacementPaper.objects.visible_to(user).with_names())
    return Block(
        title=_("Mes conventions et attestations"),
        icon="contract",
        items=[
            Item(
                title=f"{row.get_kind_display()} {row.number}",
                url=console_url(PlacementPaper, "change", row.pk),
                details=(str(row.placement.company),),
                badge=_colored(row, PAPER_COLORS),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucun document n’est encore établi pour vous."),
        more=Action(_("Tous mes documents"), list_url(PlacementPaper), "contract"),
    )


# Words


def _colored(row, colors):
    """Where a row stands, in its colour."""
    return Badge(row.get_state_display(), TONES[colors[row.state]])


def _dates(row):
    return (_("du %(start)s au %(end)s") % {"start": day(row.start_on), "end": day(row.end_on)},)


def _starts(row, today):
    """How soon something starts that is not settled yet."""
    left = row.start_on - today
    if left.days <= 0:
        return Badge(_("Déjà commencé"), "bad")
    if left > STARTS_SOON:
        return None
    text = ngettext("Dans %(days)d jour", "Dans %(days)d jours", left.days) % {"days": left.days}
    return Badge(text, "bad" if left.days <= 7 else "warn")
