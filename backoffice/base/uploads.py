"""Views of the console to which people send documents."""

from functools import wraps

from django.shortcuts import render
from django.utils.formats import number_format
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from pratik.core.inspection.streams import BoundedUploads, most_at_once

MEBIBYTE = 1024 * 1024


def takes_documents(view):
    """For a view to which documents are sent: bounds them while they arrive.

    The handler of uploads must stand before anything reads the form, and the check against forged forms
    reads it: so that check is made here, after. A request that announces more than all its files may weigh
    is refused (413) without a byte of it being read.
    """
    protected = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def bounded(request, *args, **kwargs):
        if announced(request) > most_at_once():
            limit = number_format(most_at_once() // MEBIBYTE)
            response = render(request, "413.html", {"limit": limit}, status=413)
            # What is still on its way is not waited for.
            response["Connection"] = "close"
            return response
        request.upload_handlers = [BoundedUploads(request)]
        return protected(request, *args, **kwargs)

    return bounded


def announced(request):
    """How many bytes the request says that it brings."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0
