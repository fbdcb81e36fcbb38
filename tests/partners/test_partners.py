"""Companies: who is a partner, who sees whom, and what is counted."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.partners.enums import Partnership
from pratik.partners.models import CompanyProfile, PartnerProfile
from pratik.partners.reports import partnership_figures, public_partners_by_commune
from pratik.partners.services import mark_partners, unmark_partners
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_visitors_see_partners_that_agreed_to_be_shown():
    shown = make.company(partner=True)
    make.company()
    make.company(partner=True, is_visible_on_partners_page=False)
    make.company(partnership=Partnership.FORMER)
    assert list(CompanyProfile.objects.public()) == [shown]


def test_each_role_sees_and_changes_its_companies(everyone):
    partner, other = make.company(partner=True), make.company()
    role = getattr(everyone, "role", Role.ANONYMOUS)
    own = set()
    if role == Role.COMPANY:
        own = {everyone.companymemberships.get().organisation_id}
    everything = {partner.pk, other.pk}
    visible = {
        # Any of them may host a school's student.
        **dict.fromkeys(
            (Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR, Role.SCHOOL), everything
        ),
        Role.COMPANY: own,
    }.get(role, {partner.pk})
    editable = {Role.ADMINISTRATOR: everything, Role.EDITOR: everything, Role.COMPANY: own}.get(role, set())
    assert {row.pk for row in CompanyProfile.objects.visible_to(everyone)} == visible
    assert {row.pk for row in CompanyProfile.objects.editable_by(everyone)} == editable


def test_partnership_begins_today_in_cayenne_unless_said(editor, monkeypatch):
    one, two = make.company(), make.company()
    late = datetime.datetime(2027, 1, 29, 23, 30, tzinfo=ZoneInfo("America/Cayenne"))
    monkeypatch.setattr(timezone, "now", lambda: late.astimezone(datetime.UTC))
    mark_partners(actor=editor, pks=[one.pk])
    mark_partners(actor=editor, pks=[two.pk], since=datetime.date(2026, 1, 5))
    assert CompanyProfile.objects.get(pk=one.pk).partner_since == datetime.date(2027, 1, 29) == today()
    assert CompanyProfile.objects.get(pk=two.pk).partner_since == datetime.date(2026, 1, 5)


def test_partnership_ends_with_a_reason_and_may_begin_again(editor):
    company = make.company(partner=True)
    with pytest.raises(ValidationError):
        unmark_partners(actor=editor, pks=[company.pk], reason="")
    unmark_partners(actor=editor, pks=[company.pk], reason="Fermée")
    company = CompanyProfile.objects.get()
    assert (company.partnership, company.partner_since) == (Partnership.FORMER, None)
    mark_partners(actor=editor, pks=[company.pk])
    assert CompanyProfile.objects.get().is_partner


@pytest.mark.parametrize("role", [Role.VERIFIER, Role.AUDITOR, Role.COMPANY], ids=str)
def test_only_keepers_decide_who_is_a_partner(role):
    company = make.company()
    actor = make.company_user(company) if role == Role.COMPANY else make.user(role)
    with pytest.raises(PermissionDenied):
        mark_partners(actor=actor, pks=[company.pk])
    assert not CompanyProfile.objects.get().is_partner


def test_partnership_is_not_changed_by_hand(editor):
    company = make.company()
    company.partnership = Partnership.PARTNER
    with pytest.raises(ValidationError, match="actions"):
        save_row(actor=editor, row=company)


def test_companies_are_found_by_name_number_commune_and_sector():
    kourou = make.commune("Kourou", insee_code="97304")
    section = make.section(code="F")
    company = make.company(
        name="Menuiserie Tonnégrande", commune=kourou, activity=make.activity(section=section)
    )
    make.company()
    matching = CompanyProfile.objects.matching
    for found in (
        matching(words="tonnegrande"),
        matching(words=company.siret),
        matching(commune="97304"),
        matching(sector="F"),
        matching(words="menuiserie", commune="97304", sector="F"),
    ):
        assert list(found) == [company]
    assert not matching(words="menuiserie", commune="97302").exists()


def test_company_without_a_rating_does_not_count_in_the_mean():
    make.company(average_rating=4, total_interns_hosted=3)
    make.company(total_interns_hosted=2)
    figures = CompanyProfile.objects.figures()
    assert (figures["companies"], figures["interns"], figures["rated"], figures["rating"]) == (2, 5, 1, 4)


def test_figures_are_those_of_the_rows_that_the_person_sees(company_user, editor):
    make.company(partner=True)
    assert partnership_figures(company_user) == {"companies": 1, "partners": 0}
    assert partnership_figures(editor) == {"companies": 2, "partners": 1}


def test_partners_are_counted_where_they_are_shown():
    kourou, cayenne = make.commune("Kourou", insee_code="97304"), make.commune("Cayenne", insee_code="97302")
    for commune in (kourou, kourou, cayenne):
        make.company(partner=True, commune=commune)
    make.company(partner=True, commune=cayenne, is_visible_on_partners_page=False)
    make.company(partner=True)
    assert public_partners_by_commune() == [
        {"code": "97304", "label": "Kourou", "number": 2},
        {"code": "97302", "label": "Cayenne", "number": 1},
    ]


def test_two_companies_of_one_name_have_two_addresses():
    one, two = make.company(name="Chez Annie"), make.company(name="Chez Annie")
    assert one.slug == "chez-annie"
    assert two.slug == f"chez-annie-{two.siret}"


def test_partnership_of_an_institution_ends_after_it_began(editor):
    institution = make.institution()
    institution.agreement_start_on = institution.agreement_end_on = datetime.date(2027, 1, 1)
    with pytest.raises(ValidationError, match="avant d’avoir commencé"):
        save_row(actor=editor, row=institution)
    assert PartnerProfile.objects.get().agreement_start_on is None


def test_member_keeps_the_company_and_not_its_members(company_user):
    membership = company_user.companymemberships.get()
    company = membership.organisation
    company.description = "Menuiserie"
    save_row(actor=company_user, row=company)
    membership.role = "manager"
    with pytest.raises(PermissionDenied):
        save_row(actor=company_user, row=membership)
