"""Offers on their way to the public and back, and copies of them for the year after."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from pratik.accounts.services import system_actor
from pratik.core.calendar import day_label, today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import Outcome, assess, carry_out, move
from pratik.core.writes import create_rows
from pratik.law.rules import refusal

from .. import reports, rules
from ..enums import OfferState
from ..models import InternshipOffer
from ..signals import offers_moved
from ..workflow import OFFER
from ..workflow.offers import KEEPERS_AND_COMPANIES
from .expiry import expire_applications_of
from .locking import lock_offers

BATCH = 1_000
# What a copy takes over as it is; days move by whole weeks, and the copy begins its own life as a draft.
COPIED = (
    "company",
    "kind",
    "title",
    "description",
    "skills",
    "level",
    "diploma",
    "hours_per_week",
    "places",
    "commune",
    "stipend_hourly",
    "remote_share",
    "asks_for_cv",
    "questions",
)


def _guard(actor, verb, pks):
    """The rule that a verb asks of each offer; what it must know is read once for all of them."""
    day = today()
    if verb in ("submit", "publish"):
        chosen = list(InternshipOffer.objects.editable_by(actor).filter(pk__in=list(pks)))
        unlawful = {pk: refusal(found) for pk, found in reports.law_findings(chosen, day).items()}
        return lambda offer: rules.publication_refusal(offer, today=day, unlawful=unlawful.get(offer.pk))
    if verb == "reopen":
        taken = reports.accepted_by_offer(pks)
        return lambda offer: rules.offer_reopening_refusal(offer, today=day, accepted=taken.get(offer.pk, 0))
    return None


def assess_offers(*, actor, verb, pks):
    """Which offers a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=InternshipOffer, verb=verb, pks=pks, guard=_guard(actor, verb, pks))


def _announce(pks, operation):
    offers_moved.send(InternshipOffer, pks=pks, operation=operation)


def _move(actor, verb, pks, reason, announce=_announce):
    """Moves offers, locked; what a company offers, it offers in its own name."""
    pks = list(pks)
    if actor.role not in OFFER.transition(verb).who or in_anothers_name():
        raise PermissionDenied
    with transaction.atomic():
        # Locked before anything of them is read: what a rule is told is still true when the offer moves.
        chosen = InternshipOffer.objects.editable_by(actor).filter(pk__in=pks)
        lock_offers(chosen.values_list("pk", flat=True))
        return move(
            actor=actor,
            model=InternshipOffer,
            verb=verb,
            pks=pks,
            reason=reason,
            guard=_guard(actor, verb, pks),
            announce=announce,
        )


def submit_offers(*, actor, pks, reason=""):
    """Has the team read a company's drafts. What the law forbids is refused with its explanation."""
    return _move(actor, "submit", pks, reason)


def publish_offers(*, actor, pks, reason=""):
    """Shows offers on the site; the companies are told. Refused for what is over or the law forbids."""
    return _move(actor, "publish", pks, reason)


def refuse_offers(*, actor, pks, reason):
    """Sends offers back to be mended; the companies are told why."""
    return _move(actor, "refuse", pks, reason)


def rework_offers(*, actor, pks, reason=""):
    """Takes offers off the site, to change them; the team reads them again afterwards. Applications stay."""
    return _move(actor, "rework", pks, reason)


def fill_offers(*, actor, pks, reason=""):
    """Says that a company needs nobody more, though places be left; the offers leave the site."""
    return _move(actor, "fill", pks, reason)


def reopen_offers(*, actor, pks, reason=""):
    """Brings offers back that were filled and have a free place again."""
    return _move(actor, "reopen", pks, reason)


def close_offers(*, actor, pks, reason=""):
    """Takes offers off the site; the applications that came are still answered."""
    return _move(actor, "close", pks, reason)


def archive_offers(*, actor, pks, reason=""):
    """Puts offers away for good. Applications without an answer end, and the students are told."""

    def announce(moved, operation):
        expire_applications_of(moved)
        _announce(moved, operation)

    return _move(actor, "archive", pks, reason, announce)


def move_offers_by_itself(verb, rows):
    """What becomes of offers, which are locked, without anybody deciding it. Returns how many."""
    if not rows:
        return 0
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=InternshipOffer, verb=verb
    ) as running:
        carry_out(OFFER.transition(verb), rows)
        _announce([row.pk for row in rows], running.row)
    return len(rows)


def fill_full_offers(offers):
    """Takes those of these offers off the site, which are locked, whose last place was given."""
    published = [row for row in offers if row.state == OfferState.PUBLISHED]
    accepted = reports.accepted_by_offer([row.pk for row in published])
    return move_offers_by_itself("fill", [row for row in published if accepted.get(row.pk, 0) >= row.places])


def close_over():
    """Closes the offers that nobody may answer any more, as days are counted in Cayenne. Returns how many.

    In batches, each a transaction of its own: it may be stopped at any moment, and run again.
    """
    day, number = today(), 0
    while done := _close_batch(day):
        number += done
    return number


def _close_batch(day):
    with transaction.atomic():
        rows = InternshipOffer.objects.over(day).select_for_update(of=("self",), no_key=True).order_by("pk")
        return move_offers_by_itself("end", list(rows[:BATCH]))


def assess_copies(*, actor, pks):
    """Which offers would be copied for the year after, and which have a copy already; writes nothing."""
    chosen = InternshipOffer.objects.editable_by(actor).filter(pk__in=list(pks))
    outcome = Outcome()
    for row, _copy, why in _judged_copies(list(chosen)):
        if why:
            outcome.refused.append((row, why))
        else:
            outcome.changed.append(row)
    return outcome


def copy_offers(*, actor, pks, reason=""):
    """« Copier pour l’année suivante »: the same offers a school year later, as drafts.

    Days move by whole weeks, so that a Monday stays one. Returns an `Outcome`: `changed` holds the copies,
    `refused` the offers that have one already. Raises `PermissionDenied` for who looks after no offer.
    """
    if actor.role not in KEEPERS_AND_COMPANIES:
        raise PermissionDenied
    try:
        return _copied(actor, pks, reason.strip())
    except IntegrityError:
        raise ValidationError(
            _("Une offre du même titre vient d’être créée à la même date. Rechargez la page."),
            code="copied_meanwhile",
        ) from None


def _copied(actor, pks, reason):
    outcome = Outcome()
    with operation(
        kind=OperationKind.CREATE, actor=actor, subject=InternshipOffer, verb="copy", reason=reason
    ) as running:
        chosen = InternshipOffer.objects.editable_by(actor).filter(pk__in=list(pks))
        rows = lock_offers(chosen.values_list("pk", flat=True)).values()
        for row, copy, why in _judged_copies(rows):
            if why:
                outcome.refused.append((row, why))
            else:
                outcome.changed.append(copy)
        create_rows(outcome.changed)
        running.count("refused", len(outcome.refused))
        outcome.operation = running.written
    return outcome


def _judged_copies(rows):
    """The copy of each of these offers, and why it is not made or None: [(offer, copy, why)]; one query."""
    copies = [(row, _copy(row)) for row in rows]
    taken = _taken_keys([copy for _row, copy in copies])
    judged = []
    for row, copy in copies:
        why = None
        if _key(copy) in taken:
            why = _("« %(title)s » existe déjà avec un début le %(day)s.") % {
                "title": copy.title,
                "day": day_label(copy.start_on),
            }
        taken.add(_key(copy))
        judged.append((row, copy, why))
    return judged


def _copy(row):
    move = rules.weeks_to_next_year(row.start_on)
    copy = InternshipOffer(
        **{name: getattr(row, name) for name in COPIED},
        start_on=row.start_on + move,
        end_on=row.end_on + move,
        apply_until=row.apply_until + move,
        copied_from=row,
    )
    copy.derive()
    return copy


def _key(row):
    return row.company_id, row.title_key, row.start_on


def _taken_keys(copies):
    rows = InternshipOffer.objects.filter(
        company__in={copy.company_id for copy in copies}, start_on__in={copy.start_on for copy in copies}
    )
    return set(rows.values_list("company", "title_key", "start_on"))
