from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .constraints import violations
from .enums import OPERATION_COLORS, RUN_COLORS, RUNS_UNDER_WAY, OperationKind, RunState, ShownRow
from .files import private_storage
from .operations import current_operation
from .querysets import (
    FileRemovalQuerySet,
    ImportRowQuerySet,
    ImportRunQuerySet,
    OperationQuerySet,
    ScopedQuerySet,
    UndoRunQuerySet,
    UploadQuerySet,
)


class BusinessModel(models.Model):
    """A row that the platform answers for: scoped, validated, written under an operation, with history.

    `natural_key_fields` tell two rows apart in a file. `excluded_from_history` lists derived columns.
    Rows that are not `is_undoable` keep what an operation made of them (places that others have taken since,
    files that are gone), and an operation about such rows is not undone at all.
    """

    natural_key_fields: tuple[str, ...] = ()
    is_undoable = True
    # What a decision rested on, years later: none of its versions goes with time (`history_pruning`).
    keeps_every_version = False

    created_at = models.DateTimeField(_("créé le"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("modifié le"), default=timezone.now, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs):
        """Writes the row and its line of history. Raises `WriteOutsideService`, with nothing written,
        outside an operation.

        What Django writes by itself and history leaves out, such as the moment of a sign-in, needs none.
        """
        fields = kwargs.get("update_fields")
        if fields is not None and not self._are_tracked(fields):
            values = {name: getattr(self, name) for name in fields}
            models.QuerySet(type(self)).filter(pk=self.pk).update(**values)
            return
        current_operation()
        self.derive()
        self.updated_at = timezone.now()
        if fields is not None:
            kwargs["update_fields"] = {*fields, "updated_at"}
        super().save(*args, **kwargs)

    def derive(self):
        """Sets the columns that follow from others. Makes no query; called before each write."""

    def deletion_refusal(self):
        """Why this row is not to be deleted, in a sentence; None when only its dependants decide."""
        return None

    def edit_refusal(self):
        """Why this row is not to be changed any more, in a sentence; None when it may be."""
        return None

    def change_refusal(self, actor, names):
        """Why this person is not to change these columns of the row as it stands; None when they may.

        A row that is closed but for some columns, to some people, says so here.
        """
        return self.edit_refusal()

    def reserved_fields(self, actor):
        """The columns that this person may not change, though the row be theirs; none by default.

        Returning to an earlier version leaves them as they are.
        """
        return ()

    def _are_tracked(self, names):
        return not {field.name for field in self.history.model.tracked_fields}.isdisjoint(names)

    def validate_constraints(self, exclude=None):
        """As Django's, but a broken rule is said at the field that a person would correct."""
        errors = violations(self, exclude=exclude)
        if errors:
            raise ValidationError(errors)
        super().validate_constraints(exclude=exclude)


class Operation(models.Model):
    """One act of one person (or of a task), with all the rows that it changed."""

    kind = models.CharField(_("nature"), max_length=20, choices=OperationKind.choices)
    verb = models.CharField(_("verbe"), max_length=40, blank=True)
    subject = models.CharField(_("objet"), max_length=100, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="operations",
        verbose_name=_("auteur"),
    )
    actor_label = models.CharField(_("nom de l’auteur"), max_length=200)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("fait au nom de l’auteur par"),
    )
    reason = models.TextField(_("motif"), blank=True)
    started_at = models.DateTimeField(_("début"), db_index=True)
    finished_at = models.DateTimeField(_("fin"), null=True)
    source_name = models.CharField(_("fichier"), max_length=200, blank=True)
    source_sha256 = models.CharField(_("empreinte du fichier"), max_length=64, blank=True)
    source_size = models.PositiveBigIntegerField(_("taille du fichier (octets)"), null=True)
    counts = models.JSONField(_("bilan"), default=dict)
    undoes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="undoings", verbose_name=_("annule")
    )

    search_text = models.CharField(max_length=900, editable=False, default="")

    objects = OperationQuerySet.as_manager()

    class Meta:
        verbose_name = _("opération")
        verbose_name_plural = _("opérations")
        ordering = ["-started_at", "-pk"]

    def __str__(self):
        return self.title

    @property
    def title(self):
        """What was done, in a few words: « Import · calendriers de stages »."""
        from .workflow import verb_label

        what = verb_label(self.subject, self.verb) if self.verb else self.get_kind_display()
        model = self.subject_model
        return f"{what} · {model._meta.verbose_name_plural}" if model else str(what)

    @property
    def is_final(self):
        """Whether nobody takes it back: data were erased, versions from before it may be gone, its verb is
        one that is not undone, or its rows are of a kind that has verbs of its own for that.
        """
        from .history_pruning import is_past
        from .workflow import final_transition

        model = self.subject_model
        return (
            self.kind == OperationKind.ERASURE
            or is_past(self.started_at)
            or (model is not None and not model.is_undoable)
            or final_transition(self.subject, self.verb) is not None
        )

    @property
    def subject_model(self):
        """The model that the operation is about, or None."""
        from .history import tracked_models

        return tracked_models().get(self.subject)

    @property
    def color(self):
        return OPERATION_COLORS[self.kind]

    def total(self, what):
        """One of the operation's totals: created, updated, unchanged, refused, deleted, left."""
        return self.counts.get(what, 0)


class LongWork(models.Model):
    """What the cluster does for somebody that is too long to be waited for. Machinery: without history.

    `queued_at` says since when a task for it is on its way, `started_at` when a worker took it up;
    `rows_done` counts what it has dealt with. `address` and `device` are where it was asked for from, until
    it is over.
    """

    address = models.GenericIPAddressField(_("adresse IP"), null=True)
    device = models.CharField(_("appareil"), max_length=300, blank=True)
    language = models.CharField(_("langue"), max_length=10)
    error = models.TextField(_("erreur"), blank=True)
    rows_done = models.PositiveIntegerField(_("lignes traitées"), default=0)
    tries = models.PositiveSmallIntegerField(_("essais"), default=0)
    asked_at = models.DateTimeField(_("demandé le"), default=timezone.now)
    queued_at = models.DateTimeField(_("en file depuis le"), null=True)
    started_at = models.DateTimeField(_("commencé le"), null=True)

    class Meta:
        abstract = True


class UndoRun(LongWork):
    """The taking back, by the cluster, of an operation that wrote too much to be waited for.

    Once it is finished, `error` says why it failed, or `undoing` is the operation that took the rows back,
    and `report` says how many, and which were left and why.
    """

    operation = models.OneToOneField(
        Operation, on_delete=models.PROTECT, related_name="undo_run", verbose_name=_("opération")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("demandé par")
    )
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("demandé au nom de cette personne par"),
    )
    reason = models.TextField(_("motif"), blank=True)
    undoing = models.OneToOneField(
        Operation, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("annulée par")
    )
    report = models.JSONField(_("bilan"), default=dict)
    rows_total = models.PositiveIntegerField(_("lignes en tout"))
    cancel_asked_at = models.DateTimeField(_("abandon demandé le"), null=True)
    finished_at = models.DateTimeField(_("finie le"), null=True)

    objects = UndoRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("longue annulation")
        verbose_name_plural = _("longues annulations")
        ordering = ["asked_at", "pk"]

    def __str__(self):
        return str(self.operation)


class FileRemoval(models.Model):
    """A file that is nobody's any more and is to go from its storage. Machinery: without history."""

    storage = models.CharField(_("stockage"), max_length=20)
    name = models.CharField(_("nom du fichier"), max_length=200)
    asked_at = models.DateTimeField(_("demandée le"), default=timezone.now)
    tries = models.PositiveIntegerField(_("essais sans succès"), default=0)

    objects = FileRemovalQuerySet.as_manager()

    class Meta:
        verbose_name = _("fichier à supprimer")
        verbose_name_plural = _("fichiers à supprimer")
        ordering = ["asked_at", "pk"]

    def __str__(self):
        return self.name


class Upload(models.Model):
    """A file that somebody sent and has not confirmed yet; kept in private, removed when abandoned."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("propriétaire")
    )
    purpose = models.CharField(_("usage"), max_length=60)
    name = models.CharField(_("nom du fichier"), max_length=200)
    file = models.FileField(_("fichier"), upload_to="uploads", storage=private_storage, max_length=200)
    size = models.PositiveBigIntegerField(_("taille (octets)"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    created_at = models.DateTimeField(_("reçu le"), default=timezone.now)
    operation = models.OneToOneField(
        Operation, on_delete=models.PROTECT, null=True, related_name="upload", verbose_name=_("opération")
    )

    objects = UploadQuerySet.as_manager()

    class Meta:
        verbose_name = _("fichier reçu")
        verbose_name_plural = _("fichiers reçus")
        ordering = ["-created_at"]

    def __str__(self):
        return self.name


class ImportRun(LongWork):
    """What the cluster does with a file that is too long to be waited for: reads it, and writes it once its
    owner has confirmed.

    `worker` is the mark of the process that is at it, empty while none is, and `alive_at` its last sign of
    life. `rows_done` counts the rows of the present phase, of `rows_total` where that is known;
    `is_estimated` says that it is a guess.
    """

    upload = models.OneToOneField(
        Upload, on_delete=models.CASCADE, related_name="run", verbose_name=_("fichier reçu")
    )
    state = models.CharField(_("état"), max_length=10, choices=RunState, default=RunState.WAITING)
    impersonator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("confirmé au nom du propriétaire par"),
    )
    all_or_nothing = models.BooleanField(_("tout ou rien"), default=False)
    headers = models.JSONField(_("colonnes du fichier"), default=list)
    read_headers = models.JSONField(_("colonnes comprises"), default=list)
    notes = models.JSONField(_("remarques"), default=list)
    problems = models.JSONField(_("ce qui empêche de lire le fichier"), default=list)
    counts = models.JSONField(_("bilan"), default=dict)
    digest = models.CharField(_("empreinte de l’aperçu"), max_length=64, blank=True)
    warned = models.PositiveIntegerField(_("lignes à vérifier"), default=0)
    has_changed = models.BooleanField(_("les données ont changé depuis l’aperçu"), default=False)
    rows_total = models.PositiveIntegerField(_("lignes en tout"), null=True)
    is_estimated = models.BooleanField(_("le total est une estimation"), default=True)
    worker = models.CharField(_("processus"), max_length=32, blank=True)
    cancel_asked_at = models.DateTimeField(_("annulation demandée le"), null=True)
    alive_at = models.DateTimeField(_("dernier signe de vie"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("traitement d’un fichier")
        verbose_name_plural = _("traitements de fichiers")
        ordering = ["-asked_at", "-pk"]
        indexes = [
            # The schedule asks for these every few minutes; all others are over.
            models.Index(
                fields=["alive_at"],
                name="importrun_under_way",
                condition=models.Q(state__in=RUNS_UNDER_WAY),
            )
        ]

    def __str__(self):
        return str(self.upload)

    @property
    def color(self):
        return RUN_COLORS[self.state]

    @property
    def is_under_way(self):
        """Whether the cluster has something to do, or is at it."""
        return self.state in RUNS_UNDER_WAY

    def silent_since(self, moment):
        """Whether no worker has given a sign of life since then."""
        return not self.worker or self.alive_at is None or self.alive_at < moment


class ImportRow(models.Model):
    """A row of a long file that its sender is to look at, in words; with its cells where it is refused.

    `about` is the key of the record that the row is of, where there was one when the file was read.
    """

    run = models.ForeignKey(
        ImportRun, on_delete=models.CASCADE, related_name="rows", verbose_name=_("traitement")
    )
    kind = models.CharField(_("sort"), max_length=10, choices=ShownRow)
    number = models.PositiveIntegerField(_("ligne"))
    said = models.JSONField(_("ce qui en est dit"))
    about = models.BigIntegerField(_("clé de la fiche"), null=True)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("ligne d’un fichier")
        verbose_name_plural = _("lignes de fichiers")
        ordering = ["number", "pk"]
        indexes = [models.Index(fields=["run", "kind", "number"], name="importrow_shown")]

    def __str__(self):
        return f"{self.run}, {self.number}"
