"""Importing a file in the console: send or paste, look, confirm, and take back if need be."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from import_export.admin import ImportMixin
from unfold.widgets import UnfoldAdminFileFieldWidget

from pratik.core.models import Operation, Upload

from .admin import ScopedAdmin
from .downloads import TABLES, download_table, private_download
from .exports import workbook
from .imports import uploads
from .imports.plan import RowStatus
from .imports.reading import UnreadableFile

SHOWN = 100
# Rows of a file that are looked at for what is to be known of them.
LOOKED_AT = 1_000
TOLD = ("created", "updated", "unchanged", "refused")
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

    def content(self):
        """The name and the bytes of what was sent."""
        if file := self.cleaned_data.get("file"):
            return file.name, file.read()
        return f"{PASTED_NAME}.csv", self.cleaned_data["pasted"].encode()


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
            name, content = form.content()
            try:
                upload = uploads.receive(
                    owner=request.user, purpose=self.label, name=name, content=content, resource=resource
                )
            except UnreadableFile as problem:
                error = str(problem)
            else:
                return HttpResponseRedirect(self._url("import_preview", upload.pk))
        context = {
            "title": _("Importer des %(rows)s") % {"rows": self.model._meta.verbose_name_plural},
            "form": form,
            "error": error,
            "columns": [(column, resource.presence_of(name)) for name, column in resource.columns.items()],
            "recent": Operation.objects.visible_to(request.user).filter(kind="import", subject=self.label)[
                :5
            ],
            "back": self.list_url(),
        }
        return self._page(
            request, "backoffice/import.html", context, status=422 if error or form.errors else 200
        )

    def process_import(self, request, **kwargs):
        """django-import-export's own confirmation is not used: each upload has its own page."""
        raise Http404

    def _upload(self, request, upload_id):
        upload = Upload.objects.visible_to(request.user).filter(pk=upload_id, purpose=self.label).first()
        if upload is None:
            raise Http404
        return upload

    def preview_view(self, request, upload_id):
        """What the file would do, row by row; on a POST, does it."""
        resource = self._resource(request)
        upload = self._upload(request, upload_id)
        try:
            if request.method == "POST" and not upload.operation_id:
                answer = self._confirmed(request, upload, resource)
                if answer is not None:
                    return answer
            plan = uploads.plan_of(upload, resource)
        except (UnreadableFile, FileNotFoundError) as problem:
            messages.error(request, str(problem) or _("Ce fichier n’est plus là : envoyez-le de nouveau."))
            return HttpResponseRedirect(self._url("import"))
        shown = {status.value: plan.of(status) for status in RowStatus}
        warned = [] if upload.operation_id else self._warned(resource, plan)
        context = {
            "title": self._preview_title(upload) % {"name": upload.name},
            "upload": upload,
            "done": upload.operation and dict.fromkeys(TOLD, 0) | upload.operation.counts,
            "all_or_nothing": request.POST.get("mode") == "all",
            "template_url": self._url("import_template", "xlsx"),
            "plan": plan,
            "counts": plan.counts,
            "digest": plan.digest,
            "refused": shown["refused"][:SHOWN],
            "refused_more": max(0, len(shown["refused"]) - SHOWN),
            "warned": warned[:SHOWN],
            "looked_at": LOOKED_AT,
            "not_all_looked_at": plan.counts["created"] + plan.counts["updated"] > LOOKED_AT,
            "warned_number": len(warned),
            "warned_more": max(0, len(warned) - SHOWN),
            "updated": shown["updated"][:SHOWN],
            "updated_more": max(0, len(shown["updated"]) - SHOWN),
            "created": [
                {"number": row.number, "read": plan.read_values(row)} for row in shown["created"][:SHOWN]
            ],
            "created_more": max(0, len(shown["created"]) - SHOWN),
            "total": plan.total,
            "refused_url": self._url("import_refused", upload.pk),
            "again": self._url("import"),
            "back": self.list_url(),
        }
        return self._page(request, "backoffice/import_preview.html", context)

    @staticmethod
    def _warned(resource, plan):
        """The rows that would be written, but of which something is to be known: (row, sentences); of a long
        file, its first ones, since the page would be waited for.
        """
        written = [row for row in plan.rows if row.status in (RowStatus.CREATED, RowStatus.UPDATED)]
        written = written[:LOOKED_AT]
        said = resource.warnings(written)
        return [(row, said[row.number]) for row in written if row.number in said]

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
            messages.warning(
                request,
                _("Les données ont changé depuis l’aperçu. Voici le nouvel aperçu : rien n’est écrit."),
            )
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

    def refused_view(self, request, upload_id):
        """The refused rows as they came, with a column that says why: correct it and send it again."""
        resource = self._resource(request)
        upload = self._upload(request, upload_id)
        try:
            plan = uploads.plan_of(upload, resource)
        except (UnreadableFile, FileNotFoundError):
            raise Http404 from None
        return private_download(
            request,
            row=upload,
            detail=_("Lignes refusées de %(name)s") % {"name": upload.name},
            content=refused_workbook(plan),
            name="lignes-refusees.xlsx",
            content_type=TABLES["xlsx"],
        )

    def template_view(self, request, suffix):
        """An empty file with the columns of the import and one example row."""
        resource = self._resource(request)
        if suffix not in TABLES:
            raise Http404
        dataset = resource.template()
        dataset.title = str(resource._meta.name)
        return download_table(dataset, f"modele-{resource.kind}", suffix)


def refused_workbook(plan):
    """The bytes of the workbook of refused rows, with their `Erreur` column."""
    rows = [
        (
            *row.cells,
            " ".join(
                f"{problem.column} : {problem.message}" if problem.column else problem.message
                for problem in row.problems
            ),
        )
        for row in plan.of(RowStatus.REFUSED)
    ]
    return workbook((*plan.headers, "Erreur"), rows, title="Lignes refusées", widths={"Erreur": 80})
