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
    "forget_abandoned_uploads": Scheduled(
        "pratik.core.tasks.forget_abandoned_uploads",
        "30 3 * * *",
        "removes the files that nobody confirmed for two days",
    ),
}
