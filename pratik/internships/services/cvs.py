"""The CVs of applications: who opens them, and how."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from pratik.core.files import FILE_LINK_SECONDS, read_file_link, sign_file_link
from pratik.core.inspection import page_of
from pratik.core.removals import delete_files_later
from pratik.security.services import record_opening

from .. import rules
from ..models import Application

LINK = "internships.cv"


# What an application keeps of a CV that is gone.
NO_CV = {"cv": "", "cv_name": "", "cv_type": "", "cv_size": None, "cv_pages": None, "cv_sha256": ""}


def remove_cvs(names):
    """Has the files of these CVs removed, once the present transaction is certain; the rows have `NO_CV`."""
    delete_files_later(Application._meta.get_field("cv"), names)


def sign_cv(*, actor, pk, seconds=FILE_LINK_SECONDS):
    """A token by which this person, and nobody else, opens the CV of an application for some seconds.

    Raises `Application.DoesNotExist` for one that the person does not see, `PermissionDenied` when they may
    not read it, `ValidationError` when there is no CV.
    """
    return sign_file_link(actor, LINK, _openable(actor, pk).pk, seconds)


def open_cv(*, actor, token, number=None):
    """The application whose CV a token opens, its opening written in the journal; `number` is the page, where
    one page is looked at.

    Everything is asked again: a token outlives neither a role nor the file. Raises as `sign_cv`, and
    `ValidationError` for a token that is over or somebody else's.
    """
    application = _openable(actor, read_file_link(actor, LINK, token))
    # The names of people and of their files are no part of the journal.
    detail = _("CV de la candidature n° %(number)s") % {"number": application.pk}
    if number is not None:
        detail = _("%(name)s, page %(number)s") % {"name": detail, "number": number}
    record_opening(actor=actor, row=application, detail=detail)
    return application


def open_cv_page(*, actor, token, number=1):
    """One page of a CV as a picture (`core.inspection.Picture`); an image is its own only page. Raises as
    `open_cv`, and `ValidationError` for a page that is not there.
    """
    application = open_cv(actor=actor, token=token, number=number)
    return page_of(application.cv, application.cv_type, number=number)


def _openable(actor, pk):
    application = Application.objects.visible_to(actor).with_names().get(pk=pk)
    if why := rules.reading_refusal(application, actor):
        raise PermissionDenied(why)
    if not application.has_cv:
        raise ValidationError(_("Cette candidature n’a pas de CV."), code="file_gone")
    return application
