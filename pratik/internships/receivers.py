"""Reactions to facts: from the queue, so that a decision is quick."""

from pratik.core.queue import enqueue
from pratik.core.signals import rows_written
from pratik.partners.models import CompanyProfile
from pratik.schools.signals import enrolments_moved

from . import services, signals
from .models import Placement, PlacementBreak


def tell_of_offers_later(sender, pks, operation, **kwargs):
    """The team and companies hear what became of offers."""
    enqueue("pratik.internships.tasks.tell_of_offers", list(pks), operation.pk)


def tell_applications_sent_later(sender, pks, operation, **kwargs):
    """Companies hear of new applications."""
    enqueue("pratik.internships.tasks.tell_applications_sent", list(pks), operation.pk)


def tell_of_applications_later(sender, pks, verb, operation, **kwargs):
    """Students hear what became of their applications, companies of those that were taken back."""
    enqueue("pratik.internships.tasks.tell_of_applications", list(pks), verb, operation.pk)


def draft_placements_later(sender, pks, **kwargs):
    """Students who have a place get a placement, to be prepared with their school."""
    enqueue("pratik.internships.tasks.draft_placements", list(pks))


def cancel_placements_later(sender, pks, verb, **kwargs):
    """A place that was taken back takes its placement with it."""
    if verb in ("withdraw", "refuse"):
        enqueue("pratik.internships.tasks.cancel_of_applications", list(pks))


def adopt_placements_later(sender, pks, operation, **kwargs):
    """Placements that wait for a school find the one that the student and the school confirmed."""
    enqueue("pratik.internships.tasks.adopt_placements", list(pks))


def tell_of_drafts_later(sender, pks, operation, **kwargs):
    """The parties hear of placements that they are to prepare."""
    enqueue("pratik.internships.tasks.tell_of_drafts", list(pks), operation.pk)


def tell_of_adoptions_later(sender, pks, operation, **kwargs):
    """Schools hear of the placements that they have now; their hosts have heard of them."""
    enqueue("pratik.internships.tasks.tell_of_adoptions", list(pks), operation.pk)


def tell_of_placements_later(sender, pks, verb, operation, **kwargs):
    """The parties hear how far placements are, and what is asked of them."""
    enqueue("pratik.internships.tasks.tell_of_placements", list(pks), verb, operation.pk)


def tell_of_erased_interns_later(sender, pks, operation, **kwargs):
    """Host and school hear that the intern of a signed placement has no account any more."""
    enqueue("pratik.internships.tasks.tell_of_erased_interns", list(pks), operation.pk)


def tell_of_papers_later(sender, pks, verb, operation, **kwargs):
    """The parties hear of papers."""
    enqueue("pratik.internships.tasks.tell_of_papers", list(pks), verb, operation.pk)


def tell_of_headcounts_later(sender, pks, history_type, operation, **kwargs):
    """The team hears that a host says otherwise how many people work there."""
    if history_type != "~":
        return
    for pk, before, now in services.headcounts_changed(pks=pks, running=operation):
        enqueue("pratik.internships.tasks.tell_of_headcount", pk, before, now, operation.row.pk)


def recompute_hours(sender, pks, history_type, **kwargs):
    """Hours follow from dates, weeks and breaks: at once, in the same transaction, whoever wrote them."""
    if history_type == "-" and sender is Placement:
        return
    placements = pks if sender is Placement else services.placements_of_breaks(pks, history_type)
    services.recompute(pks=placements)


def connect():
    rows_written.connect(recompute_hours, sender=Placement, dispatch_uid="internships.hours")
    rows_written.connect(recompute_hours, sender=PlacementBreak, dispatch_uid="internships.hours.breaks")
    rows_written.connect(
        tell_of_headcounts_later, sender=CompanyProfile, dispatch_uid="internships.headcounts"
    )
    enrolments_moved.connect(adopt_placements_later, dispatch_uid="internships.adopt_placements")
    for signal, heard in (
        (signals.offers_moved, tell_of_offers_later),
        (signals.applications_sent, tell_applications_sent_later),
        (signals.applications_moved, tell_of_applications_later),
        (signals.applications_accepted, draft_placements_later),
        (signals.applications_moved, cancel_placements_later),
        (signals.placements_drafted, tell_of_drafts_later),
        (signals.placements_adopted, tell_of_adoptions_later),
        (signals.placements_moved, tell_of_placements_later),
        (signals.interns_erased, tell_of_erased_interns_later),
        (signals.papers_moved, tell_of_papers_later),
    ):
        signal.connect(heard, dispatch_uid=f"internships.{heard.__name__}")
