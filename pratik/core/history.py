"""The history of a business row: django-simple-history's tables, with the operation each line belongs to."""

from functools import cache

from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords
from simple_history.signals import post_create_historical_record, pre_create_historical_record

from .operations import current_operation
from .signals import rows_written


class HistoryLine(models.Model):
    """What each historical table has besides the fields of its model."""

    operation = models.ForeignKey(
        "core.Operation", on_delete=models.PROTECT, related_name="+", verbose_name="opération"
    )

    class Meta:
        abstract = True


class Lines(HistoryManager):
    """The manager `model.history`, of which there is one class.

    django-simple-history makes one at each look at `model.history`, which takes longer than a query.
    """

    @classmethod
    @cache
    def from_queryset(cls, queryset_class, class_name=None):
        """As Django's, answered from memory."""
        return super().from_queryset(queryset_class, class_name)


def history(*, excluded_fields=()):
    """The history of a model. Derived columns and secrets are left out by `excluded_fields`."""
    return HistoricalRecords(
        bases=[HistoryLine],
        history_manager=Lines,
        history_change_reason_field=models.TextField(blank=True, default=""),
        excluded_fields=list(excluded_fields),
    )


def _belongs_to_operation(sender, instance, history_instance, **kwargs):
    running = current_operation()
    history_instance.operation = running.row
    history_instance.history_user = running.actor
    history_instance.history_change_reason = running.reason
    running.count(
        {"+": "created", "~": "updated", "-": "deleted"}[history_instance.history_type],
    )


def _announce(sender, instance, history_instance, **kwargs):
    rows_written.send(
        sender=type(instance),
        pks=[instance.pk],
        history_type=history_instance.history_type,
        operation=current_operation(),
    )


def connect():
    """Refuses, from now on, each single-row write that has no operation, and announces each that has."""
    pre_create_historical_record.connect(_belongs_to_operation, dispatch_uid="core.history")
    post_create_historical_record.connect(_announce, dispatch_uid="core.history.announce")


def versions_around(model, pks, operation):
    """What an operation has just made of rows: {primary key: (line of history before or None, line now)}.

    `operation` is the running one, which has written the rows of these keys. Two queries, however many.
    """
    key = model._meta.pk.attname
    lines = model.history.model.objects.filter(**{f"{key}__in": pks})
    now = {getattr(line, key): line for line in lines.filter(operation=operation.row).order_by("history_id")}
    former = lines.filter(
        history_id__lt=min((line.history_id for line in now.values()), default=0)
    ).order_by()
    newest = former.values(key).annotate(newest=models.Max("history_id")).values("newest")
    before = {getattr(line, key): line for line in lines.filter(history_id__in=newest)}
    return {pk: (before.get(pk), line) for pk, line in now.items()}


def tracked_models():
    """Every model with history, as {label_lower: model}."""
    from django.apps import apps

    return {
        model._meta.label_lower: model
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }


def still_as_left(model, operation, pks):
    """The keys of those of these rows whose state nobody has changed since an operation; two queries.

    What is told later than it was done tells it of these alone: of the others, what came after tells.
    """
    lines = model.history.filter(id__in=pks).order_by("history_id")
    columns = "id", "history_id", model.workflow.field
    left = {pk: (line, state) for pk, line, state in lines.filter(operation=operation).values_list(*columns)}
    if not left:
        return set()
    later = lines.filter(history_id__gt=min(line for line, _state in left.values()))
    moved = {
        pk
        for pk, line, state in later.values_list(*columns)
        if pk in left and line > left[pk][0] and state != left[pk][1]
    }
    return set(left) - moved
