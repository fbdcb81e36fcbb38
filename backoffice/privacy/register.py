"""The page « Conservation des données »: the ledger with what the tables hold, and as a file."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from tablib import Dataset

from backoffice.base.downloads import TABLES, download_table
from pratik.core.calendar import CAYENNE
from pratik.privacy import reports
from pratik.privacy.models import RetentionRun

SHOWN = 100


def sheet(figures):
    """The register of processing (GDPR, article 30) as rows: one for each line and rule of the ledger."""
    dataset = Dataset(title=_("Registre des données"))
    dataset.headers = [
        _("Données"),
        _("Règle"),
        _("Table"),
        _("Colonnes"),
        _("Finalité"),
        _("Base légale"),
        _("Article du RGPD"),
        _("Conservation"),
        _("Au terme"),
        _("Source"),
        _("Lignes"),
        _("Échues"),
        _("La plus ancienne"),
    ]
    for figure in figures:
        line, rule, oldest = figure.line, figure.rule, figure.oldest
        dataset.append(
            [
                _name(line),
                str(rule.title) if rule else "",
                line.model,
                " | ".join(line.fields),
                str(line.purpose),
                str(line.basis.label),
                f"6(1)({line.basis})",
                str(line.kept),
                str(rule.fate.label) if rule else "",
                str(line.source),
                figure.number,
                figure.overdue if rule else None,
                timezone.localdate(oldest, CAYENNE) if oldest else None,
            ]
        )
    return dataset


def _name(line):
    return str(capfirst(line.name or reports.model_of(line)._meta.verbose_name_plural))


class RegisterPages:
    """Gives the page of the runs its register, the files of it, and the rows that are overdue."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("registre/", view(self.register_page), name="privacy_register"),
            *(
                path(
                    f"registre/registre.{suffix}",
                    view(self.register_file),
                    {"suffix": suffix},
                    name=f"privacy_register_{suffix}",
                )
                for suffix in TABLES
            ),
            path("registre/<slug:code>/", view(self.overdue_page), name="privacy_overdue"),
            *super().get_urls(),
        ]

    def register_page(self, request):
        """What is held about people, why, until when, and how much of it is kept too long."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        last = RetentionRun.objects.visible_to(request.user).first()
        figures = reports.register(timezone.now())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Conservation des données"),
            "opts": self.model._meta,
            "entries": [
                {
                    "figure": figure,
                    "name": _name(figure.line),
                    "last": last.results.get(figure.rule.code) if last and figure.rule else None,
                }
                for figure in figures
            ],
            "lines": len({figure.line.model for figure in figures}),
            "overdue": sum(figure.overdue for figure in figures),
            "last": last,
            "files": [
                (suffix.upper(), reverse(f"admin:privacy_register_{suffix}"))
                for suffix in TABLES
                if self.has_export_permission(request)
            ],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/privacy/register.html", context)

    def register_file(self, request, suffix):
        """The register as a file, as an authority would ask for it."""
        if not self.has_export_permission(request):
            raise PermissionDenied
        return download_table(sheet(reports.register(timezone.now())), "registre-des-donnees", suffix)

    def overdue_page(self, request, code):
        """The rows of one rule that are overdue, the oldest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            line, rule = reports.rule_named(code)
        except KeyError:
            raise Http404 from None
        rows = reports.overdue(line, rule, timezone.now()).order_by("held_since", "pk")
        number = rows.count()
        context = {
            **self.admin_site.each_context(request),
            "title": rule.title,
            "opts": self.model._meta,
            "line": line,
            "rule": rule,
            "number": number,
            "more": max(0, number - SHOWN),
            "rows": [self._told(request, row) for row in rows[:SHOWN]],
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/privacy/overdue.html", context)

    @staticmethod
    def _told(request, row):
        """A row by its name where the person may open its page, else by its number alone."""
        page = admin.site._registry.get(type(row))
        known = page is not None and page.has_view_permission(request) and hasattr(page, "change_url")
        return {
            "name": str(row) if known else _("n° %(number)s") % {"number": row.pk},
            "url": page.change_url(row) if known else "",
            "since": row.held_since,
        }

    @staticmethod
    def results_table(run):
        """What one run did, rule by rule, where it did anything."""
        titles = {rule.code: rule.title for _line, rule in reports.all_rules()}
        rows = [
            {"title": titles.get(code, code), **result}
            for code, result in run.results.items()
            if any(result.values())
        ]
        return render_to_string("backoffice/privacy/results.html", {"rows": rows})
