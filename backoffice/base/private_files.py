"""Private files of rows: by a link that is good for one person and a moment, else a sentence why not."""

from pathlib import PurePath

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from pratik.core.storages import StorageUnavailable

from .downloads import NEVER_KEPT, hand_out, show_picture, unavailable

# Why a file is not opened → what an answer says in a number; whatever else is wrong asked for too much.
STATUSES = {"link_refused": 403, "link_expired": 410, "file_gone": 410, "no_such_page": 404}


class PrivateFilePages:
    """Gives the page of a model the three addresses of its rows' files.

    The lasting address makes a link for the person who asks; the link opens the file, or one page of it as a
    picture. What opens is written in the journal by the service, once for each answer.

    A page names the services: `sign_file(actor, pk)` → token, `open_file(actor, token)` → row,
    `open_file_page(actor, token, number)` → picture; and says of a row which file that is (`file_of`), of
    which type (`file_type_of`) and how it is called (`own_file_name`).
    """

    # The part of the addresses that says what the file is, and the names of the three addresses.
    file_word = "fichier"
    file_views = ("file", "open", "page")
    sign_file = open_file = open_file_page = None

    def get_urls(self):
        view = self.admin_site.admin_view
        names = [
            f"{self.model._meta.app_label}_{self.model._meta.model_name}_{one}" for one in self.file_views
        ]
        word = self.file_word
        return [
            path(f"<int:pk>/{word}/", view(self.file_view), name=names[0]),
            path(f"{word}/<str:token>/", view(self.file_open_view), name=names[1]),
            path(f"{word}/<str:token>/page/<int:number>/", view(self.file_page_view), name=names[2]),
            *super().get_urls(),
        ]

    def file_address(self, row):
        """The lasting address of a row's file."""
        return reverse(self._file_url_name(0), args=[row.pk])

    def page_link(self, actor, row, number):
        """The address by which this person sees one page of a file, for a minute."""
        return reverse(self._file_url_name(2), args=[self.sign_file(actor=actor, pk=row.pk), number])

    def _file_url_name(self, which):
        opts = self.model._meta
        return f"admin:{opts.app_label}_{opts.model_name}_{self.file_views[which]}"

    def file_of(self, row):
        return row.file

    def file_type_of(self, row):
        return row.content_type

    def own_file_name(self, row):
        """What a file is called without its ending: as the person called it, or after its row."""
        return PurePath(row.file_name).stem or self.file_title(row)

    def file_title(self, row):
        """What a file without a name of its own is called."""
        return str(row)

    def file_called(self, row):
        """The name that a browser gives the file, with the ending of what is kept."""
        return self.own_file_name(row) + PurePath(self.file_of(row).name).suffix

    def file_view(self, request, pk):
        """A fresh link to the file, for whoever may open it."""
        return self._file_answer(
            request,
            lambda: HttpResponseRedirect(
                reverse(self._file_url_name(1), args=[self.sign_file(actor=request.user, pk=pk)]),
                headers={"Cache-Control": NEVER_KEPT},
            ),
        )

    def file_open_view(self, request, token):
        """The file itself, to be kept."""

        def opened():
            row = self.open_file(actor=request.user, token=token)
            file = self.file_of(row)
            return hand_out(
                request,
                file.storage,
                file.name,
                shown_as=self.file_called(row),
                content_type=self.file_type_of(row),
            )

        return self._file_answer(request, opened)

    def file_page_view(self, request, token, number):
        """One page of the file as a picture."""
        return self._file_answer(
            request,
            lambda: show_picture(self.open_file_page(actor=request.user, token=token, number=number)),
        )

    def _file_answer(self, request, opened):
        """What opens, or the page that says why it does not."""
        if request.method != "GET":
            return HttpResponseNotAllowed(["GET"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return opened()
        except (ObjectDoesNotExist, FileNotFoundError):
            raise Http404 from None
        except StorageUnavailable as error:
            return unavailable(request, error)
        except ValidationError as error:
            return self.file_refused(request, error)

    def file_refused(self, request, error):
        """Why a file is not opened, and where to go from there."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("Ce fichier ne s’ouvre pas"),
            "opts": self.model._meta,
            "reasons": error.messages,
            "back": self.list_url(),
        }
        request.current_app = self.admin_site.name
        response = TemplateResponse(
            request,
            "backoffice/file_refused.html",
            context,
            status=STATUSES.get(getattr(error, "code", None), 422),
        )
        response["Cache-Control"] = NEVER_KEPT
        return response
