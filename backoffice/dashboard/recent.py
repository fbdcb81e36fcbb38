"""What was done lately: imports and operations, with what they changed."""

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.display import grouped
from pratik.core.enums import OPERATION_COLORS, OperationKind
from pratik.core.models import Operation

from .parts import Action, Badge, Block, Item, console_url, list_url

IMPORTS_SHOWN = 5
OPERATIONS_SHOWN = 8

TONES = {"success": "good", "primary": "good", "danger": "bad", "warning": "warn", "info": "info"}


def recent_blocks(user):
    """The last imports, and the last operations, that the person may see; both in one query."""
    seen = Operation.objects.visible_to(user)
    imports = seen.filter(kind=OperationKind.IMPORT)
    chosen = Q(pk__in=seen.values("pk")[:OPERATIONS_SHOWN]) | Q(pk__in=imports.values("pk")[:IMPORTS_SHOWN])
    rows = list(Operation.objects.filter(chosen))
    imported = [row for row in rows if row.kind == OperationKind.IMPORT][:IMPORTS_SHOWN]
    return [
        Block(
            title=_("Derniers imports"),
            icon="upload_file",
            items=[_imported(row) for row in imported],
            empty=_("Aucun fichier n’a encore été importé."),
            more=Action(
                _("Tous les imports"), list_url(Operation, kind__exact=OperationKind.IMPORT.value), "history"
            ),
        ),
        Block(
            title=_("Dernières opérations"),
            icon="history",
            items=[_done(row) for row in rows[:OPERATIONS_SHOWN]],
            empty=_("Rien n’a encore été modifié."),
            more=Action(_("Toutes les opérations"), list_url(Operation), "history"),
        ),
    ]


def _imported(row):
    model = row.subject_model
    refused = row.total("refused")
    badge = None
    if refused:
        badge = Badge(
            ngettext("%(number)s refusée", "%(number)s refusées", refused) % {"number": grouped(refused)},
            "warn",
        )
    return Item(
        title=row.source_name or row.title,
        url=console_url(Operation, "change", row.pk),
        details=tuple(
            filter(None, (model._meta.verbose_name_plural if model else "", _changes(row), *_by_whom(row)))
        ),
        badge=badge,
    )


def _done(row):
    return Item(
        title=row.title,
        url=console_url(Operation, "change", row.pk),
        details=tuple(filter(None, (_changes(row), *_by_whom(row)))),
        badge=Badge(row.get_kind_display(), TONES.get(OPERATION_COLORS[row.kind], "plain")),
    )


def _by_whom(row):
    return row.actor_label, date_format(localtime(row.started_at), "SHORT_DATETIME_FORMAT")


def _changes(row):
    """« 12 créées, 3 modifiées » ; the operation's page tells the rest."""
    created, updated, deleted = row.total("created"), row.total("updated"), row.total("deleted")
    told = []
    if created:
        told.append(ngettext("%(number)s créée", "%(number)s créées", created) % {"number": grouped(created)})
    if updated:
        told.append(
            ngettext("%(number)s modifiée", "%(number)s modifiées", updated) % {"number": grouped(updated)}
        )
    if deleted:
        told.append(
            ngettext("%(number)s supprimée", "%(number)s supprimées", deleted) % {"number": grouped(deleted)}
        )
    return ", ".join(told)
