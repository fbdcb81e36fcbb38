"""Taking an operation back: what that would do, how far the cluster is with a long one, what came of it."""

from collections import Counter

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from backoffice.base import progress
from backoffice.base.display import grouped
from backoffice.base.reasons import typed_reason
from pratik.core.history import tracked_models
from pratik.core.models import Operation, UndoRun
from pratik.core.undo import UndoReport, refuse_undoing, undo_operation

from . import undoing

REASONS_TOLD = 3
LEFT_NAMED = 50


class Undone(models.TextChoices):
    """How far an operation was taken back."""

    WHOLE = "whole", gettext_lazy("annulée")
    PART = "part", gettext_lazy("annulée en partie")


def undone(operation):
    """How far an operation stands taken back, or None; an undoing that was itself undone does not count."""
    standing = [
        one
        for one in operation.undoings.all()
        if not any(not later.total("left") for later in one.undoings.all())
    ]
    if not standing:
        return None
    last = max(standing, key=lambda one: one.pk)
    return Undone.PART if last.total("left") else Undone.WHOLE


class UndoPages:
    """The part of the operations' pages that takes them back."""

    def undo_urls(self):
        view = self.admin_site.admin_view
        return [
            path(f"<int:object_id>/{address}", view(page), name=f"core_operation_{name}")
            for address, page, name in (
                ("undo/", self.undo_view, "undo"),
                ("undo/progress/", self.undo_progress_view, "undo_progress"),
                ("undo/progress.json", self.undo_figures_view, "undo_figures"),
                ("undo/cancel/", self.undo_cancel_view, "undo_cancel"),
                ("undo/resume/", self.undo_resume_view, "undo_resume"),
            )
        ]

    def may_undo(self, request, operation):
        return Operation.objects.editable_by(request.user).filter(pk=operation.pk).exists()

    @staticmethod
    def run_to_tell(operation, state):
        """What the cluster does, or has lately done, about taking an operation back that is in this state;
        None once that was itself taken back.
        """
        run = UndoRun.objects.filter(operation=operation).first()
        is_past = run is not None and run.undoing_id and state is None
        return None if is_past else run

    def _to_undo(self, request, object_id):
        """The operation, where this person may take it back."""
        operation = self.get_object(request, str(object_id))
        if operation is None:
            raise Http404
        if not self.may_undo(request, operation):
            raise PermissionDenied
        return operation

    def _page(self, request, template, context):
        request.current_app = self.admin_site.name
        full = {**self.admin_site.each_context(request), "opts": self.model._meta, **context}
        return TemplateResponse(request, template, full)

    def undo_view(self, request, object_id):
        """Shows what taking the operation back would do, and does it on a POST, or has the cluster do it."""
        operation = self._to_undo(request, object_id)
        run = UndoRun.objects.filter(operation=operation).first()
        confirmed = request.method == "POST"
        if run is not None and run.finished_at is None:
            if confirmed and run.cancel_asked_at:
                messages.warning(
                    request,
                    _("On vient de renoncer à cette annulation : demandez-la de nouveau dans un instant."),
                )
            return _to("undo_progress", operation)
        is_long = undoing.is_long(operation)
        act = self._undo_long if is_long else self._undo_at_once
        try:
            report, done = act(request, operation, confirmed)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return _to("change", operation)
        if done is not None:
            return done
        context = {
            "title": _("Annuler : %(operation)s") % {"operation": operation.title},
            "operation": operation,
            "report": report,
            "is_long": is_long,
            "reason": run.reason if run is not None and run.error and run.owner == request.user else "",
            "left": report.left[:LEFT_NAMED],
            "left_more": max(0, len(report.left) - LEFT_NAMED),
            "back": _url("change", operation),
        }
        return self._page(request, "backoffice/undo.html", context)

    def _undo_at_once(self, request, operation, confirmed):
        """Takes an operation back, or rehearses it. Returns the report, and the answer once it is done."""
        report = undo_operation(
            actor=request.user,
            operation=operation,
            reason=typed_reason(request),
            dry_run=not confirmed,
            named=LEFT_NAMED,
        )
        if not confirmed:
            return report, None
        self._say_undone(request, report)
        return report, _to("change", report.operation or operation)

    @staticmethod
    def _undo_long(request, operation, confirmed):
        """Has the cluster take an operation back, or counts what that would do at most: a rehearsal would
        take as long as the act. Returns the counts, and the answer once it is asked for.
        """
        refuse_undoing(actor=request.user, operation=operation)
        # Where an undoing was itself taken back, maybe in part, only the rows tell what is left to do.
        is_mixed = any(one.undoings.all() for one in operation.undoings.all())
        if undone(operation) == Undone.WHOLE and not is_mixed:
            raise ValidationError(_("Cette opération est déjà annulée."), code="already_undone")
        report = UndoReport(
            removed=operation.total("created"),
            restored=operation.total("updated"),
            recreated=operation.total("deleted"),
        )
        if not confirmed:
            return report, None
        undoing.ask(actor=request.user, operation=operation, reason=typed_reason(request))
        return report, _to("undo_progress", operation)

    def _say_undone(self, request, report):
        if report.done:
            messages.success(
                request,
                ngettext(
                    "%(number)s ligne remise en état.", "%(number)s lignes remises en état.", report.done
                )
                % {"number": grouped(report.done)},
            )
        if report.left:
            told = " ".join(
                ngettext("%(number)s ligne : %(why)s", "%(number)s lignes : %(why)s", number)
                % {"number": grouped(number), "why": why}
                for why, number in Counter(left.reason for left in report.left).most_common(REASONS_TOLD)
            )
            messages.warning(request, _("Laissé tel quel : %(told)s") % {"told": told})

    # What the cluster does

    def undo_progress_view(self, request, object_id):
        """How far the cluster is with taking a long operation back, and in the end what came of it."""
        operation = self._to_undo(request, object_id)
        runs = UndoRun.objects.select_related("undoing", "owner", "impersonator")
        run = runs.filter(operation=operation).first()
        if run is None:
            return _to("change", operation)
        named, is_all_in_sight = _in_sight(run, request.user)
        context = {
            "title": self._undo_title(run) % {"operation": operation.title},
            "run": run,
            "progress": _progress(run),
            "named": named,
            # Reasons tell who touched the rows, and when: for whoever may see these.
            "named_more": run.report.get("left", 0) - len(named) if is_all_in_sight else 0,
            "progress_url": _url("undo_figures", operation),
            "cancel_url": _url("undo_cancel", operation),
            "resume_url": _url("undo_resume", operation),
            "again": _url("undo", operation),
            "undoing_url": run.undoing and _url("change", run.undoing),
            "back": _url("change", operation),
        }
        return self._page(request, "backoffice/undo_progress.html", context)

    @staticmethod
    def _undo_title(run):
        if run.error:
            return _("Annulation échouée : %(operation)s")
        if run.finished_at and not run.report["done"]:
            return _("Rien n’a pu être annulé : %(operation)s")
        if run.finished_at:
            return _("Annulation terminée : %(operation)s")
        return _("Annulation : %(operation)s")

    def undo_figures_view(self, request, object_id):
        """How far the cluster is, for the page that shows it."""
        run = UndoRun.objects.filter(operation=self._to_undo(request, object_id)).first()
        if run is None:
            raise Http404
        response = JsonResponse(_progress(run))
        response["Cache-Control"] = "private, no-store"
        return response

    def undo_cancel_view(self, request, object_id):
        """Gives the taking back of a long operation up: nothing of it is done."""
        return self._steer_undoing(
            request,
            object_id,
            undoing.cancel,
            _("On ne peut plus y renoncer : l’annulation est terminée ou sur le point de l’être."),
        )

    def undo_resume_view(self, request, object_id):
        """Has the cluster go on with the taking back of a long operation that a worker left."""
        return self._steer_undoing(request, object_id, undoing.resume, _("Il n’y a rien à reprendre."))

    def _steer_undoing(self, request, object_id, act, refusal):
        operation = self._to_undo(request, object_id)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        runs = UndoRun.objects.filter(operation=operation)
        run = runs.first()
        if run is not None and not act(run):
            messages.warning(request, refusal)
        if runs.exists():
            return _to("undo_progress", operation)
        messages.success(request, _("L’annulation est abandonnée : rien n’a changé."))
        return _to("change", operation)


def _url(view, operation):
    return reverse(f"admin:core_operation_{view}", args=[operation.pk])


def _to(view, operation):
    return HttpResponseRedirect(_url(view, operation))


def _in_sight(run, user):
    """The rows that were left, by name and why, as far as this person may see them, and whether those are
    all. One that could not come back is nowhere, and has its key for a name.
    """
    named = run.report.get("named", ())
    models, hidden = tracked_models(), set()
    for label in {label for label, *_said in named}:
        rows = models[label].objects.filter(pk__in=[pk for other, pk, *_said in named if other == label])
        seen = rows.visible_to(user).values("pk")
        hidden |= {(label, pk) for pk in rows.exclude(pk__in=seen).values_list("pk", flat=True)}
    shown = [(name, why) for label, pk, name, why in named if (label, pk) not in hidden]
    return shown, not hidden


def _progress(run):
    """How far a run is, for its page; `over` when that has something else to show."""
    is_mute = undoing.is_locked(run)
    is_interrupted = undoing.is_interrupted(run)
    is_given_up = run.cancel_asked_at is not None
    is_counted = run.started_at is not None and not (is_mute or is_interrupted)
    return {
        "over": run.finished_at is not None,
        "now": _now(run),
        **(
            progress.figures(
                done=run.rows_done,
                total=run.rows_total,
                seconds=(timezone.now() - run.started_at).total_seconds(),
            )
            if is_counted
            else progress.SILENT
        ),
        "warning": _warning(run),
        "may_resume": is_interrupted and not is_given_up,
        "may_cancel": not is_mute and (is_interrupted or not is_given_up),
    }


def _now(run):
    """What the cluster is at, in a sentence."""
    if run.cancel_asked_at:
        return _("Renoncement demandé : le traitement s’arrête à la fin du lot en cours.")
    if undoing.waits_for_turn(run):
        return _("L’annulation attend son tour : une autre est en cours.")
    if undoing.is_locked(run):
        return _("Remise en état des lignes, d’un seul bloc : on ne peut plus y renoncer.")
    return _("Remise en état des lignes…") if run.started_at else _("L’annulation va commencer.")


def _warning(run):
    """What keeps the cluster from going on, as far as it can be known; empty where nothing does."""
    if undoing.is_interrupted(run) and not run.cancel_asked_at:
        return _(
            "Le traitement s’est interrompu. Rien n’est fait à moitié : il reprend de lui-même, ou maintenant"
            " si vous le demandez."
        )
    if undoing.waits_long(run):
        return _(
            "Le traitement en arrière-plan ne tourne pas, ou il est très occupé. Votre demande est gardée :"
            " prévenez l’équipe technique si rien ne bouge."
        )
    return ""
