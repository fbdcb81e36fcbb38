from django.core.management.base import BaseCommand
from django.db import transaction
from django_q.models import Schedule

from pratik.schedule import SCHEDULE


class Command(BaseCommand):
    help = "Brings the queue's schedules to pratik/schedule.py: adds, corrects and removes."

    def handle(self, *args, **options):
        with transaction.atomic():
            known = {row.name: row for row in Schedule.objects.select_for_update()}
            for name, scheduled in SCHEDULE.items():
                row = known.pop(name, None) or Schedule(name=name)
                changed = (row.func, row.cron) != (scheduled.task, scheduled.cron)
                if row.pk and not changed:
                    continue
                row.func, row.cron, row.schedule_type = scheduled.task, scheduled.cron, Schedule.CRON
                # The queue works out the next run of a new row only.
                if row.pk:
                    row.next_run = row.calculate_next_run()
                row.save()
            Schedule.objects.filter(pk__in=[row.pk for row in known.values()]).delete()
        self.stdout.write(f"{len(SCHEDULE)} schedules")
