"""Nobody reads more of a student than their part in the internship needs (GDPR, article 5(1)(c))."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.services import save_row
from pratik.internships import services
from pratik.internships.enums import ApplicationState, OfferState, PlacementState
from pratik.internships.models import Application, InternshipOffer, Placement, PlacementPaper
from pratik.recommendations.enums import RecommendationState
from pratik.recommendations.models import InternRecommendation
from tests import factories as make
from tests.kit.world import url

pytestmark = pytest.mark.django_db

HOME = "12 rue des Balourous, 97310 Kourou"


@pytest.fixture
def company(db):
    return make.company()


@pytest.fixture
def member(company):
    return make.member(company).user


def read(client, row):
    answer = client.get(url(type(row), "change", row.pk))
    assert answer.status_code == 200
    return answer.content.decode()


# What was written to a company


def test_what_is_taken_back_is_read_no_more(client_for, company, member):
    row = make.application(offer=make.offer(company=company), letter="Depuis l’enfance, je soude.")
    row.cv.save("cv.pdf", ContentFile(b"%PDF-"), save=False)
    Application._base_manager.filter(pk=row.pk).update(cv=row.cv.name, cv_name="cv.pdf")
    client = client_for(member)
    assert "je soude" in read(client, row)
    assert services.sign_cv(actor=member, pk=row.pk)
    services.withdraw_applications(actor=row.student.user, pks=[row.pk])
    page = read(client, row)
    assert "je soude" not in page and "cv.pdf" not in page
    assert "a retiré sa candidature" in page
    with pytest.raises(PermissionDenied):
        services.sign_cv(actor=member, pk=row.pk)
    assert "je soude" not in client.get(url(Application, "history", row.pk)).content.decode()
    assert "je soude" in read(client_for(row.student.user), row), "the student keeps what they wrote"


@pytest.mark.parametrize("state", [ApplicationState.REFUSED, ApplicationState.EXPIRED])
def test_what_may_be_taken_up_again_is_read_again(client_for, company, member, state):
    row = make.application(offer=make.offer(company=company), letter="Je soude.", state=state)
    assert "Je soude." in read(client_for(member), row)


def test_an_offer_that_was_answered_stays_with_its_company(client_for, editor, company, member):
    """Another company would read what students wrote to this one."""
    other = make.company()
    make.member(other, member)
    offer = make.offer(company=company, state=OfferState.DRAFT)
    client = client_for(member)
    assert 'name="company"' in read(client, offer)
    make.application(offer=offer)
    assert 'name="company"' not in read(client, offer)
    for actor in (member, editor):
        typed = InternshipOffer.objects.get(pk=offer.pk)
        typed.company = other
        with pytest.raises(ValidationError) as refused:
            save_row(actor=actor, row=typed)
        assert "company" in refused.value.message_dict
    typed = InternshipOffer.objects.get(pk=offer.pk)
    typed.places = 4
    save_row(actor=member, row=typed)
    assert InternshipOffer.objects.get(pk=offer.pk).company == company


def test_an_offer_that_nobody_answered_may_change_companies(company, member):
    other = make.company()
    make.member(other, member)
    offer = make.offer(company=company, state=OfferState.DRAFT)
    offer.company = other
    save_row(actor=member, row=offer)
    assert InternshipOffer.objects.get(pk=offer.pk).company == other


# Where the intern lives


def test_a_host_reads_the_home_of_its_intern_once_it_has_agreed(client_for, company, member):
    values = {
        "company": company,
        "student_address": HOME,
        "representative_last_name": "Sabayo",
        "representative_phone": "+594694401234",
        "student_policy": "POLICE-77",
    }
    row, client = make.placement(**values), client_for(member)
    for page in (read(client, row), client.get(url(Placement, "history", row.pk)).content.decode()):
        assert not [word for word in ("Balourous", "Sabayo", "POLICE-77", "40 12 34") if word in page]
    Placement._base_manager.filter(pk=row.pk).update(
        state=PlacementState.HOST_AGREED, host_agreed_at=timezone.now(), host_agreed_by=member
    )
    assert "Balourous" in read(client, row)


def test_the_school_and_the_intern_read_it_from_the_start(client_for, company, school_user):
    school = school_user.schoolmemberships.get().organisation
    row = make.placement(company=company, school=school, student_address=HOME)
    assert "Balourous" in read(client_for(school_user), row)
    assert "Balourous" in read(client_for(row.student.user), row)


# Who reads papers to say who is who


def test_a_verifier_opens_no_agreement_and_no_recommendation(client_for, verifier):
    client = client_for(verifier)
    paper = make.placement_paper()
    row = make.recommendation(state=RecommendationState.PROPOSED)
    for model, pk in (
        (Placement, paper.placement_id),
        (PlacementPaper, paper.pk),
        (InternRecommendation, row.pk),
    ):
        for address in (
            url(model, "changelist"),
            url(model, "export"),
            url(model, "change", pk),
            url(model, "history", pk),
        ):
            assert client.get(address).status_code in (403, 404), address
    assert client.get(url(PlacementPaper, "pdf", paper.pk)).status_code in (403, 404)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.EDITOR, Role.AUDITOR], ids=str)
def test_a_recommendation_that_was_not_sent_is_its_company_s_alone(client_for, role):
    row = make.recommendation(state=RecommendationState.DRAFT, comment="Brouillon à relire.")
    reader = make.user(role)
    assert not InternRecommendation.objects.visible_to(reader).exists()
    assert client_for(reader).get(url(InternRecommendation, "change", row.pk)).status_code == 404
    assert InternRecommendation.objects.visible_to(make.member(row.company).user).get() == row
