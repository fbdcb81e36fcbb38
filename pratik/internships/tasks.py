"""Entry points of the queue."""

from . import services


def tell_of_offers(pks, operation_pk):
    """Tells people what an operation did to offers."""
    services.tell_of_offers(pks=pks, operation_pk=operation_pk)


def tell_applications_sent(pks, operation_pk):
    """Tells companies of new applications."""
    services.tell_applications_sent(pks=pks, operation_pk=operation_pk)


def tell_of_applications(pks, verb, operation_pk):
    """Tells people what became of applications."""
    services.tell_of_applications(pks=pks, verb=verb, operation_pk=operation_pk)


def close_over():
    """Closes the offers that nobody may answer any more."""
    services.close_over()


def expire_applications():
    """Ends the applications that were left without an answer for too long."""
    services.expire_applications()


def forget_unsuccessful():
    """Removes the applications that led nowhere two years ago."""
    services.forget_unsuccessful()


def remind_of_expiring():
    """Tells companies of offers that leave the site soon."""
    services.remind_of_expiring()


def draft_placements(pks):
    """Prepares placements for these applications."""
    services.draft_placements(pks=pks)


def cancel_of_applications(pks):
    """Calls off the placements of applications that are accepted no more."""
    services.cancel_of_applications(pks=pks)


def adopt_placements(pks):
    """Gives placements the school of these enrolments."""
    services.adopt_placements(pks=pks)


def start_and_complete():
    """Starts and completes placements by the day."""
    services.start_and_complete()


def catch_up():
    """Does what the queue has left undone for placements."""
    services.catch_up()


def recompute_hours():
    """Works out again the hours of the placements that are not over."""
    services.recompute_hours_to_come()


def tell_of_drafts(pks, operation_pk):
    """Tells the parties of placements to prepare."""
    services.tell_of_drafts(pks=pks, operation_pk=operation_pk)


def tell_of_adoptions(pks, operation_pk):
    """Tells schools of the placements that found them."""
    services.tell_of_adoptions(pks=pks, operation_pk=operation_pk)


def tell_of_placements(pks, verb, operation_pk):
    """Tells the parties what became of placements."""
    services.tell_of_placements(pks=pks, verb=verb, operation_pk=operation_pk)


def tell_of_erased_interns(pks, operation_pk):
    """Tells host and school that an intern's account is erased."""
    services.tell_of_erased_interns(pks=pks, operation_pk=operation_pk)


def tell_of_papers(pks, verb, operation_pk):
    """Tells the parties of papers."""
    services.tell_of_papers(pks=pks, verb=verb, operation_pk=operation_pk)


def tell_of_headcount(pk, before, now, operation_pk):
    """Tells the team of the headcount that a host changed."""
    services.tell_of_headcount(pk=pk, before=before, now=now, operation_pk=operation_pk)
