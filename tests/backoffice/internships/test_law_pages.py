"""What the law rests on, in the console: rules that hold again, kinds, ages and headcounts."""

import datetime

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.accounts.models import StudentProfile
from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.internships import services
from pratik.internships.enums import PlacementState
from pratik.internships.models import Placement, RuleOverride
from pratik.partners.models import CompanyProfile
from tests import factories as make
from tests.backoffice.living.conftest import fresh, words
from tests.kit.world import url

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
REASON = "Accord écrit du recteur du 3 mars."


@pytest.fixture
def school(db):
    make.legal_parameters()
    return make.school(name="Lycée Melkior et Garré")


@pytest.fixture
def company(db):
    return make.company(name="Électricité du Larivot", headcount=12)


@pytest.fixture
def teacher(school):
    return make.member(school).user


@pytest.fixture
def for_school(client_for, teacher):
    return client_for(teacher)


@pytest.fixture
def recruiter(company):
    return make.member(company).user


@pytest.fixture
def for_company(client_for, recruiter):
    return client_for(recruiter)


@pytest.fixture
def long_one(school, company):
    """More than two months without a stipend."""
    start = today() + 30 * DAY
    return make.placement(school=school, company=company, start_on=start, end_on=start + 76 * DAY)


@pytest.fixture
def aside(long_one, teacher):
    """The rule on stipends is set aside for it."""
    return services.override_rule(actor=teacher, placement=long_one, code="stipend", reason=REASON)


def page(row, name="change"):
    return url(type(row), name, row.pk)


def way_back(row, code="stipend", step=""):
    address = reverse("admin:internships_placement_reinstate", args=[row.pk, code])
    return f"{address}?suite={step}" if step else address


class TestTheWayBack:
    """What was set aside holds again, from where it is read that it was."""

    def test_it_stands_beside_who_set_the_rule_aside(self, for_school, for_company, long_one, aside):
        text = for_school.get(page(long_one)).content.decode()
        assert "Écartée par" in text and way_back(long_one) in text
        text = for_company.get(page(long_one)).content.decode()
        assert "Écartée par" in text and way_back(long_one) not in text

    def test_asking_changes_nothing_and_posting_does(self, for_school, long_one, aside):
        response = for_school.get(way_back(long_one))
        assert response.status_code == 200
        assert REASON in words(response) and "Gratification" in words(response)
        assert RuleOverride.objects.standing().exists()
        response = for_school.post(way_back(long_one), follow=True)
        assert "compte de nouveau" in words(response)
        assert not RuleOverride.objects.standing().exists()
        assert RuleOverride.objects.get().reason == REASON
        told = {str(one.finding.code): one for one in response.context["law"]}
        assert told["stipend"].blocks

    def test_from_a_step_it_leads_back_to_the_step(self, for_school, long_one, aside):
        to_sign = make.placement(
            school=long_one.school,
            company=long_one.company,
            state=PlacementState.HOST_AGREED,
            start_on=long_one.start_on,
            end_on=long_one.end_on,
        )
        services.override_rule(
            actor=make.user(), placement=to_sign, code="stipend", reason="Organisme d’un autre État."
        )
        step = page(to_sign, "agree_as_school")
        content = for_school.get(step).content.decode().replace("&amp;", "&")
        assert way_back(to_sign, step="agree_as_school") in content
        response = for_school.post(way_back(to_sign, step="agree_as_school"))
        assert response["Location"] == step
        assert "Le droit s’y oppose" in words(for_school.get(step))

    def test_only_those_who_set_rules_aside_have_them_hold_again(
        self, client_for, for_company, long_one, aside
    ):
        assert for_company.post(way_back(long_one)).status_code == 403
        stranger = client_for(make.member(make.school()).user)
        assert stranger.post(way_back(long_one)).status_code == 404
        assert RuleOverride.objects.standing().exists()

    def test_a_signed_agreement_keeps_what_was_set_aside_for_it(self, for_school, school, teacher, long_one):
        signed = make.placement(school=school, state=PlacementState.SIGNED)
        make.saved(
            RuleOverride(placement=signed, rule="stipend", finding="Due", reason=REASON, made_by=teacher)
        )
        response = for_school.get(way_back(signed))
        assert "reste au dossier" in words(response)
        response = for_school.post(way_back(signed))
        assert response.status_code == 422
        assert RuleOverride.objects.standing().exists()

    @pytest.mark.parametrize("code", ["stipend", "nulle-part"])
    def test_what_is_not_set_aside_leads_back_with_a_word(self, for_school, long_one, code):
        response = for_school.post(way_back(long_one, code), follow=True)
        assert "n’est pas écartée" in words(response)


class TestMentions:
    def test_they_are_told_as_a_rule_that_is_never_set_aside(self, for_school, school, company):
        row = make.placement(
            school=school, company=company, state=PlacementState.HOST_AGREED, activities="", skills=[]
        )
        text = words(for_school.get(page(row, "agree_as_school")))
        assert "activités confiées (D124-4, 4°)" in text and "compétences" in text
        assert "ne s’établit pas sans ces mentions" in text and "Cette règle ne s’écarte pas." in text
        address = reverse("admin:internships_placement_override", args=[row.pk, "mentions"])
        assert address not in for_school.get(page(row)).content.decode()
        response = for_school.post(address, {"reason": REASON})
        assert response.status_code == 422 and "ne peut pas être écartée" in words(response)
        assert not RuleOverride.objects.exists()


class TestTheKind:
    def test_a_host_reads_it_and_cannot_type_it(self, for_company, for_school, school, company):
        row = make.placement(school=school, company=company)
        assert 'name="kind"' not in for_company.get(page(row)).content.decode()
        assert 'name="kind"' in for_school.get(page(row)).content.decode()
        boxes = {
            f"schedule_{day}_{number}_{end}": moment
            for day in range(5)
            for number, span in enumerate((("08:00", "12:00"), ("13:00", "16:00")))
            for end, moment in zip(("from", "to"), span, strict=True)
        }
        response = for_company.post(
            page(row),
            {
                "post": "Aide-monteur",
                "kind": "observation",
                "start_on": f"{row.start_on:%d/%m/%Y}",
                "end_on": f"{row.end_on:%d/%m/%Y}",
                "tutor": row.tutor_id,
                "skills": "Câbler",
                "remote_share": "0",
                "breaks-TOTAL_FORMS": "0",
                "breaks-INITIAL_FORMS": "0",
                **boxes,
            },
        )
        assert response.status_code == 302
        assert fresh(row).post == "Aide-monteur"
        assert fresh(row).kind == "internship"

    def test_a_week_of_sixty_three_hours_is_told_whole(self, for_school, school, company):
        days = {str(day): [["07:00", "12:30"], ["13:00", "18:00"]] for day in range(6)}
        row = make.placement(school=school, company=company, schedule=days)
        text = words(for_school.get(page(row)))
        assert "63 h par semaine" in text and "le samedi" in text


class TestTheBirthDate:
    address = "admin:accounts_studentprofile_change"

    @pytest.fixture
    def student(self):
        return make.student(born_on=datetime.date(2012, 5, 6))

    def typed(self, student, **changes):
        return {"level_text": "", "domain": "Bois", "status": "studying", "born_on": "06/05/2000"} | changes

    def test_while_an_internship_rests_on_it_the_student_reads_it_and_whom_to_ask(self, client_for, student):
        client, address = client_for(student.user), reverse(self.address, args=[student.pk])
        assert 'name="born_on"' in client.get(address).content.decode()
        make.placement(student=student)
        response = client.get(address)
        assert 'name="born_on"' not in response.content.decode()
        assert "06/05/2012" in words(response) and "demandez à l’équipe PRATIK" in words(response)
        assert client.post(address, self.typed(student)).status_code == 302
        kept = StudentProfile.objects.get(pk=student.pk)
        assert (kept.domain, kept.born_on) == ("Bois", datetime.date(2012, 5, 6))

    def test_the_team_corrects_it(self, client_for, student):
        make.placement(student=student)
        client, address = client_for(make.user(Role.VERIFIER)), reverse(self.address, args=[student.pk])
        assert 'name="born_on"' in client.get(address).content.decode()
        assert client.post(address, self.typed(student, user=student.user_id)).status_code == 302
        assert StudentProfile.objects.get(pk=student.pk).born_on == datetime.date(2000, 5, 6)


def test_the_weeks_of_hosts_say_whose_word_their_headcount_is(client_for, company, recruiter):
    address = reverse("admin:internships_placement_capacity")
    client = client_for(make.user())
    assert "Effectif : 12, saisi par l’équipe le" in words(client.get(address))
    row = CompanyProfile.objects.get(pk=company.pk)
    row.headcount = 80
    save_row(actor=recruiter, row=row)
    make.company(name="Atelier Mô", size_band="20-49")
    make.company(name="Bois et Compagnie")
    text = words(client.get(address))
    assert f"Effectif : 80, déclaré par l’organisme le {today():%d/%m/%Y}" in text
    assert "Effectif : au moins 20, d’après sa tranche" in text and "Effectif inconnu" in text


def test_no_placement_is_lost_to_a_rule_that_was_set_aside_once(for_school, school, company, teacher):
    """What may not be set aside any more holds, though somebody once did."""
    row = make.placement(school=school, company=company, state=PlacementState.HOST_AGREED, activities="")
    make.saved(RuleOverride(placement=row, rule="mentions", finding="…", reason=REASON, made_by=teacher))
    told = {str(one.finding.code): one for one in for_school.get(page(row)).context["law"]}
    assert told["mentions"].blocks
    for_school.post(page(row, "agree_as_school"), {"confirmed": "yes"})
    assert Placement.objects.get(pk=row.pk).state == PlacementState.HOST_AGREED
