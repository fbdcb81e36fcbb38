"""What every queryset of a business model answers, and what it refuses to do."""

from django.db import models

from .enums import RUNS_UNDER_WAY, OperationKind
from .operations import WriteOutsideService


class ScopeNotDefined(NotImplementedError):
    """A model was asked who may see its rows and has no answer: nobody may."""


class ScopedQuerySet(models.QuerySet):
    """Rows are seen through a person; the default raises, so that a forgotten scope is never an open one.

    Writes in sets go through `pratik.core.writes`, which keeps history; the queryset's own are closed.
    """

    def visible_to(self, user):
        """The rows that this person may read."""
        raise ScopeNotDefined(f"{self.model.__name__} does not say who may see its rows.")

    def editable_by(self, user):
        """The rows that this person may change."""
        raise ScopeNotDefined(f"{self.model.__name__} does not say who may change its rows.")

    def update(self, **values):
        raise WriteOutsideService("update() keeps no history: use pratik.core.writes.update_rows.")

    def bulk_create(self, *args, **kwargs):
        raise WriteOutsideService("bulk_create() keeps no history: use pratik.core.writes.create_rows.")

    def bulk_update(self, *args, **kwargs):
        raise WriteOutsideService("bulk_update() keeps no history: use pratik.core.writes.update_rows.")

    def delete(self):
        raise WriteOutsideService("delete() has no operation: use pratik.core.writes.delete_rows.")

    delete.alters_data = True
    delete.queryset_only = True


class OperationQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Staff see every operation; others those that they did themselves."""
        if not user.is_authenticated:
            return self.none()
        if user.is_staff:
            return self
        return self.filter(actor=user)

    def editable_by(self, user):
        """The operations that this person may undo: their own; for administrators and editors, all.

        What was erased is gone: nobody takes an erasure back.
        """
        if not user.is_authenticated:
            return self.none()
        rows = self.exclude(kind=OperationKind.ERASURE)
        return rows if user.may_edit_everything else rows.filter(actor=user)


class UndoRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Who sees an operation sees that it is being taken back."""
        operations = self.model._meta.get_field("operation").related_model.objects
        return self.filter(operation__in=operations.visible_to(user))

    def editable_by(self, user):
        """Who may take an operation back may also give that up."""
        operations = self.model._meta.get_field("operation").related_model.objects
        return self.filter(operation__in=operations.editable_by(user))

    def to_do(self):
        """What waits for a worker, or has one; the one that was asked for first comes first."""
        return self.filter(finished_at=None).order_by("asked_at", "pk")

    def over(self, before):
        """What was finished before this moment."""
        return self.filter(finished_at__lt=before)


class FileRemovalQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What is to go is the business of who looks after the platform."""
        return self if user.is_authenticated and user.is_administrator else self.none()

    def editable_by(self, user):
        """Files go by themselves."""
        return self.none()


class UploadQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An uploaded file is its owner's alone until it has become an operation."""
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        return self.visible_to(user)

    def unconfirmed_of(self, owner):
        """Files of somebody that have become no operation."""
        return self.filter(owner=owner, operation=None)

    def abandoned(self, before):
        """Files from before this moment that nobody confirmed and that wait for nothing else."""
        return self.filter(operation=None, created_at__lt=before).exclude(run__state__in=RUNS_UNDER_WAY)


class ImportRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What becomes of a file is its sender's business alone."""
        return self.filter(upload__owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        return self.visible_to(user)

    def at_work(self, since):
        """Files that have a worker who has given a sign of life since this moment."""
        return self.filter(state__in=RUNS_UNDER_WAY, alive_at__gte=since).exclude(worker="")

    def without_task(self, lost):
        """Files that the cluster has to do something with, and for which no task was asked for since this
        moment.
        """
        asked = models.Q(queued_at=None) | models.Q(queued_at__lt=lost)
        return self.filter(asked, state__in=RUNS_UNDER_WAY)


class ImportRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The rows of a file are its sender's alone."""
        return self.filter(run__upload__owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        """What the cluster says of a row is nobody's to change."""
        return self.none()

    def of_records(self, records):
        """The rows of these records, a queryset of what was imported, and those that are of none yet."""
        known = models.Exists(records.filter(pk=models.OuterRef("about")))
        return self.filter(models.Q(about=None) | known)

    def over(self, before):
        """Rows of files that were dealt with before this moment."""
        return self.filter(run__finished_at__lt=before).exclude(run__state__in=RUNS_UNDER_WAY)
