"""Files that the console hands out: from memory, or from where they are kept."""

from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import content_disposition_header

from pratik.core.storages import StorageUnavailable
from pratik.security.services import record_opening

from .exports import csv_file, workbook

# A file is nobody's page: whatever is in it, it runs nothing and asks for nothing.
FILE_POLICY = "sandbox; default-src 'none'"
NEVER_KEPT = "private, no-store"
RETRY_AFTER = 120
# The forms in which a table is handed out: the end of the file's name, and its type.
TABLES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


def download(content, name, content_type):
    """An answer that a browser keeps as a file of this name and never runs."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def download_table(dataset, name, suffix):
    """A table as a file `name`.`suffix`, for the suffixes of `TABLES`."""
    if suffix == "xlsx":
        content = workbook(dataset.headers, dataset, title=dataset.title)
    else:
        content = csv_file(dataset)
    return download(content, f"{name}.{suffix}", TABLES[suffix])


def private_download(request, *, row, detail, content, name, content_type):
    """The same for what not everybody may read: the journal of accesses keeps that it was opened, and no
    cache keeps the file. `row` is what the file belongs to, `detail` what the journal calls it.
    """
    record_opening(actor=request.user, row=row, detail=detail)
    response = download(content, name, content_type)
    response["Cache-Control"] = NEVER_KEPT
    return response


def hand_out(request, storage, name, *, shown_as, content_type, seconds=60, inline=False):
    """The answer with a private file from where it is kept, `name` being its name in `storage`.

    The service that opened it has asked whether the person may, and written it in the journal. From an S3 the
    browser is sent to an address that is good for `seconds`, a minute at most; from disk the file is
    streamed. Either way it bears the name `shown_as`, runs nothing and stays in no cache; `inline` shows it
    in place, for images. A storage that does not answer gets a page that says so (503); a file that is not
    there, a 404.
    """
    disposition = content_disposition_header(not inline, shown_as)
    try:
        if not storage.exists(name):
            raise Http404
        if storage.signs_addresses:
            response = HttpResponseRedirect(
                storage.address(
                    name, seconds=min(seconds, 60), content_type=content_type, disposition=disposition
                )
            )
            response["Referrer-Policy"] = "no-referrer"
        else:
            response = FileResponse(storage.open(name), content_type=content_type)
            response["Content-Disposition"] = disposition
    except FileNotFoundError:
        raise Http404 from None
    except StorageUnavailable as error:
        return unavailable(request, error)
    return closed_up(response)


def show_picture(picture):
    """The answer with a picture that was made in memory of a private file: a page, or a smaller size."""
    return closed_up(HttpResponse(picture.content.read(), content_type=picture.content_type))


def closed_up(response):
    """What each answer with a private file says to the browser."""
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = FILE_POLICY
    response["Cache-Control"] = NEVER_KEPT
    return response


def unavailable(request, error: ValidationError):
    """The page that says why a file cannot be had for now."""
    response = render(request, "503.html", {"reasons": error.messages}, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    return response
