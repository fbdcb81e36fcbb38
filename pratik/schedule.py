"""What runs by itself: name → task, cron in Cayenne's time, and what it is for.

`python manage.py sync_schedule` brings the queue's table to this one; a release runs it once.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scheduled:
    task: str
    cron: str
    purpose: str


SCHEDULE = {
    "send_mails": Scheduled(
        "pratik.notifications.tasks.send_mails",
        "*/10 * * * *",
        "sends the notices whose e-mail failed, or that a stopped worker left",
    ),
    "send_digests": Scheduled(
        "pratik.notifications.tasks.send_digests",
        "0 9 * * *",
        "sends what people wanted with the digest of the morning",
    ),
    "clean_up_notices": Scheduled(
        "pratik.notifications.tasks.clean_up",
        "0 2 * * 0",
        "removes the notices that were read six months ago",
    ),
    "remind_of_calendars": Scheduled(
        "pratik.calendars.tasks.remind_of_calendars",
        "0 10 * * 1",
        "reminds schools and partner companies of placements that start within 30 days",
    ),
    "forget_old_events": Scheduled(
        "pratik.security.tasks.forget_old_events",
        "15 3 * * *",
        "removes the lines of the journal of accesses that are past their time",
    ),
    "end_expired_impersonations": Scheduled(
        "pratik.security.tasks.end_expired_impersonations",
        "*/10 * * * *",
        "ends acting in another's name whose time is up, where the browser never came back",
    ),
    "forget_abandoned_uploads": Scheduled(
        "pratik.core.tasks.forget_abandoned_uploads",
        "30 3 * * *",
        "removes the files that nobody confirmed for two days",
    ),
    "take_up_imports": Scheduled(
        "backoffice.base.imports.tasks.take_up_imports",
        "*/5 * * * *",
        "has the cluster go on with long files that a stopped worker left",
    ),
    "take_up_undoings": Scheduled(
        "backoffice.core.tasks.take_up_undoings",
        "*/5 * * * *",
        "has the cluster go on taking back long operations that a stopped worker left, and forgets old ones",
    ),
    "delete_files_left": Scheduled(
        "pratik.core.tasks.delete_files_left",
        "25 * * * *",
        "removes the files that a storage could not remove when it was asked to",
    ),
    "forget_expired_cache": Scheduled(
        "pratik.core.tasks.forget_expired_cache",
        "45 3 * * *",
        "removes from the cache's table what is past its time, so that it never fills up",
    ),
    "prune_history": Scheduled(
        "pratik.core.tasks.prune_history",
        "30 1 1 * *",
        "removes versions of rows older than HISTORY_KEPT_YEARS, but the first and the one that held then",
    ),
    "apply_retention": Scheduled(
        "pratik.privacy.tasks.apply_retention",
        "0 4 * * *",
        "warns of, then removes or empties, personal data that are kept no longer",
    ),
    "remind_of_deadlines": Scheduled(
        "pratik.privacy.tasks.remind_of_deadlines",
        "0 7 * * *",
        "reminds administrators of requests about personal data whose answer is due",
    ),
    "expire_documents": Scheduled(
        "pratik.verification.tasks.expire_documents",
        "0 8 * * *",
        "marks supporting documents whose last day is over, and withdraws the badges that stood on them",
    ),
    "remind_of_expiry": Scheduled(
        "pratik.verification.tasks.remind_of_expiry",
        "15 8 * * *",
        "reminds people of supporting documents that end in 30, 7 or 1 days",
    ),
    "delete_due_files": Scheduled(
        "pratik.verification.tasks.delete_due_files",
        "45 3 * * *",
        "removes the files of supporting documents that were decided long enough ago",
    ),
    "close_past_listings": Scheduled(
        "pratik.living.tasks.close_what_is_over",
        "5 0 * * *",
        "puts away the lodgings and trips whose last day has passed, and the requests for days gone by",
    ),
    "tell_followers_left": Scheduled(
        "pratik.tracking.tasks.tell_followers_left",
        "*/10 * * * *",
        "goes on telling companies what changed for students whom they follow, where a worker stopped",
    ),
    "close_past_offers": Scheduled(
        "pratik.internships.tasks.close_over",
        "10 0 * * *",
        "closes the internship offers that nobody may answer any more",
    ),
    "expire_applications": Scheduled(
        "pratik.internships.tasks.expire_applications",
        "20 0 * * *",
        "ends the applications that a company left without an answer for 30 days after the start",
    ),
    "forget_applications": Scheduled(
        "pratik.internships.tasks.forget_unsuccessful",
        "10 4 * * *",
        "removes the applications that led nowhere, two years after the decision, with their CVs",
    ),
    "remind_of_expiring_offers": Scheduled(
        "pratik.internships.tasks.remind_of_expiring",
        "30 7 * * *",
        "tells companies of offers that students may answer for three days more",
    ),
    "forget_unanswered_recommendations": Scheduled(
        "pratik.recommendations.tasks.forget_unanswered",
        "50 3 * * *",
        "removes the recommendations that were never sent, or never answered, for two years",
    ),
    "end_past_enrolments": Scheduled(
        "pratik.schools.tasks.end_past_enrolments",
        "10 0 * * *",
        "ends the enrolments of students whose school year is over",
    ),
    "start_and_complete": Scheduled(
        "pratik.internships.tasks.start_and_complete",
        "15 0 * * *",
        "starts and completes placements by the day, and calls off what nobody signed a month after its end",
    ),
    "catch_up_placements": Scheduled(
        "pratik.internships.tasks.catch_up",
        "30 0 * * *",
        "drafts, calls off and gives a school to the placements that a failing queue left behind",
    ),
    "recompute_hours": Scheduled(
        "pratik.internships.tasks.recompute_hours",
        "20 0 * * *",
        "works out again the hours of placements to come, where a public holiday was added or corrected",
    ),
    "forget_old_sign_ups": Scheduled(
        "pratik.joining.tasks.forget_old_sign_ups",
        "20 3 * * *",
        "forgets the sign-ups that nobody confirmed for a day",
    ),
}
