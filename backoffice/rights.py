"""The page « Rôles et droits »: the table of roles as people read it, and as a file.

Everything is read from the code itself (`roles.TABLE`, each model's workflow, each queryset's scope), so that
the page can't say anything else than what holds. It asks the database nothing.
"""

from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet, PermissionDenied
from django.db.models import Q, TextChoices
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from tablib import Dataset

from backoffice.base.downloads import TABLES, download_table
from pratik.accounts.enums import STAFF_ROLES, AccountType, Role
from pratik.core.text import fold

from .roles import TABLE, TWINS, verbs_of


class Verb(TextChoices):
    """The verbs of the table, in the order in which they are shown."""

    VIEW = "view", gettext_lazy("Consulter")
    ADD = "add", gettext_lazy("Ajouter")
    CHANGE = "change", gettext_lazy("Modifier")
    DELETE = "delete", gettext_lazy("Supprimer")
    IMPORT = "import", gettext_lazy("Importer")
    EXPORT = "export", gettext_lazy("Exporter")

    @property
    def icon(self):
        return {
            "view": "visibility",
            "add": "add_circle",
            "change": "edit",
            "delete": "delete",
            "import": "upload_file",
            "export": "download",
        }[self.value]


WRITING = frozenset({Verb.ADD, Verb.CHANGE, Verb.DELETE, Verb.IMPORT})


class Reach(TextChoices):
    """How far a role's sight, or hand, reaches among the rows of one kind."""

    NONE = "none", gettext_lazy("aucune ligne")
    PUBLIC = "public", gettext_lazy("les lignes publiques")
    OWN = "own", gettext_lazy("ses propres lignes")
    OWN_AND_MORE = "own_and_more", gettext_lazy("ses propres lignes et une partie des autres")
    PART = "part", gettext_lazy("une partie des lignes")
    ALL = "all", gettext_lazy("toutes les lignes")


# Two people of one role: what differs between their scopes is what is a person's own.
PROBES = (987_654_321, 987_654_322)


def _probe(role, pk):
    if role == Role.ANONYMOUS:
        return AnonymousUser()
    if role in STAFF_ROLES:
        return get_user_model()(pk=pk, account_type=AccountType.STAFF, staff_role=role)
    return get_user_model()(pk=pk, account_type=role)


def _told(rows):
    """A queryset as the database would be asked for it; None when it needs not be asked."""
    try:
        return rows.order_by().query.sql_with_params()
    except EmptyResultSet:
        return None


@cache
def reach(role, model, scope="visible_to"):
    """How far a scope reaches for a role, read from the question that it would ask of the database."""
    if not hasattr(model.objects, scope):
        return Reach.ALL
    one, other = (getattr(model.objects, scope)(_probe(role, pk)) for pk in PROBES)
    if _told(one) is None:
        return Reach.NONE
    if not one.query.where and not one.query.is_sliced:
        return Reach.ALL
    if _told(one) != _told(other):
        return Reach.OWN_AND_MORE if _offers_a_choice(one.query.where) else Reach.OWN
    visitors = getattr(model.objects, scope)(AnonymousUser())
    return Reach.PUBLIC if _told(one) == _told(visitors) else Reach.PART


def _offers_a_choice(where):
    return where.connector == Q.OR or any(
        _offers_a_choice(child) for child in where.children if hasattr(child, "connector")
    )


@dataclass(frozen=True)
class Right:
    """One verb in a cell: had, or lost by a read-only twin."""

    label: str
    icon: str
    lost: bool = False


@dataclass(frozen=True)
class Cell:
    """What one role may do with one kind of row, and with which rows."""

    role: Role
    rights: tuple
    acts: tuple
    seen: Reach | None
    changed: Reach | None

    @property
    def is_empty(self):
        return not (self.rights or self.acts)

    @property
    def sentence(self):
        """Which rows, in a sentence."""
        if self.seen is None:
            return ""
        if self.seen == Reach.NONE:
            return _("Ne voit aucune ligne.")
        names = {"seen": self.seen.label, "changed": (self.changed or Reach.NONE).label}
        if self.changed in (None, Reach.NONE):
            return _("Voit %(seen)s.") % names
        if self.changed == self.seen:
            return _("Voit et change %(seen)s.") % names
        return _("Voit %(seen)s, change %(changed)s.") % names


@dataclass(frozen=True)
class Line:
    """One kind of row, with a cell for each role."""

    model: type
    cells: tuple

    @property
    def name(self):
        return str(capfirst(self.model._meta.verbose_name_plural))


@dataclass(frozen=True)
class Area:
    """The kinds of rows of one application."""

    label: str
    name: str
    lines: tuple


def acts_of(role, model):
    """What the model's workflow lets a role do, in words."""
    workflow = getattr(model, "workflow", None)
    return tuple(str(transition.label) for transition in workflow.open_to(role)) if workflow else ()


def cell_of(role, model):
    """One cell of the matrix. A twin's cell also holds, marked as lost, what it has not of its origin's."""
    label = model._meta.label_lower
    verbs = verbs_of(role, label)
    origin = verbs_of(TWINS[role], label) if role in TWINS else frozenset()
    acts = acts_of(role, model)
    lost_acts = acts_of(TWINS[role], model) if role in TWINS else ()
    writes = bool(acts or verbs & WRITING)
    return Cell(
        role=role,
        rights=tuple(
            Right(verb.label, verb.icon, lost=verb not in verbs) for verb in Verb if verb in verbs | origin
        ),
        acts=(
            *(Right(act, "bolt") for act in acts),
            *(Right(act, "bolt", lost=True) for act in lost_acts if act not in acts),
        ),
        seen=reach(role, model) if "view" in verbs else None,
        changed=reach(role, model, "editable_by") if writes else None,
    )


def roles():
    """The roles that have an account, in their order."""
    return [role for role in Role if role in TABLE]


def models():
    """Every model that the table names."""
    labels = {label for rights in TABLE.values() for label in rights}
    return sorted(
        (apps.get_model(label) for label in labels), key=lambda model: fold(model._meta.verbose_name_plural)
    )


def areas():
    """The applications that the table has models of, as (label, name), by name."""
    configs = {model._meta.app_config for model in models()}
    return sorted(
        ((config.label, str(config.verbose_name)) for config in configs), key=lambda pair: fold(pair[1])
    )


def matrix(chosen_roles, chosen_areas):
    """The table of these roles and areas: a list of `Area`, its lines without any right left out."""
    told = []
    for label, name in areas():
        if label not in chosen_areas:
            continue
        lines = [
            Line(model, tuple(cell_of(role, model) for role in chosen_roles))
            for model in models()
            if model._meta.app_label == label
        ]
        kept = tuple(line for line in lines if not all(cell.is_empty for cell in line.cells))
        if kept:
            told.append(Area(label, name, kept))
    return told


def sheet(told):
    """The same as rows: one for each kind of row and role, its verbs as « oui » or « non »."""
    dataset = Dataset(title=_("Rôles et droits"))
    dataset.headers = [
        _("Domaine"),
        _("Objet"),
        _("Rôle"),
        *(str(verb.label) for verb in Verb),
        _("Actions"),
        _("Lignes vues"),
        _("Lignes modifiables"),
    ]
    for area in told:
        for line in area.lines:
            for cell in line.cells:
                had = {right.label for right in cell.rights if not right.lost}
                dataset.append(
                    [
                        area.name,
                        line.name,
                        str(cell.role.label),
                        *(_("oui") if verb.label in had else _("non") for verb in Verb),
                        " | ".join(act.label for act in cell.acts if not act.lost),
                        str((cell.seen or Reach.NONE).label),
                        str((cell.changed or Reach.NONE).label),
                    ]
                )
    return dataset


class RightsPages:
    """Gives the console its page of roles and rights, for the platform's team."""

    def get_urls(self):
        return [
            path("roles/", self.admin_view(self.rights_page), name="roles"),
            *(
                path(
                    f"roles/droits.{suffix}",
                    self.admin_view(self.rights_file),
                    {"suffix": suffix},
                    name=f"roles_{suffix}",
                )
                for suffix in TABLES
            ),
            *super().get_urls(),
        ]

    def rights_page(self, request):
        """Who may do what, role by role and model by model."""
        chosen_roles, chosen_areas = _chosen(request)
        told = matrix(chosen_roles, chosen_areas)
        context = {
            **self.each_context(request),
            "title": _("Rôles et droits"),
            "areas": told,
            "roles": [(role, TWINS.get(role)) for role in chosen_roles],
            "twins": [(twin.label, role.label) for twin, role in TWINS.items() if twin in chosen_roles],
            "role_choices": [(role, role in chosen_roles) for role in roles()],
            "area_choices": [(*area, area[0] in chosen_areas) for area in areas()],
            "one_by_one": [
                (role, f"?{urlencode({'role': role.value})}", chosen_roles == [role]) for role in roles()
            ],
            "everything": len(chosen_roles) == len(roles()),
            "verbs": list(Verb),
            "files": [
                (suffix.upper(), f"{reverse(f'admin:roles_{suffix}')}?{request.GET.urlencode()}")
                for suffix in TABLES
            ],
        }
        request.current_app = self.name
        return TemplateResponse(request, "backoffice/rights.html", context)

    def rights_file(self, request, suffix):
        """The same table, with the same filters, as a file."""
        return download_table(sheet(matrix(*_chosen(request))), "roles-et-droits", suffix)


def _chosen(request):
    """The roles and areas that the person looks at: those that they name, else all. For the team alone."""
    if not request.user.is_staff:
        raise PermissionDenied
    named_roles, named_areas = set(request.GET.getlist("role")), set(request.GET.getlist("area"))
    chosen_roles = [role for role in roles() if role in named_roles] or roles()
    labels = [label for label, _name in areas()]
    return chosen_roles, [label for label in labels if label in named_areas] or labels
