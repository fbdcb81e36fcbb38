"""The files of documents, by addresses that are good for one person and a moment."""

from django.urls import reverse

from backoffice.base.private_files import PrivateFilePages
from pratik.verification import services

FILE = "admin:verification_verificationdocument_file"
PAGE = "admin:verification_verificationdocument_page"


def page_link(actor, document, number):
    """The address by which this person sees one page of a document, for a minute."""
    return reverse(PAGE, args=[services.sign_document(actor=actor, pk=document.pk), number])


class FilePages(PrivateFilePages):
    """Gives the page of documents the addresses of their files."""

    sign_file = staticmethod(services.sign_document)
    open_file = staticmethod(services.open_document)
    open_file_page = staticmethod(services.open_page)

    def file_title(self, row):
        return str(row.get_document_type_display())
