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

    def abandoned(self, before):
        """Files that nobody confirmed before this moment."""
        return self.filter(operation=None, created_at__lt=before)


class ImportRunQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What becomes of a file is its sender's business alone."""
        return self.filter(upload__owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        return self.visible_to(user)

    def silent(self, before):
        """Files that wait for a worker, or whose worker has given no sign of life since this moment."""
        left = models.Q(worker="", asked_at__lt=before) | models.Q(alive_at__lt=before)
        return self.filter(left, state__in=RUNS_UNDER_WAY)


class ImportRowQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The rows of a file are its sender's alone."""
        return self.filter(run__upload__owner=user) if user.is_authenticated else self.none()

    def editable_by(self, user):
        """What the cluster says of a row is nobody's to change."""
        return self.none()

    def over(self, before):
        """Rows of files that were dealt with before this moment."""
        return self.filter(run__finished_at__lt=before).exclude(run__state__in=RUNS_UNDER_WAY)
