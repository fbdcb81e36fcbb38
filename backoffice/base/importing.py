"""Importing a file in the console: send or paste, look, confirm, and take back if need be."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from import_export.admin import ImportMixin
from unfold.widgets import UnfoldAdminFileFieldWidget

from pratik.core.enums import RunState
from pratik.core.models import ImportRun, Operation, Upload

from . import progress
from .admin import ScopedAdmin
from .downloads import TABLES, download_table, private_download
from .exports import workbook
from .imports import runs, shown, uploads
from .imports.plan import RowStatus
from .imports.reading import UnreadableFile
from .imports.runs import TooMuch

RECENT = 5
TOLD = ("created", "updated", "unchanged", "refused")
CHANGED = gettext_lazy("Les données ont changé depuis l’aperçu. Voici le nouvel aperçu : rien n’est écrit.")
PASTED_NAME = gettext_lazy("cellules collées")


class UploadForm(forms.Form):
    """A file, or cells pasted from a spreadsheet."""

    file = forms.FileField(
        label=gettext_lazy("Fichier"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(
            {"accept": ".csv,.txt,.tsv,.xlsx,.xlsm", "aria-describedby": "file_help"}
        ),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Ou collez des cellules copiées d’un tableur, avec la ligne d’en-tête"),
        required=False,
        strip=False,
        widget=forms.Textarea,
    )

    def clean(self):
        data = super().clean()
        if "file" in self.errors:
            return data
        if data.get("file") and (data.get("pasted") or "").strip():
            raise forms.ValidationError(_("Envoyez un fichier ou collez des cellules, pas les deux."))
        if not data.get("file") and not (data.get("pasted") or "").strip():
            raise forms.ValidationError(_("Choisissez un fichier ou collez des cellules."))
        return data

    def sent(self):
        """The name of what was sent, and an open file of it."""
        if file := self.cleaned_data.get("file"):
            return file.name, file
        return f"{PASTED_NAME}.csv", ContentFile(self.cleaned_data["pasted"].encode())


class ImportableAdmin(ImportMixin, ScopedAdmin):
    """A page whose rows also come by file; its resource says which columns a file has."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"

    def has_import_permission(self, request):
        return self.may(request, "import")

    def changelist_view(self, request, extra_context=None):
        extra = {"has_import_permission": self.has_import_permission(request), **(extra_context or {})}
        return super().changelist_view(request, extra)

    def get_urls(self):
        opts = self.model._meta
        name = f"{opts.app_label}_{opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("import/template.<str:suffix>", view(self.template_view), name=f"{name}_import_template"),
            path("import/<int:upload_id>/", view(self.preview_view), name=f"{name}_import_preview"),
            path(
                "import/<int:upload_id>/refused.xlsx", view(self.refused_view), name=f"{name}_import_refused"
            ),
            path(
                "import/<int:upload_id>/progress.json",
                view(self.progress_view),
                name=f"{name}_import_progress",
            ),
            path(
                "import/<int:upload_id>/cancel/",
                view(self.cancel_view),
                name=f"{name}_import_cancel",
            ),
            path(
                "import/<int:upload_id>/resume/",
                view(self.resume_view),
                name=f"{name}_import_resume",
            ),
            *super().get_urls(),
        ]

    def _resource(self, request):
        if not self.has_import_permission(request):
            raise PermissionDenied
        return self.resource_classes[0](actor=request.user)

    def _url(self, view, *args):
        opts = self.model._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_{view}", args=args)

    def _page(self, request, template, context, status=200):
        request.current_app = self.admin_site.name
        full = {**self.admin_site.each_context(request), "opts": self.model._meta, **context}
        return TemplateResponse(request, template, full, status=status)

    def import_action(self, request, **kwargs):
        """Takes a file or pasted cells; a readable one goes on to its preview."""
        resource = self._resource(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        error = None
        if request.method == "POST" and form.is_valid():
            name, file = form.sent()
            try:
                upload = uploads.receive(
                    owner=request.user, purpose=self.label, name=name, file=file, resource=resource
                )
            except (UnreadableFile, TooMuch) as problem:
                error = str(problem)
            else:
                return HttpResponseRedirect(self._url("import_preview", upload.pk))
        context = {
            "title": _("Importer des %(rows)s") % {"rows": self.model._meta.verbose_name_plural},
            "form": form,
            "error": error,
            "columns": [(column, resource.presence_of(name)) for name, column in resource.columns.items()],
            "recent": Operation.objects.visible_to(request.user).filter(kind="import", subject=self.label)[
                :RECENT
            ],
            "running": self._running(request),
            "back": self.list_url(),
        }
        return self._page(
            request, "backoffice/import.html", context, status=422 if error or form.errors else 200
        )

    def process_import(self, request, **kwargs):
        """django-import-export's own confirmation is not used: each upload has its own page."""
        raise Http404

    def _upload(self, request, upload_id):
        rows = Upload.objects.visible_to(request.user).filter(pk=upload_id, purpose=self.label)
        upload = rows.select_related("run", "operation").first()
        if upload is None:
            raise Http404
        return upload

    def _running(self, request):
        """The person's long files that are no import yet, each with where it is shown."""
        rows = ImportRun.objects.visible_to(request.user).filter(
            upload__purpose=self.label, upload__operation=None
        )
        return [
            (run, self._url("import_preview", run.upload_id))
            for run in rows.select_related("upload")[:RECENT]
        ]

    def preview_view(self, request, upload_id):
        """What the file would do, row by row; on a POST, does it. How far the cluster is with a long one."""
        resource = self._resource(request)
        upload = self._upload(request, upload_id)
        if hasattr(upload, "run"):
            return self._run_page(request, upload)
        try:
            if request.method == "POST" and not upload.operation_id:
                answer = self._confirmed(request, upload, resource)
                if answer is not None:
                    return answer
            plan = uploads.plan_of(upload, resource)
        except (UnreadableFile, FileNotFoundError) as problem:
            messages.error(request, str(problem) or _("Ce fichier n’est plus là : envoyez-le de nouveau."))
            return HttpResponseRedirect(self._url("import"))
        return self._preview(request, upload, shown.of_plan(plan, warns=not upload.operation_id))

    def _preview(self, request, upload, said):
        context = {
            "title": self._preview_title(upload) % {"name": upload.name},
            "upload": upload,
            "done": upload.operation and dict.fromkeys(TOLD, 0) | upload.operation.counts,
            "all_or_nothing": request.POST.get("mode") == "all",
            "template_url": self._url("import_template", "xlsx"),
            "refused_url": self._url("import_refused", upload.pk),
            "again": self._url("import"),
            "back": self.list_url(),
            **said,
        }
        return self._page(request, "backoffice/import_preview.html", context)

    @staticmethod
    def _preview_title(upload):
        return _("Import terminé : %(name)s") if upload.operation_id else _("Aperçu : %(name)s")

    def _confirmed(self, request, upload, resource):
        all_or_nothing = request.POST.get("mode") == "all"
        try:
            row = uploads.confirm(
                upload, resource, digest=request.POST.get("digest", ""), all_or_nothing=all_or_nothing
            )
        except uploads.PlanChanged:
            messages.warning(request, CHANGED)
            return None
        if row is None:
            messages.warning(request, _("Rien n’a été écrit."))
            return None
        self._say_imported(request, row)
        if row.total("refused"):
            return HttpResponseRedirect(self._url("import_preview", upload.pk))
        return HttpResponseRedirect(self.list_url())

    def _say_imported(self, request, row):
        told = []
        created, updated = row.total("created"), row.total("updated")
        if created:
            told.append(
                ngettext("%(number)d ligne créée", "%(number)d lignes créées", created) % {"number": created}
            )
        if updated:
            told.append(
                ngettext("%(number)d ligne modifiée", "%(number)d lignes modifiées", updated)
                % {"number": updated}
            )
        text = _("Import terminé : %(told)s.") % {"told": ", ".join(told)}
        messages.success(request, self.with_operation(request, text, row))

    def _run_page(self, request, upload):
        """A long file: how far the cluster is, what it would do, or what became of it."""
        run = upload.run
        if request.method == "POST":
            return self._run_confirmed(request, upload)
        if run.state == RunState.READY and runs.read_where_out_of_sight(run, request.user):
            run.refresh_from_db()
        if run.state in (RunState.READY, RunState.DONE, RunState.REFUSED):
            rows = runs.rows_in_sight(run, request.user)
            said = shown.of_run(run, rows, warns=run.state == RunState.READY)
            said["has_changed"] = run.has_changed
            if not said["refused"]:
                # They are kept for two days: nothing is left to look at or to correct.
                said["counts"]["refused"] = 0
            return self._preview(request, upload, said)
        context = {
            "title": self._run_title(run) % {"name": upload.name},
            "upload": upload,
            "run": run,
            "progress": self._progress(run),
            "progress_url": self._url("import_progress", upload.pk),
            "cancel_url": self._url("import_cancel", upload.pk),
            "resume_url": self._url("import_resume", upload.pk),
            "again": self._url("import"),
            "back": self.list_url(),
        }
        return self._page(request, "backoffice/import_progress.html", context)

    @staticmethod
    def _run_title(run):
        if run.state == RunState.CANCELLED:
            return _("Import annulé : %(name)s")
        if run.state == RunState.FAILED:
            return _("Import interrompu : %(name)s")
        return _("Import : %(name)s") if run.state == RunState.WRITING else _("Lecture : %(name)s")

    def _run_confirmed(self, request, upload):
        here = HttpResponseRedirect(self._url("import_preview", upload.pk))
        all_or_nothing = request.POST.get("mode") == "all"
        digest = request.POST.get("digest", "")
        try:
            if not runs.confirm(upload.run, digest=digest, all_or_nothing=all_or_nothing):
                messages.warning(request, _("Rien n’a été écrit."))
        except uploads.PlanChanged:
            messages.warning(request, CHANGED)
        except TooMuch as why:
            messages.warning(request, str(why))
        return here

    def progress_view(self, request, upload_id):
        """How far the cluster is with a long file, for the page that shows it."""
        self._resource(request)
        upload = self._upload(request, upload_id)
        if not hasattr(upload, "run"):
            raise Http404
        response = JsonResponse(self._progress(upload.run))
        response["Cache-Control"] = "private, no-store"
        return response

    def cancel_view(self, request, upload_id):
        """Gives a long file up: nothing of it is written."""
        return self._steer(
            request,
            upload_id,
            runs.cancel,
            _("L’import ne peut plus être annulé ici. Une fois terminé, il peut l’être en entier."),
        )

    def resume_view(self, request, upload_id):
        """Has the cluster go on with a long file that was given up or left."""
        return self._steer(request, upload_id, runs.resume, _("Il n’y a rien à reprendre."))

    def _steer(self, request, upload_id, act, refusal):
        self._resource(request)
        upload = self._upload(request, upload_id)
        if not hasattr(upload, "run"):
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            if not act(upload.run):
                messages.warning(request, refusal)
        except TooMuch as why:
            messages.warning(request, str(why))
        return HttpResponseRedirect(self._url("import_preview", upload.pk))

    def refused_view(self, request, upload_id):
        """The refused rows as they came, with a column that says why: correct it and send it again."""
        resource = self._resource(request)
        upload = self._upload(request, upload_id)
        try:
            content = self._refused(request, upload, resource)
        except (UnreadableFile, FileNotFoundError):
            raise Http404 from None
        return private_download(
            request,
            row=upload,
            detail=_("Lignes refusées de %(name)s") % {"name": upload.name},
            content=content,
            name="lignes-refusees.xlsx",
            content_type=TABLES["xlsx"],
        )

    @staticmethod
    def _refused(request, upload, resource):
        if hasattr(upload, "run"):
            rows = runs.rows_in_sight(upload.run, request.user).filter(kind=RowStatus.REFUSED)
            if not rows.exists():
                raise Http404
            return refused_workbook(upload.run.headers, rows.values_list("said", flat=True).iterator())
        plan = uploads.plan_of(upload, resource)
        return refused_workbook(plan.headers, shown.fitting(plan.of(RowStatus.REFUSED)))

    @staticmethod
    def _progress(run):
        """How far a run is, for its page; `over` when that has something else to show."""
        is_mute = runs.is_locked(run)
        seconds = (run.alive_at - run.started_at).total_seconds() if run.worker and run.alive_at else 0
        is_counted = run.worker and not is_mute
        return {
            "state": run.state,
            "over": not run.is_under_way,
            "now": _now(run),
            **(
                progress.figures(
                    done=run.rows_done,
                    total=run.rows_total,
                    seconds=seconds,
                    is_estimated=run.is_estimated,
                )
                if is_counted
                else progress.SILENT
            ),
            "warning": _warning(run),
            "may_resume": runs.is_interrupted(run),
            "may_cancel": not is_mute and run.cancel_asked_at is None,
        }

    def template_view(self, request, suffix):
        """An empty file with the columns of the import and one example row."""
        resource = self._resource(request)
        if suffix not in TABLES:
            raise Http404
        dataset = resource.template()
        dataset.title = str(resource._meta.name)
        return download_table(dataset, f"modele-{resource.kind}", suffix)


def _now(run):
    """What the cluster is at, in a sentence."""
    if run.cancel_asked_at:
        return _("Annulation demandée : le traitement s’arrête à la fin du lot en cours.")
    if runs.waits_for_turn(run):
        return _("Le fichier attend son tour : un autre import est en cours.")
    if runs.is_locked(run):
        return _(
            "Écriture des lignes, d’un seul bloc : elle ne peut plus être annulée ici. Une fois terminée,"
            " elle peut l’être en entier."
        )
    if run.state == RunState.WRITING:
        return _("Écriture des lignes…") if run.worker else _("L’écriture va commencer.")
    if run.has_changed:
        return _("Les données ont changé depuis l’aperçu : rien n’est écrit, le fichier est relu.")
    return _("Lecture et vérification des lignes…") if run.worker else _("Le fichier attend d’être lu.")


def _warning(run):
    """What keeps the cluster from going on, as far as it can be known; empty where nothing does."""
    if runs.is_interrupted(run):
        return _(
            "Le traitement s’est interrompu. Rien n’est perdu ni écrit à moitié : il reprend de lui-même, ou"
            " maintenant si vous le demandez."
        )
    if runs.waits_long(run):
        return _(
            "Le traitement en arrière-plan ne tourne pas, ou il est très occupé. Votre fichier est gardé :"
            " prévenez l’équipe technique si rien ne bouge."
        )
    return ""


def refused_workbook(headers, rows):
    """The bytes of the workbook of refused rows, with their `Erreur` column."""
    cells = map(shown.refused_cells, rows)
    return workbook((*headers, "Erreur"), cells, title="Lignes refusées", widths={"Erreur": 80})
