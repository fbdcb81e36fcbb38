"""Answering applications. A place is given under a lock of its offer: no more are given than there are.

Offers are always locked before applications, and both in the order of their keys.
"""

from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import assess, carry_out, move

from .. import reports, rules
from ..models import Application
from ..signals import applications_accepted, applications_moved
from ..workflow import APPLICATION
from .cvs import NO_CV, remove_cvs
from .locking import lock_offers
from .offers import fill_full_offers


def assess_applications(*, actor, verb, pks):
    """Which applications a verb would move and which it would refuse, with the reasons; writes nothing."""
    if verb != "accept":
        return assess(actor=actor, model=Application, verb=verb, pks=pks, guard=_guard(verb, pks))
    chosen = Application.objects.editable_by(actor).filter(pk__in=list(pks))
    return _judged(actor, pks, {row.offer_id: row.offer for row in chosen}, lock=False)


def _guard(verb, pks):
    """The rule that a verb asks of each application; what it must know is read once for all of them."""
    if verb in ("shortlist", "invite"):
        return lambda row: rules.answering_refusal(row, row.offer)
    if verb in ("refuse", "withdraw"):
        prepared = reports.with_prepared_placement(pks)
        return lambda row: rules.leaving_refusal(row, is_prepared=row.pk in prepared)
    if verb in ("reopen", "resume"):
        others = reports.with_another_live(pks)
        return lambda row: rules.application_reopening_refusal(row, has_another=row.pk in others)
    return None


def _move(actor, verb, pks, reason, **columns):
    """Moves applications, their offers locked; nobody answers, or takes back, in another's name."""
    pks = list(pks)
    _may(actor, verb)
    with transaction.atomic():
        _lock_offers_of(actor, pks)
        return move(
            actor=actor,
            model=Application,
            verb=verb,
            pks=pks,
            reason=reason,
            guard=_guard(verb, pks),
            announce=partial(_announce, verb),
            **columns,
        )


def _may(actor, verb):
    if actor.role not in APPLICATION.transition(verb).who or in_anothers_name():
        raise PermissionDenied


def _lock_offers_of(actor, pks):
    chosen = Application.objects.editable_by(actor).filter(pk__in=list(pks))
    return lock_offers(set(chosen.values_list("offer", flat=True)))


def _announce(verb, pks, operation):
    applications_moved.send(Application, pks=pks, verb=verb, operation=operation)


def shortlist_applications(*, actor, pks, reason=""):
    """Keeps applications for the next step; the students are told."""
    return _move(actor, "shortlist", pks, reason)


def invite_applications(*, actor, pks, interview_at, place="", reason=""):
    """Invites students to an interview at a moment (aware), at a place or by a means; they are told, with
    the `reason` as the company's message. Inviting again moves the interview. From now on the company sees
    how to reach them. Raises `ValidationError` by field (`interview_at`, `place`).
    """
    _may(actor, "invite")
    errors = rules.interview_errors(interview_at, now=timezone.now())
    place = " ".join(place.split())
    if len(place) > 300:
        errors["place"] = ValidationError(_("Au plus %(limit)s caractères."), params={"limit": 300})
    if errors:
        raise ValidationError(errors)
    return _move(actor, "invite", pks, reason, interview_at=interview_at, interview_place=place)


def accept_applications(*, actor, pks, reason=""):
    """Gives students a place each while there are some, whoever applied first before the others.

    Those for whom there is none are refused in the outcome. The last place takes the offer off the site.
    The students are told; `others_of` says what else they applied for. Placements are drafted from there.
    """
    pks = list(pks)
    _may(actor, "accept")
    transition = APPLICATION.transition("accept")
    with transaction.atomic():
        _wait_for_turns(actor, pks)
        offers = _lock_offers_of(actor, pks)
        with operation(
            kind=OperationKind.TRANSITION,
            actor=actor,
            subject=Application,
            verb="accept",
            reason=reason.strip(),
        ) as running:
            outcome = _judged(actor, pks, offers, lock=True)
            carry_out(transition, outcome.changed, decided_by=actor)
            running.count("refused", len(outcome.refused))
            outcome.operation = running.written
            if outcome.changed:
                accepted = [row.pk for row in outcome.changed]
                _announce("accept", accepted, running.row)
                applications_accepted.send(Application, pks=accepted, operation=running.row)
        fill_full_offers(list(offers.values()))
    return outcome


def _wait_for_turns(actor, pks):
    """Acceptances of one company come one after the other: it may take a student for two of its offers."""
    chosen = Application.objects.editable_by(actor).filter(pk__in=pks).order_by("offer__company")
    for company in chosen.values_list("offer__company", flat=True).distinct():
        wait_for_turn(f"internships.applications:{company}")


def _judged(actor, pks, offers, *, lock):
    """Of the applications that may be accepted by their state, those for which there is a place, in order."""
    outcome = assess(actor=actor, model=Application, verb="accept", pks=pks, lock=lock)
    taken = reports.accepted_by_offer(offers)
    wanted, outcome.changed = sorted(outcome.changed, key=lambda row: (row.sent_at, row.pk)), []
    starts = reports.starts_of({row.student_id for row in wanted})
    for row in wanted:
        offer = offers.get(row.offer_id)
        if offer is None:
            # Made after the offers were locked.
            outcome.refused.append((row, _("Cette candidature vient d’arriver : réessayez.")))
            continue
        accepted = taken.get(offer.pk, 0)
        start = (row.student_id, offer.company_id, offer.start_on)
        if why := rules.acceptance_refusal(row, offer, accepted=accepted, has_place=start in starts):
            outcome.refused.append((row, why))
        else:
            starts.add(start)
            outcome.changed.append(row)
            taken[offer.pk] = accepted + 1
    return outcome


def refuse_applications(*, actor, pks, why, reason=""):
    """Refuses students, or takes their place back; they are told why.

    `why` is a code of `RefusalReason`, `reason` what the company writes to them, needed for « Autre motif ».
    Raises `ValidationError` by field (`why`, `reason`).
    """
    _may(actor, "refuse")
    text = reason.strip()
    errors = rules.refusal_errors(why, text)
    if len(text) > 1000:
        errors["reason"] = ValidationError(_("Au plus %(limit)s caractères."), params={"limit": 1000})
    if errors:
        raise ValidationError(errors)
    return _move(actor, "refuse", pks, text, refusal_reason=why, refusal_text=text, decided_by=actor)


def withdraw_applications(*, actor, pks, reason=""):
    """Takes one's own applications back; the companies are told, and a place that was given is free again.
    Their CVs are removed at once: nobody has a use for them any more (GDPR, article 5(1)(e)).
    """
    pks = list(pks)
    with transaction.atomic():
        # The CV of an application is never replaced: what is read here is what is there under the lock.
        own = Application.objects.editable_by(actor).filter(pk__in=pks).order_by()
        cvs = dict(own.values_list("pk", "cv"))
        outcome = _move(actor, "withdraw", pks, reason, decided_by=actor, **NO_CV)
        remove_cvs(cvs[row.pk] for row in outcome.changed)
    return outcome


def reopen_applications(*, actor, pks, reason=""):
    """Takes applications up again that were refused, or left without an answer, once the students say that
    they maintain them (`resume_applications`): these are told, and may be elsewhere by now.
    """
    return _move(
        actor,
        "reopen",
        pks,
        reason,
        refusal_reason="",
        refusal_text="",
        decided_at=None,
        decided_by=None,
        interview_at=None,
        interview_place="",
    )


def resume_applications(*, actor, pks, reason=""):
    """A student maintains applications that companies take up again: these answer them anew, and are told."""
    return _move(actor, "resume", pks, reason)


def others_of(application):
    """What else the student of this application waits for: their other applications that nobody has decided,
    whose dates it may take. They are offered to withdraw them when one is accepted.
    """
    rows = Application.objects.undecided().filter(student=application.student_id).exclude(pk=application.pk)
    return rows.with_names().order_by("offer__start_on", "pk")


def withdraw_others(*, actor, application, pks):
    """Withdraws those of the student's other undecided applications that they chose. Returns an `Outcome`.

    Others than those of `others_of` are left alone, whatever is asked.
    """
    chosen = others_of(application).filter(student__user=actor, pk__in=list(pks))
    return withdraw_applications(actor=actor, pks=list(chosen.values_list("pk", flat=True)))
