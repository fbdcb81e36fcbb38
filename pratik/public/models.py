from django.db import models

from .querysets import GenerationQuerySet


class Generation(models.Model):
    """How often rows of a model were written: what the site kept of them before is right no more.

    A model has a row for each transaction that ever wrote it at the same time as others, so that none waits
    for another; their sum counts. Machinery: without history. A row is never removed.
    """

    model = models.CharField(max_length=100, db_index=True)
    number = models.PositiveBigIntegerField(default=1)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name = "génération"
        verbose_name_plural = "générations"

    def __str__(self):
        return f"{self.model} {self.number}"
