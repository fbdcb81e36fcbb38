"""Files that leave the console: readable in a spreadsheet, harmless in it, and readable again here."""

import csv
import datetime
import io
import re
from contextlib import suppress
from decimal import Decimal

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import ngettext
from import_export.admin import ExportActionMixin
from import_export.fields import Field
from import_export.formats import base_formats
from import_export.resources import ModelResource
from import_export.widgets import Widget
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from unfold.contrib.import_export.forms import SelectableFieldsExportForm

from pratik.core.calendar import today
from pratik.core.text import quote_formula
from pratik.security.enums import AccessKind
from pratik.security.services import record

from .display import BLANK, field_text

# What the address of a list may ask that it is not asked, or that no database can answer.
UNANSWERABLE = (DisallowedModelAdminLookup, OverflowError, ValueError)

# A cell of a spreadsheet holds no more.
XLSX_CELL_LIMIT = 32_767
# What XML cannot say, at all or in a file that every spreadsheet opens.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class ExportForm(SelectableFieldsExportForm):
    """Chooses the columns by the names that they have in the file."""

    def _get_field_label(self, resource, field_name):
        return str(resource.fields[field_name].column_name)

    def __init__(self, formats, resources, **kwargs):
        super().__init__(formats, resources, **kwargs)
        self.fields["format"].initial = "0"


class FrenchCSV(base_formats.CSV):
    """Semicolons, a mark of UTF-8, French dates: what a French spreadsheet opens by a double click."""

    def get_title(self):
        return "CSV"

    def can_import(self):
        return False

    def is_binary(self):
        return True

    def get_content_type(self):
        return "text/csv; charset=utf-8"

    def export_data(self, dataset, **kwargs):
        return csv_file(dataset)


class FrenchXLSX(base_formats.XLSX):
    """A workbook with real dates and numbers, and with codes kept as text."""

    def get_title(self):
        return "Excel (XLSX)"

    def can_import(self):
        return False

    def export_data(self, dataset, **kwargs):
        return workbook(dataset.headers, dataset, title=dataset.title or "PRATIK")


FORMATS = [FrenchXLSX, FrenchCSV]


class ExportPages(ExportActionMixin):
    """Pages whose rows leave as a file: all that the filters keep, or those that were chosen."""

    export_form_class = ExportForm
    formats = export_formats = FORMATS

    def get_export_queryset(self, request):
        """A file of what the address asks for; nonsense gives none."""
        try:
            return super().get_export_queryset(request)
        except (IncorrectLookupParameters, *UNANSWERABLE) as error:
            raise BadRequest from error

    def get_export_filename(self, request, queryset, file_format):
        """What the file holds, and of which day: calendriers-de-stages-2026-11-21.xlsx."""
        name = slugify(self.model._meta.verbose_name_plural)
        return f"{name}-{today().isoformat()}.{file_format.get_extension()}"

    def _do_file_export(self, file_format, request, queryset, export_form=None):
        """Every file that leaves is in the journal: which list, how many rows, in what form."""
        number = queryset.count()
        words = ngettext("%(number)d ligne, %(format)s", "%(number)d lignes, %(format)s", number)
        record(
            kind=AccessKind.EXPORT,
            actor=request.user,
            subject=self.model,
            detail=words % {"number": number, "format": file_format.get_title()},
        )
        return super()._do_file_export(file_format, request, queryset, export_form=export_form)

    def get_valid_export_item_pks(self, request):
        """What may be chosen: those of the chosen rows that the person sees; the library reads them all."""
        key, chosen = self.model._meta.pk, []
        for text in request.POST.getlist("export_items"):
            with suppress(ValidationError):
                chosen.append(key.to_python(text))
        return self.get_queryset(request).filter(pk__in=chosen).values_list("pk", flat=True)

    def export_admin_action(self, request, queryset):
        """All the rows of a list leave by its own page, which reads them again by the same filters: a form
        with the key of each holds a few thousand at most.
        """
        if request.POST.get("select_across") == "1":
            opts = self.model._meta
            address = reverse(f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_export")
            return HttpResponseRedirect(f"{address}?{request.GET.urlencode()}")
        return super().export_admin_action(request, queryset)


def csv_file(dataset):
    """The bytes of a CSV file of these rows."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(dataset.headers)
    writer.writerows([csv_cell(value) for value in row] for row in dataset)
    return ("\ufeff" + out.getvalue()).encode()


def csv_cell(value):
    """A value as the text of a CSV cell."""
    if value is None:
        return ""
    if isinstance(value, datetime.date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, float | Decimal):
        return str(value).replace(".", ",")
    return quote_formula(value) if isinstance(value, str) else value


def workbook(headers, rows, *, title, widths=None):
    """The bytes of a workbook with one sheet: a bold header that stays in view, text kept as text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title=title[:31])
    sheet.freeze_panes = "A2"
    for number, header in enumerate(headers, start=1):
        width = (widths or {}).get(header) or min(40, max(12, len(str(header)) + 4))
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_header_cell(sheet, header) for header in headers])
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _writable(text):
    """A text without what a workbook cannot hold; Word's line break becomes an ordinary one."""
    return UNWRITABLE.sub(lambda found: "\n" if found[0] in "\v\f" else "", text)


def _header_cell(sheet, header):
    cell = WriteOnlyCell(sheet, value=_writable(str(header)))
    cell.data_type = "s"
    cell.font = Font(bold=True)
    cell.fill = PatternFill("solid", fgColor="DDEBE3")
    return cell


def _cell(sheet, value):
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=quote_formula(_writable(value))[:XLSX_CELL_LIMIT])
        cell.data_type = "s"
        cell.number_format = "@"
        return cell
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=None)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, datetime.date):
        cell.number_format = "DD/MM/YYYY"
    elif isinstance(value, Decimal):
        # As many decimals as are kept: a sum has its cents, 1,50.
        cell.number_format = f"0.{'0' * decimals}" if (decimals := -value.as_tuple().exponent) > 0 else "0"
    return cell


class _AsShown(Widget):
    """A model field as the console shows it."""

    def __init__(self, field):
        super().__init__()
        self.field = field

    def render(self, value, obj=None, **kwargs):
        if self.field.is_relation:
            return "" if value is None else str(value)
        plain = isinstance(value, datetime.date | int | float | Decimal) and not isinstance(value, bool)
        if plain and not self.field.choices:
            return value
        shown = field_text(self.field, value)
        return "" if shown == BLANK else shown


class ListResource(ModelResource):
    """A list that leaves the console and does not come back: every column as it is shown."""

    related: tuple[str, ...] = ()

    def __init__(self, *, actor=None, **kwargs):
        super().__init__(**kwargs)

    def filter_export(self, queryset, **kwargs):
        return queryset.select_related(*self.related)


def list_resource(model, *names, **worked_out):
    """A resource of these fields of a model, with their French names as headers.

    `worked_out` names further attributes of a row, each with its header; they need what `related_to`, among
    them, says is to be read along.
    """
    related = list(worked_out.pop("related_to", ()))
    columns = {name: Field(attribute=name, column_name=str(header)) for name, header in worked_out.items()}
    for name in names:
        field = model._meta.get_field(name)
        columns[name] = Field(attribute=name, column_name=str(field.verbose_name), widget=_AsShown(field))
        if field.is_relation:
            related.append(name)
    meta = type(
        "Meta",
        (),
        {"model": model, "fields": (*names, *worked_out), "name": model._meta.verbose_name_plural},
    )
    return type(
        f"{model.__name__}List", (ListResource,), {**columns, "Meta": meta, "related": tuple(related)}
    )
