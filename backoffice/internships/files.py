"""The CV of an application, by addresses that are good for one person and a moment."""

from django.utils.translation import gettext as _

from backoffice.base.private_files import PrivateFilePages
from pratik.internships import services


class CvPages(PrivateFilePages):
    """Gives the page of applications the addresses of their CVs."""

    file_word = "cv"
    file_views = ("cv", "cv_open", "cv_page")
    sign_file = staticmethod(services.sign_cv)
    open_file = staticmethod(services.open_cv)
    open_file_page = staticmethod(services.open_cv_page)

    def file_of(self, row):
        return row.cv

    def file_type_of(self, row):
        return row.cv_type

    def own_file_name(self, row):
        """Whose it is, whatever the person called it."""
        return _("CV %(who)s") % {"who": row.student.user.get_full_name() or _("candidat")}
