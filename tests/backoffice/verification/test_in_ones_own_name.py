"""Papers are sent, corrected and decided on in one's own name, and by one person at a time."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from pratik.core.origin import Origin, coming_from
from pratik.verification.models import VerificationDocument
from pratik.verification.services import approve_documents, claim, submit_document
from tests import documents as papers
from tests.backoffice.living.conftest import acting_for

from .conftest import address, fresh, in_days, words

pytestmark = pytest.mark.django_db


def test_no_paper_is_sent_in_somebody_elses_name(client_for, administrator, landlord):
    """Else the same person could send it for them, and then accept it."""
    client = acting_for(client_for(administrator), landlord)
    page = words(client.get(reverse("admin:verification_papers")))
    assert "Les pièces d’un autre s’envoient en votre propre nom" in page
    assert "Envoyer les pièces choisies" not in page
    with coming_from(Origin(impersonator=administrator)), pytest.raises(PermissionDenied):
        submit_document(
            actor=landlord,
            owner=landlord,
            document_type="id_card",
            upload=papers.sent(papers.pdf(), "piece.pdf"),
            name="piece.pdf",
            expires_on=in_days(400),
        )
    assert not VerificationDocument.objects.exists()


def test_the_dates_of_a_paper_that_somebody_looks_at_are_theirs(client_for, verifier, administrator, sent):
    row = sent()
    assert claim(actor=verifier, pk=row.pk)
    for client, left in ((client_for(administrator), False), (client_for(verifier), True)):
        page = client.get(address("change", row.pk))
        assert ('name="expires_on"' in page.content.decode()) is left


def test_the_dates_of_a_paper_stay_between_two_opinions(client_for, verifier, administrator, settings, sent):
    settings.VERIFICATION_SECOND_OPINION = True
    row = sent()
    approve_documents(actor=verifier, pks=[row.pk])
    assert fresh(row).first_approved_by == verifier
    for reader in (verifier, administrator):
        page = client_for(reader).get(address("change", row.pk)).content.decode()
        assert 'name="expires_on"' not in page


def test_nobody_corrects_a_paper_in_a_reviewers_name(client_for, verifier, administrator, sent):
    row = sent()
    client = acting_for(client_for(administrator), verifier)
    assert 'name="expires_on"' not in client.get(address("change", row.pk)).content.decode()
    response = client.post(address("change", row.pk), {"expires_on": "01/01/2035"})
    assert response.status_code == 403
    assert fresh(row).expires_on == row.expires_on
