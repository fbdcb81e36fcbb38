"""The history of a business row: django-simple-history's tables, with the operation each line belongs to."""

from django.db import models
from simple_history.models import HistoricalRecords
from simple_history.signals import pre_create_historical_record

from .operations import current_operation


class HistoryLine(models.Model):
    """What each historical table has besides the fields of its model."""

    operation = models.ForeignKey(
        "core.Operation", on_delete=models.PROTECT, related_name="+", verbose_name="opération"
    )

    class Meta:
        abstract = True


def history(*, excluded_fields=()):
    """The history of a model. Derived columns and secrets are left out by `excluded_fields`."""
    return HistoricalRecords(
        bases=[HistoryLine],
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


def connect():
    """Refuses, from now on, each single-row write that has no operation."""
    pre_create_historical_record.connect(_belongs_to_operation, dispatch_uid="core.history")


def tracked_models():
    """Every model with history, as {label_lower: model}."""
    from django.apps import apps

    return {
        model._meta.label_lower: model
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }
