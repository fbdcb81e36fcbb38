"""Placements in the console: prepared by the school, agreed to by the host, signed, certified."""

import datetime

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.core.writes import set_columns
from pratik.internships.enums import PaperState, PlacementState
from pratik.internships.models import Placement, PlacementPaper, RuleOverride
from pratik.papers.enums import PaperKind
from pratik.partners.models import CompanyProfile
from pratik.schools.enums import EnrolmentState
from tests import documents
from tests import factories as make
from tests.backoffice.living.conftest import buttons, done, fresh, listed, words
from tests.kit.world import url

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def school(db):
    make.legal_parameters()
    make.paper_templates()
    return make.school(name="Lycée Melkior et Garré")


@pytest.fixture
def company(db):
    return make.company(name="Électricité du Larivot", headcount=12)


@pytest.fixture
def for_school(client_for, school):
    return client_for(make.member(school).user)


@pytest.fixture
def for_company(client_for, company):
    return client_for(make.member(company).user)


@pytest.fixture
def placement(school, company):
    return make.placement(school=school, company=company)


def page(row, name="change"):
    return url(type(row), name, row.pk)


def week(**spans):
    """The boxes of a week, Monday first: five days from 8 to 12 and from 13 to 16 unless said otherwise."""
    typed = {}
    for day in range(7):
        usual = [("08:00", "12:00"), ("13:00", "16:00")] if day < 5 else [("", ""), ("", "")]
        for number, (start, end) in enumerate(usual):
            typed[f"schedule_{day}_{number}_from"] = start
            typed[f"schedule_{day}_{number}_to"] = end
    return typed | {f"schedule_{name}": value for name, value in spans.items()}


def typed(enrolment, company, **changes):
    """A new placement as a school types it."""
    start = today() + 30 * DAY
    return {
        "enrolment": enrolment.pk,
        "company": company.pk,
        "kind": "internship",
        "post": "Aide-électricien",
        "class_group": "1re MELEC 2",
        "start_on": f"{start:%d/%m/%Y}",
        "end_on": f"{start + 25 * DAY:%d/%m/%Y}",
        "calendar": "",
        "tutor": "",
        "teacher": "",
        "breaks-TOTAL_FORMS": "0",
        "breaks-INITIAL_FORMS": "0",
        **week(),
        **changes,
    }


def to_state(placement, state, **columns):
    with operation(kind=OperationKind.SETUP, actor=make.user()):
        set_columns(Placement, [placement.pk], state=state, **columns)


class TestInterrupting:
    """Who ended an internship is asked of each as far as they may say."""

    def choices(self, client, row):
        form = client.get(page(row, "interrupt")).context_data["form"]
        return {value for value, _label in form.fields["ended_by"].choices if value}

    def test_a_school_names_whoever_it_was_and_a_host_itself_alone(
        self, for_school, for_company, school, company
    ):
        placement = make.placement(school=school, company=company, state=PlacementState.RUNNING)
        assert self.choices(for_school, placement) == {"intern", "host", "school"}
        assert self.choices(for_company, placement) == {"host"}
        given = {"ended_on": today().isoformat(), "reason": "Fin du stage"}
        forged = done(for_company, placement, "interrupt", ended_by="intern", **given)
        assert forged.status_code != 302
        assert fresh(placement).state == PlacementState.RUNNING
        assert done(for_company, placement, "interrupt", ended_by="host", **given).status_code == 302
        assert fresh(placement).ended_by == "host"


class TestTyping:
    def test_a_school_types_a_placement_of_a_student_of_its_own(self, for_school, school, company):
        enrolment = make.enrolment(school=school)
        response = for_school.post(reverse("admin:internships_placement_add"), typed(enrolment, company))
        row = Placement.objects.get()
        assert response.status_code == 302
        assert (row.student, row.school, row.company) == (enrolment.student, school, company)
        assert row.week.hours_per_week == 35
        assert row.hours > 100 and row.state == PlacementState.DRAFTED

    def test_what_is_wrong_in_a_week_is_said_with_its_day_and_nothing_is_lost(
        self, for_school, school, company
    ):
        enrolment = make.enrolment(school=school)
        content = typed(enrolment, company) | {
            "schedule_1_0_to": "07:00",
            "schedule_2_1_from": "midi",
        }
        response = for_school.post(reverse("admin:internships_placement_add"), content)
        text = words(response)
        assert "Mardi : le départ (07:00) doit suivre l’arrivée (08:00)." in text
        assert "Mercredi : « midi » n’est pas une heure, comme 08:30." in text
        assert 'value="midi"' in response.content.decode()
        assert not Placement.objects.exists()

    def test_the_student_of_another_school_cannot_be_chosen(self, for_school, company):
        foreign = make.enrolment()
        response = for_school.post(reverse("admin:internships_placement_add"), typed(foreign, company))
        assert response.status_code == 200
        assert not Placement.objects.exists()
        assert str(foreign.student) not in words(response)

    def test_a_break_takes_its_days_off(self, for_school, placement):
        before = placement.hours
        first = placement.start_on + (7 - placement.start_on.weekday()) * DAY
        content = self.as_shown(for_school, placement) | {
            "breaks-TOTAL_FORMS": "1",
            "breaks-0-from_on": f"{first:%d/%m/%Y}",
            "breaks-0-until_on": f"{first + DAY:%d/%m/%Y}",
            "breaks-0-reason": "Pont",
        }
        response = for_school.post(page(placement), content)
        assert response.status_code == 302, words(response)
        assert before - fresh(placement).hours == 14

    def as_shown(self, client, row):
        """What the page of a placement would send if nothing were changed."""
        form = client.get(page(row)).context["adminform"].form
        kept = {
            name: form[name].value()
            for name in form.fields
            if name != "schedule" and form[name].value() is not None
        }
        kept = {
            name: f"{value:%d/%m/%Y}" if isinstance(value, datetime.date) else value
            for name, value in kept.items()
        }
        kept["skills"] = "\n".join(row.skills)
        return {**kept, "breaks-TOTAL_FORMS": "0", "breaks-INITIAL_FORMS": "0", **week()}

    def test_a_host_words_its_part_and_not_the_school_s(self, for_company, placement):
        form = for_company.get(page(placement)).context["adminform"].form
        assert {"post", "tutor", "activities", "start_on", "schedule"} <= set(form.fields)
        assert not {"enrolment", "company", "teacher", "representative_email"} & set(form.fields)

    def test_what_was_agreed_to_is_read_only(self, for_school, placement):
        to_state(placement, PlacementState.HOST_AGREED)
        response = for_school.get(page(placement))
        assert 'name="schedule_0_0_from"' not in response.content.decode()
        assert "lundi : 08:00 – 12:00, 13:00 – 16:00" in words(response)
        assert "35 h par semaine" in words(response)

    def test_once_the_host_has_agreed_the_school_completes_its_part_and_no_more(
        self, for_school, for_company, placement
    ):
        to_state(placement, PlacementState.HOST_AGREED)
        form = for_school.get(page(placement)).context["adminform"].form
        assert {"teacher", "program_hours", "school_representative", "student_address"} <= set(form.fields)
        assert not {"post", "start_on", "schedule", "tutor", "activities", "company"} & set(form.fields)
        assert not for_company.get(page(placement)).context["adminform"].form.fields

    def test_a_student_reads_their_own(self, client_for, placement):
        response = client_for(placement.student.user).get(page(placement))
        assert response.status_code == 200
        assert not buttons(client_for(placement.student.user), placement)
        assert client_for(make.student().user).get(page(placement)).status_code == 404


class TestTheWay:
    """From the draft to the certificate, as school and host go it."""

    def test_to_the_certificate(self, for_school, for_company, placement, monkeypatch):
        assert "agree_as_host" in buttons(for_company, placement)
        done(for_company, placement, "agree_as_host")
        assert fresh(placement).state == PlacementState.HOST_AGREED
        done(for_school, placement, "agree_as_school")
        assert fresh(placement).state == PlacementState.SCHOOL_AGREED

        assert "Établir la convention" in words(for_school.get(page(placement)))
        done(for_school, placement, "agreement")
        agreement = PlacementPaper.objects.get()
        assert agreement.kind == PaperKind.AGREEMENT
        pdf = for_school.get(reverse("admin:internships_placementpaper_pdf", args=[agreement.pk]))
        text = text_of(pdf.content)
        for said in (
            agreement.number,
            str(placement.student),
            "Électricité du Larivot",
            "Lycée Melkior et Garré",
        ):
            assert said in text

        scan = SimpleUploadedFile("signée.pdf", documents.pdf(), content_type="application/pdf")
        response = for_company.post(
            page(agreement, "file_signed"), {"file": scan, "signed_on": today().isoformat()}
        )
        assert response.status_code == 302, words(response)
        agreement.refresh_from_db()
        assert (agreement.state, agreement.signed_on) == (PaperState.SIGNED, today())
        copy = for_school.get(page(agreement, "file"), follow=True)
        assert b"".join(copy.streaming_content).startswith(b"%PDF")

        done(for_school, placement, "sign", signed_on=today().isoformat())
        assert fresh(placement).state == PlacementState.SIGNED

        to_state(placement, PlacementState.COMPLETED)
        response = for_company.post(
            page(placement, "certificate"), {"absence_hours": "7", "stipend_paid": ""}
        )
        assert response.status_code == 302, words(response)
        certificate = PlacementPaper.objects.get(kind=PaperKind.CERTIFICATE)
        text = text_of(for_company.get(page(certificate, "pdf")).content)
        assert certificate.number in text and str(placement.student) in text

    def test_too_many_absences_are_said_at_their_box(self, for_school, school, company):
        over = make.placement(school=school, company=company, state=PlacementState.COMPLETED)
        response = for_school.post(page(over, "certificate"), {"absence_hours": "999", "stipend_paid": ""})
        assert response.status_code == 422
        assert "Les absences dépassent la durée du stage." in words(response)
        assert not PlacementPaper.objects.exists()

    def amended(self, client, placement, **changes):
        """What is typed for an amendment of a placement, which is signed first."""
        to_state(placement, PlacementState.SCHOOL_AGREED)
        done(client, placement, "agreement")
        to_state(placement, PlacementState.SIGNED, signed_on=today())
        form = client.get(page(placement, "amendment")).context["form"]
        content = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        return content | {"skills": "\n".join(placement.skills), **week(), **changes}

    def test_what_stands_in_the_way_of_an_amendment_is_set_aside_on_its_page(
        self, for_school, client_for, placement, company
    ):
        """The boxes come with the refusal, and nothing that was typed is lost."""
        busy = make.host_tutor(company=company)
        with operation(kind=OperationKind.SETUP, actor=make.user()):
            set_columns(CompanyProfile, [company.pk], headcount=99)
        for _each in range(3):
            make.placement(
                company=company,
                tutor=busy,
                state=PlacementState.SIGNED,
                start_on=placement.end_on,
                end_on=placement.end_on,
            )
        content = self.amended(for_school, placement, tutor=busy.pk, reason="Le tuteur part.")
        response = for_school.post(page(placement, "amendment"), content)
        text = words(response)
        assert response.status_code == 422 and "4 stagiaires à la fois" in text
        assert "Écarter la règle « Stagiaires par tuteur » : motif" in text and "Le tuteur part." in text
        content["override_tutor"] = "Personne d’autre n’est disponible."
        response = for_school.post(page(placement, "amendment"), content)
        assert response.status_code == 302, words(response)
        amendment = PlacementPaper.objects.get(kind=PaperKind.AMENDMENT)
        assert "Personne d’autre n’est disponible." in words(for_school.get(page(placement)))
        for_company = client_for(make.member(company).user)
        asked = words(for_company.get(page(amendment, "agree_amendment")))
        assert "4 stagiaires à la fois" in asked and "Personne d’autre n’est disponible." in asked
        done(for_company, amendment, "agree_amendment")
        signing = words(for_school.get(page(amendment, "sign_amendment")))
        assert "4 stagiaires à la fois" in signing and "Écartée" in signing
        assert "Écarter la règle" not in signing, "it is set aside already"
        done(for_school, amendment, "sign_amendment", signed_on=today().isoformat())
        assert fresh(placement).tutor == busy
        assert RuleOverride.objects.get().reason == "Personne d’autre n’est disponible."

    def test_an_amendment_changes_the_placement_once_it_is_signed(
        self, for_school, client_for, placement, company
    ):
        for_company = client_for(make.member(company).user)
        content = self.amended(
            for_school, placement, workplace="Chantier de Macouria", reason="Le chantier change de commune."
        )
        response = for_school.post(page(placement, "amendment"), content)
        assert response.status_code == 302, words(response)
        amendment = PlacementPaper.objects.get(kind=PaperKind.AMENDMENT)
        text = text_of(for_school.get(page(amendment, "pdf")).content)
        assert "Chantier de Macouria" in text and "Le chantier change de commune." in text
        waiting = words(for_company.get(page(placement)))
        assert "lisez cet avenant, puis acceptez-le ou refusez-le" in waiting
        assert "Chantier de Macouria" in waiting and "Rien ne change avant la signature" in waiting
        assert fresh(placement).workplace == ""
        assert "sign_amendment" not in buttons(for_school, amendment)
        assert "n’a pas encore donné son accord" in words(for_school.get(page(amendment, "sign_amendment")))
        assert {"agree_amendment", "decline_amendment"} <= set(buttons(for_company, amendment))
        asked = words(for_company.get(page(amendment, "agree_amendment")))
        assert str(placement.student) in asked and "Chantier de Macouria" in asked
        done(for_company, amendment, "agree_amendment")
        assert "Noter la signature" in words(for_school.get(page(placement)))
        assert for_company.get(page(amendment, "sign_amendment")).status_code == 403
        response = for_school.post(page(amendment, "sign_amendment"), {"signed_on": "hier"})
        assert response.status_code == 422 and "Cette date n’existe pas" in words(response)
        scan = SimpleUploadedFile("avenant.pdf", documents.pdf(), content_type="application/pdf")
        response = for_school.post(
            page(amendment, "sign_amendment"), {"signed_on": today().isoformat(), "file": scan}
        )
        assert response.status_code == 302, words(response)
        amendment.refresh_from_db()
        assert (amendment.state, amendment.has_file) == (PaperState.SIGNED, True)
        assert fresh(placement).workplace == "Chantier de Macouria"
        assert "Rien ne change avant la signature" not in words(for_company.get(page(placement)))

    def test_the_law_that_has_changed_meanwhile_is_told_where_the_amendment_is_signed(
        self, for_school, client_for, placement, company
    ):
        tutor = make.host_tutor(company=company)
        with operation(kind=OperationKind.SETUP, actor=make.user()):
            set_columns(CompanyProfile, [company.pk], headcount=99)
        content = self.amended(for_school, placement, tutor=tutor.pk, reason="Le tuteur part.")
        assert for_school.post(page(placement, "amendment"), content).status_code == 302
        amendment = PlacementPaper.objects.get(kind=PaperKind.AMENDMENT)
        done(client_for(make.member(company).user), amendment, "agree_amendment")
        for _each in range(3):
            make.placement(
                company=company,
                tutor=tutor,
                state=PlacementState.SIGNED,
                start_on=placement.end_on,
                end_on=placement.end_on,
            )
        asked = for_school.get(page(amendment, "sign_amendment"))
        assert "override_tutor" in asked.context["form"].fields
        given = {"signed_on": today().isoformat()}
        response = for_school.post(page(amendment, "sign_amendment"), given)
        assert response.status_code == 422 and "4 stagiaires à la fois" in words(response)
        given["override_tutor"] = "Personne d’autre n’est disponible."
        assert for_school.post(page(amendment, "sign_amendment"), given).status_code == 302
        assert fresh(placement).tutor == tutor

    def test_a_host_is_told_why_it_replaces_no_copy_of_the_school_s(self, for_school, for_company, placement):
        to_state(placement, PlacementState.SCHOOL_AGREED)
        done(for_school, placement, "agreement")
        agreement = PlacementPaper.objects.get()

        def filed(client):
            scan = SimpleUploadedFile("signée.pdf", documents.pdf(), content_type="application/pdf")
            return client.post(
                page(agreement, "file_signed"), {"file": scan, "signed_on": today().isoformat()}
            )

        assert filed(for_school).status_code == 302
        agreement.refresh_from_db()
        assert "L’établissement a versé cette copie signée" in words(
            for_company.get(page(agreement, "file_signed"))
        )
        assert filed(for_company).status_code == 302
        assert PlacementPaper.objects.get().file.name == agreement.file.name
        assert "Remplacer la copie signée" in words(for_school.get(page(placement)))
        assert "Remplacer la copie signée" not in words(for_company.get(page(placement)))

    def test_one_agreement_is_asked_about_in_the_singular(self, for_school, placement):
        to_state(placement, PlacementState.SCHOOL_AGREED)
        assert "Établir la convention :" in words(for_school.get(page(placement, "agreement"))).replace(
            "\u00a0", " "
        )

    def test_agreements_that_are_there_already_are_told_in_one_line(self, for_school, school, company):
        rows = [
            make.placement(school=school, company=company, state=PlacementState.SCHOOL_AGREED)
            for _each in range(2)
        ]
        for row in rows:
            make.placement_paper(placement=row)
        response = for_school.post(
            reverse("admin:internships_placement_changelist"),
            {
                "action": "do_make_agreements",
                "confirmed": "yes",
                "_selected_action": [row.pk for row in rows],
            },
            follow=True,
        )
        text = words(response).replace("\u00a0", " ")
        assert text.count("La convention est déjà établie.") == 1 and "2 lignes :" in text

    def test_the_signature_says_where_the_missing_copy_is_filed(self, for_school, placement):
        to_state(placement, PlacementState.SCHOOL_AGREED)
        done(for_school, placement, "agreement")
        content = for_school.get(page(placement, "sign")).content.decode()
        assert "n’est pas encore versée" in content
        assert page(PlacementPaper.objects.get(), "file_signed") in content

    def test_a_class_in_one_pdf(self, for_school, school, company):
        big = make.company(name="Chantiers de Guyane", headcount=400)
        rows = [
            make.placement(
                school=school,
                company=big,
                state=PlacementState.SCHOOL_AGREED,
                tutor=make.host_tutor(company=big),
            )
            for _number in range(3)
        ]
        chosen = {"_selected_action": [row.pk for row in rows]}
        listing = reverse("admin:internships_placement_changelist")
        response = for_school.post(
            listing, {"action": "do_make_agreements", "confirmed": "yes", **chosen}, follow=True
        )
        assert PlacementPaper.objects.count() == 3, words(response)
        pdf = for_school.post(listing, {"action": "class_pdf", **chosen})
        assert pdf["Content-Type"] == "application/pdf"
        text = text_of(pdf.content)
        assert all(str(row.student) in text for row in rows)

        later = make.placement(school=school, company=big)
        chosen["_selected_action"].append(later.pk)
        asked = for_school.post(listing, {"action": "class_pdf", **chosen})
        told = words(asked)
        assert "Le PDF aura 3 conventions." in told and "1 stage n’y sera pas" in told
        assert str(later.student) in told and "L’organisme d’accueil n’a pas encore donné son accord." in told
        pdf = for_school.post(listing, {"action": "class_pdf", "confirmed": "yes", **chosen})
        assert pdf["Content-Type"] == "application/pdf"


class TestWhatIsTold:
    """What a page says of itself before anybody asks."""

    def test_the_day_of_the_signed_copy_is_the_day_of_the_signature(self, for_school, placement):
        to_state(placement, PlacementState.SCHOOL_AGREED)
        done(for_school, placement, "agreement")
        response = for_school.get(page(placement, "sign"))
        assert "La copie signée de la convention n’est pas encore versée" in words(response)
        assert response.context_data["form"]["signed_on"].value() == today()
        signed_on = today() - 2 * DAY
        with operation(kind=OperationKind.SETUP, actor=make.user()):
            set_columns(
                PlacementPaper,
                list(PlacementPaper.objects.values_list("pk", flat=True)),
                signed_on=signed_on,
                state=PaperState.SIGNED,
            )
        response = for_school.get(page(placement, "sign"))
        assert "n’est pas encore versée" not in words(response)
        assert response.context_data["form"]["signed_on"].value() == signed_on

    def test_a_school_notes_the_agreement_of_a_host_without_an_account_alone(
        self, for_school, placement, company
    ):
        assert "record_host_agreement" in buttons(for_school, placement)
        make.member(company)
        assert "record_host_agreement" not in buttons(for_school, placement)

    @pytest.mark.parametrize(
        ("state", "columns", "told"),
        [
            (PlacementState.CANCELLED, {"end_reason": "Fermeture"}, "il n’a pas lieu. Motif : Fermeture"),
            (
                PlacementState.INTERRUPTED,
                {"end_reason": "Déménagement", "ended_by": "intern", "ended_on": datetime.date(2026, 11, 3)},
                "Stage interrompu, dernier jour fait le 03/11/2026.",
            ),
            (PlacementState.COMPLETED, {}, "Stage terminé le"),
        ],
    )
    def test_how_it_ended_stands_above_it(self, for_school, placement, state, columns, told):
        to_state(placement, state, **columns)
        assert told in words(for_school.get(page(placement)))

    def test_what_a_student_may_not_open_is_a_word(self, client_for, for_school, placement):
        reader = client_for(placement.student.user)
        content = reader.get(page(placement)).content.decode()
        for row in (placement.company, placement.tutor, placement.teacher):
            assert str(row) in content and page(row) not in content
        to_state(placement, PlacementState.SIGNED)
        assert page(placement.teacher) in for_school.get(page(placement)).content.decode()

    def test_students_are_looked_up_by_their_names_among_those_who_confirmed(self, for_school, school):
        there = make.enrolment(school=school, class_group="1re MELEC 2")
        asked = make.enrolment(school=school, state=EnrolmentState.DECLARED)
        assert looked_up(for_school, "enrolment", there.student.user.last_name) == {
            str(there.pk): f"{there} (1re MELEC 2)"
        }
        assert looked_up(for_school, "enrolment", asked.student.user.last_name) == {}
        assert looked_up(for_school, "enrolment", "Melkior") == {}

    def test_the_tutors_of_the_host_that_is_chosen_are_offered(self, client_for, editor, company):
        team = client_for(editor)
        own = make.host_tutor(company=company, last_name="Zanzibar")
        other = make.host_tutor(last_name="Zanzibar")
        gone = make.host_tutor(company=company, last_name="Zanzibar", is_active=False)
        assert set(looked_up(team, "tutor", "zanzibar")) == {str(own.pk), str(other.pk)}
        assert looked_up(team, "tutor", "zanzibar", organisme=company.pk) == {
            str(own.pk): f"{own} ({company})"
        }
        assert set(looked_up(team, "tutor", "zanzibar", organisme="x")) == {str(own.pk), str(other.pk)}
        assert str(gone.pk) not in looked_up(team, "tutor", "zanzibar")

    def test_the_class_comes_with_the_student_who_is_chosen(self, for_school, school):
        """So that its box is filled at once, before anything is saved."""
        enrolment = make.enrolment(school=school, class_group="Tle MELEC 1")
        found = for_school.get(
            reverse("admin:autocomplete"),
            {
                "app_label": "internships",
                "model_name": "placement",
                "field_name": "enrolment",
                "term": enrolment.student.user.last_name,
            },
        ).json()["results"]
        assert [(row["id"], row["class_group"]) for row in found] == [(str(enrolment.pk), "Tle MELEC 1")]

    def test_the_host_of_a_tutor_with_interns_is_read_only(self, for_company, company):
        free, busy = make.host_tutor(company=company), make.host_tutor(company=company)
        make.placement(company=company, tutor=busy)
        for tutor, chooses in ((free, True), (busy, False)):
            form = for_company.get(page(tutor)).context["adminform"].form
            assert ("company" in form.fields) == chooses

    def test_a_class_is_found_by_its_name(self, for_school, school, company):
        rows = [
            make.placement(school=school, company=company, class_group=name)
            for name in ("1re MELEC 2", "Tle GA")
        ]
        response = for_school.get(listed_at(Placement))
        assert all(row.class_group in words(response) for row in rows)
        assert listed(for_school, Placement, "?classe=melec") == [rows[0].pk]


def looked_up(client, field, words, **more):
    """What the box of a placement's field finds: {key: label}."""
    found = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "internships", "model_name": "placement", "field_name": field, "term": words, **more},
    )
    assert found.status_code == 200
    return {row["id"]: row["text"] for row in found.json()["results"]}


class TestTheRecommendation:
    """A host that had an intern is led to recommending them."""

    @pytest.mark.parametrize("state", [PlacementState.RUNNING, PlacementState.COMPLETED])
    def test_the_host_is_led_to_it_and_then_to_what_it_wrote(self, for_company, for_school, placement, state):
        to_state(placement, state)
        add = f"{reverse('admin:recommendations_internrecommendation_add')}?placement={placement.pk}"
        assert add in for_company.get(page(placement)).content.decode()
        assert add not in for_school.get(page(placement)).content.decode()
        form = for_company.get(add).context["adminform"].form
        assert form["placement"].value() == str(placement.pk)
        row = make.recommendation(placement=fresh(placement))
        shown = for_company.get(page(placement)).content.decode()
        assert add not in shown
        assert reverse("admin:recommendations_internrecommendation_change", args=[row.pk]) in shown

    def test_nobody_recommends_an_intern_who_has_not_come(self, for_company, placement):
        to_state(placement, PlacementState.SIGNED)
        assert "Recommander ce stagiaire" not in words(for_company.get(page(placement)))


class TestTheLaw:
    """What the law says stands where the decision is taken."""

    def test_a_blocking_rule_is_shown_with_its_article_and_stops_the_agreement(self, for_company, long_one):
        response = for_company.get(page(long_one))
        assert "Ce que dit le droit" in words(response)
        assert "924 h" in words(response)
        assert "L124-5" in words(response)
        response = for_company.get(page(long_one, "agree_as_host"))
        assert "924 h" in words(response)
        done(for_company, long_one, "agree_as_host")
        assert fresh(long_one).state == PlacementState.DRAFTED

    @pytest.fixture
    def long_one(self, school, company):
        start = datetime.date(today().year + 1, 1, 4)
        return make.placement(
            school=school,
            company=company,
            start_on=start,
            end_on=start + 230 * DAY,
            stipend_hourly="4.50",
            stipend_payment="chaque mois",
        )

    def test_it_is_set_aside_with_a_reason_that_stays(self, for_school, for_company, long_one):
        code = "duration"
        address = reverse("admin:internships_placement_override", args=[long_one.pk, code])
        assert address in for_school.get(page(long_one)).content.decode()
        assert address not in for_company.get(page(long_one)).content.decode()
        assert for_company.get(address).status_code == 403
        for short in (" ", ".", "x", "ok 12345678901"):
            refused = for_school.post(address, {"reason": short})
            assert refused.status_code == 422 and not RuleOverride.objects.exists()
        assert "au moins 10 lettres" in words(refused)
        for_school.post(address, {"reason": "Accord du recteur du 3 mars."})
        row = RuleOverride.objects.get()
        assert (row.rule, row.reason) == (code, "Accord du recteur du 3 mars.")
        text = words(for_company.get(page(long_one)))
        assert "Écartée" in text and "Accord du recteur du 3 mars." in text
        done(for_company, long_one, "agree_as_host")
        assert fresh(long_one).state == PlacementState.HOST_AGREED

    def test_each_step_tells_each_rule_by_itself_with_the_way_to_set_it_aside(
        self, for_school, for_company, long_one
    ):
        """Two rules stand in the way: each has its gravity, its article, and whoever may is led on."""
        with operation(kind=OperationKind.SETUP, actor=make.user()):
            set_columns(Placement, [long_one.pk], stipend_hourly=None)
        response = for_company.get(page(long_one, "agree_as_host"))
        ((_row, _page, told),) = response.context_data["law"]
        blocking = [one for one in told if one.blocks]
        assert {str(one.finding.code) for one in blocking} == {"duration", "stipend"}
        text = words(response)
        for one in told:
            assert one.finding.title in text and one.finding.article in text
        assert "Le droit s’y oppose" in text
        assert "L’établissement peut écarter cette règle, avec un motif." in text
        assert not any(one.url for one in told)

        to_state(long_one, PlacementState.HOST_AGREED)
        response = for_school.get(page(long_one, "agree_as_school"))
        ((_row, _page, told),) = response.context_data["law"]
        (way,) = [one.url for one in told if one.finding.code == "duration"]
        assert way in response.content.decode().replace("&amp;", "&")
        response = for_school.post(way, {"reason": "Accord du recteur du 3 mars."})
        assert response.status_code == 302 and response["Location"] == page(long_one, "agree_as_school")

    def test_the_list_says_how_many_rules_stand_in_the_way(self, for_school, long_one):
        assert "1 blocage" in words(for_school.get(listed_at(Placement)))


def listed_at(model):
    return reverse(f"admin:internships_{model._meta.model_name}_changelist")


class TestLists:
    @pytest.mark.parametrize("model", [Placement, PlacementPaper])
    def test_the_number_of_queries_does_not_grow_with_the_rows(self, for_school, school, company, model):
        def grown(number):
            for _row in range(number):
                row = make.placement(
                    school=school, company=make.company(), state=PlacementState.SCHOOL_AGREED
                )
                done(for_school, row, "agreement")

        grown(2)
        few = queries(for_school, listed_at(model))
        grown(4)
        assert queries(for_school, listed_at(model)) == few < 40

    def test_who_is_waited_for(self, for_school, school):
        drafted = make.placement(school=school)
        agreed = make.placement(school=school, state=PlacementState.HOST_AGREED)
        assert listed(for_school, Placement, "?attend=ecole") == [agreed.pk]
        assert listed(for_school, Placement, "?attend=organisme") == [drafted.pk]


class TestPlacesLeft:
    """Whoever chooses a host is told how many interns it may still have in those weeks."""

    def asked(self, client, company, first, last):
        address = reverse("admin:internships_placement_places")
        answer = client.get(address, {"company": company.pk, "first": first, "last": last})
        assert answer.status_code == 200
        return answer.json()["text"].replace("\xa0", " ")

    def test_the_fewest_of_the_weeks_count(self, for_school, school, company):
        start = today() + 28 * DAY - today().weekday() * DAY
        for _number in range(2):
            make.placement(
                company=company,
                state=PlacementState.SIGNED,
                start_on=start + 7 * DAY,
                end_on=start + 11 * DAY,
                tutor=None,
            )
        first, last = f"{start:%d/%m/%Y}", f"{start + 18 * DAY:%d/%m/%Y}"
        assert "peut encore recevoir 1 stagiaire chaque semaine" in self.asked(
            for_school, company, first, last
        )
        assert "recevoir 3 stagiaires" in self.asked(
            for_school, company, start.isoformat(), (start + 4 * DAY).isoformat()
        )
        make.placement(
            company=company, state=PlacementState.HOST_AGREED, start_on=start, end_on=start + 18 * DAY
        )
        text = self.asked(for_school, company, first, last)
        assert f"complet pendant 1 semaine de ces dates, la première le {start + 7 * DAY:%d/%m/%Y}" in text

    def test_what_is_not_known_or_not_typed_yet(self, for_school, company):
        unknown = make.company(headcount=None, size_band="")
        day = today().isoformat()
        assert "n’est pas connu" in self.asked(for_school, unknown, day, day)
        for first, last in (("", day), (day, "hier"), (day, "1999-01-01"), (day, "9999-12-31")):
            assert self.asked(for_school, company, first, last) == ""

    def test_the_page_of_a_draft_says_so_to_the_school(self, for_school, for_company, placement):
        assert "peut encore recevoir 3 stagiaires" in words(for_school.get(page(placement)))
        assert "peut encore recevoir" not in words(for_company.get(page(placement)))
        assert for_company.get(reverse("admin:internships_placement_places")).status_code == 403
        to_state(placement, PlacementState.HOST_AGREED)
        assert "peut encore recevoir" not in words(for_school.get(page(placement)))
        add = for_school.get(reverse("admin:internships_placement_add")).content.decode()
        assert reverse("admin:internships_placement_places") in add


class TestCapacity:
    address = "admin:internships_placement_capacity"

    def test_each_week_against_the_cap(self, client_for, school, company):
        for _number in range(3):
            make.placement(
                school=school, company=company, state=PlacementState.SIGNED, start_on=today(), tutor=None
            )
        response = client_for(make.user()).get(reverse(self.address))
        text = response.content.decode()
        assert "3/3" in text and "heat-3" in text
        assert "Électricité du Larivot" in text

    def test_over_the_cap_is_seen(self, client_for, company):
        for _number in range(4):
            make.placement(company=company, state=PlacementState.SIGNED, start_on=today(), tutor=None)
        assert "heat-4" in client_for(make.user()).get(reverse(self.address)).content.decode()

    def test_a_host_sees_its_own_and_a_school_every_host_without_a_name_of_anybody(
        self, for_company, for_school, client_for
    ):
        other = make.company(name="Une autre entreprise", headcount=12)
        foreign = make.placement(company=other, state=PlacementState.SIGNED, start_on=today())
        text = for_company.get(reverse(self.address)).content.decode()
        assert "Électricité du Larivot" in text and "Une autre entreprise" not in text
        text = for_school.get(reverse(self.address)).content.decode()
        assert "Électricité du Larivot" in text and "Une autre entreprise" in text and "1/3" in text
        assert foreign.student.user.last_name not in text
        assert reverse(self.address) in for_school.get(listed_at(Placement)).content.decode()
        assert for_school.get(reverse("admin:internships_placement_capacity_csv")).status_code == 200
        assert client_for(foreign.student.user).get(reverse(self.address)).status_code == 403

    def test_whoever_may_fill_in_a_missing_headcount_is_led_to_it(self, client_for, for_school, editor):
        unknown = make.company(name="Sans effectif", headcount=None, size_band="")
        address = page(unknown)
        member = client_for(make.member(unknown).user)
        for client, led in ((client_for(editor), True), (member, True), (for_school, False)):
            text = client.get(f"{reverse(self.address)}?q=sans+effectif").content.decode()
            assert "Sans effectif" in text
            assert (f'href="{address}"' in text) == led
        assert (
            page(make.company(headcount=12))
            not in client_for(editor).get(reverse(self.address)).content.decode()
        )

    @pytest.mark.parametrize("typed", ["?debut=hier", "?debut=9999-12-31", "?page=zzz", "?commune=x&q=%00"])
    def test_nonsense_in_the_address_shows_this_week(self, client_for, typed):
        assert client_for(make.user()).get(reverse(self.address) + typed).status_code in (200, 400)

    def test_as_a_file(self, for_company):
        response = for_company.get(reverse("admin:internships_placement_capacity_csv"))
        assert "Électricité du Larivot" in response.content.decode("utf-8-sig")

    def test_the_number_of_queries_does_not_grow_with_hosts(self, client_for):
        client = client_for(make.user())
        make.company(headcount=30)
        few = queries(client, reverse(self.address))
        for _number in range(5):
            make.placement(company=make.company(headcount=30), state=PlacementState.SIGNED, start_on=today())
        assert queries(client, reverse(self.address)) == few


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def text_of(content):
    """The words of a PDF, in one line."""
    document = pypdfium2.PdfDocument(content)
    pages = [page.get_textpage().get_text_range() for page in document]
    return " ".join(" ".join(pages).split())
