"""Following students in the console: each role reads of the same rows what is theirs to read."""

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from pratik.partners.models import CompanyProfile
from pratik.tracking import services
from pratik.tracking.enums import FollowState
from pratik.tracking.models import Follow
from tests import factories as make
from tests.kit.queue import run_queue
from tests.kit.world import url

from .conftest import by_form, fresh

pytestmark = pytest.mark.django_db

LIST = "admin:tracking_follow_changelist"
CANDIDATES = "admin:tracking_follow_candidates"


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def company_client(client_for, member):
    return client_for(member)


@pytest.fixture
def student_client(client_for, student):
    return client_for(student.user)


# Lists


def test_a_company_reads_where_the_students_stand(company_client, follow):
    page = text_of(company_client.get(reverse(LIST)))
    assert "Étudiants suivis" in page
    page = page.split('id="result_list"')[1].split("</table>")[0]
    for shown in ("Awa Mango", "BTS 1re année", "Commerce", "En études"):
        assert shown in page, shown


def test_what_is_not_shown_is_neither_read_nor_found_nor_filtered(company_client, company, student):
    make.follow(company=company, student=student, state="active", shows_domain=False, shows_status=False)
    page = text_of(company_client.get(reverse(LIST)))
    assert "BTS 1re année" in page and "Commerce" not in page
    for query, number in (
        ("?niveau=5", 1),
        ("?situation=studying", 0),
        ("?situation=seeking", 0),
        ("?q=commerce", 0),
        ("?q=mango", 1),
    ):
        listed = company_client.get(reverse(LIST) + query).context_data["cl"]
        assert listed.result_count == number, query


@pytest.mark.parametrize("state", ["requested", "refused"])
def test_before_an_agreement_the_list_tells_the_name_alone(company_client, company, student, state):
    make.follow(company=company, student=student, state=state, names_student=False)
    page = text_of(company_client.get(reverse(LIST))).split('id="result_list"')[1].split("</table>")[0]
    assert "Awa M." in page
    for hidden in ("Mango", "Commerce", "BTS", "En études"):
        assert hidden not in page, hidden
    assert company_client.get(reverse(LIST) + "?q=mango").context_data["cl"].result_count == 0


def test_a_student_reads_who_follows_them(student_client, follow):
    make.follow(company=make.company(name="Autre"))
    page = text_of(student_client.get(reverse(LIST)))
    assert "Qui me suit" in page and "Menuiserie du Larivot" in page
    assert "Autre" not in page


def test_what_waits_for_a_students_answer_stands_in_the_menu(student_client, company, student):
    before = text_of(student_client.get(reverse("admin:index")))
    make.follow(company=company, student=student)
    assert text_of(student_client.get(reverse("admin:index"))).count("Qui me suit") == before.count(
        "Qui me suit"
    )
    assert student_client.get(reverse(LIST)).context_data["cl"].result_count == 1


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.EDITOR, Role.VERIFIER, Role.AUDITOR], ids=str)
def test_the_team_sees_and_has_no_hand_in_it(client_for, follow, role):
    client = client_for(make.user(role))
    assert "Menuiserie du Larivot" in text_of(client.get(reverse(LIST)))
    page = text_of(client.get(url(Follow, "change", follow.pk)))
    for verb in ("agree", "refuse", "withdraw", "end"):
        assert url(Follow, verb, follow.pk) not in page
        assert client.post(url(Follow, verb, follow.pk), {"confirmed": "yes"}).status_code == 403
    assert client.post(url(Follow, "change", follow.pk), {"shows_level": ""}).status_code == 403
    assert fresh(follow).state == FollowState.ACTIVE


def test_another_company_meets_it_nowhere(client_for, follow):
    client = client_for(make.company_user())
    assert client.get(reverse(LIST)).context_data["cl"].result_count == 0
    for view in ("change", "history", "end"):
        assert client.get(url(Follow, view, follow.pk)).status_code == 404


# The page of one


def test_the_line_of_time_tells_what_changed_since_the_agreement(actor, company_client, follow, student):
    by_form(actor, student, status="seeking")
    by_form(actor, student, year_in_cycle=2, domain="Vente")
    page = text_of(company_client.get(url(Follow, "change", follow.pk)))
    steps = page.split('class="tracking-step')
    assert len(steps) == 4
    assert "BTS 1re année" in steps[1] and "BTS 2e année" in steps[1] and "Vente" in steps[1]
    assert "En recherche" in steps[2]
    assert "Accord de l’étudiant" in steps[3]


def test_a_student_chooses_what_a_company_sees(student_client, follow):
    address = url(Follow, "change", follow.pk)
    page = student_client.get(address)
    assert "shows_level" in text_of(page) and 'name="wants_level"' not in text_of(page)
    sent = {"shows_status": "on", "wants_level": "", "_seen": follow.updated_at.isoformat()}
    assert student_client.post(address, sent).status_code == 302
    row = fresh(follow)
    assert [kind.value for kind in row.shown_kinds] == ["status"]
    assert row.wants_level


def test_a_company_chooses_what_it_is_told_of(company_client, follow):
    address = url(Follow, "change", follow.pk)
    assert company_client.post(address, {"wants_status": "on", "shows_level": ""}).status_code == 302
    row = fresh(follow)
    assert [kind.value for kind in row.wanted_kinds] == ["status"]
    assert row.shows_level


@pytest.mark.parametrize("who", ["company", "student"])
def test_nothing_at_all_is_no_choice(who, company_client, student_client, follow):
    client = company_client if who == "company" else student_client
    response = client.post(url(Follow, "change", follow.pk), {})
    assert response.status_code == 200
    assert "au moins une chose" in text_of(response)
    assert len(fresh(follow).shown_kinds) == len(fresh(follow).wanted_kinds) == 3


def test_a_student_agrees_then_withdraws(student_client, company_client, company, student):
    row = make.follow(company=company, student=student)
    page = text_of(student_client.get(url(Follow, "change", row.pk)))
    assert url(Follow, "agree", row.pk) in page and url(Follow, "refuse", row.pk) in page
    student_client.post(url(Follow, "agree", row.pk), {"confirmed": "yes", "kinds": ["level"]})
    assert fresh(row).state == FollowState.ACTIVE
    assert company_client.get(url(Follow, "change", row.pk)).status_code == 200
    page = text_of(student_client.get(url(Follow, "change", row.pk)))
    assert url(Follow, "withdraw", row.pk) in page
    student_client.post(url(Follow, "withdraw", row.pk), {"confirmed": "yes"})
    assert fresh(row).state == FollowState.ENDED
    for view in ("change", "history"):
        assert company_client.get(url(Follow, view, row.pk)).status_code == 404
    assert company_client.get(reverse(LIST)).context_data["cl"].result_count == 0


def test_a_student_ticks_what_is_shown_where_they_agree_and_nothing_is_ticked_before(
    student_client, company, student
):
    row = make.follow(company=company, student=student)
    page = text_of(student_client.get(url(Follow, "change", row.pk)))
    assert 'name="shows_level"' not in page and 'name="_save"' not in page
    page = text_of(student_client.get(url(Follow, "agree", row.pk)))
    assert page.count('name="kinds"') == 3 and " checked" not in page
    assert "Niveau (aujourd’hui\u00a0: BTS 1re année)" in page
    response = student_client.post(url(Follow, "agree", row.pk), {"confirmed": "yes"})
    assert response.status_code == 422
    assert "Cochez au moins une chose que l’entreprise verra." in response.content.decode()
    assert fresh(row).state == FollowState.REQUESTED
    student_client.post(url(Follow, "agree", row.pk), {"confirmed": "yes", "kinds": ["domain", "status"]})
    assert [kind.value for kind in fresh(row).shown_kinds] == ["domain", "status"]


def test_several_requests_are_answered_with_one_choice(student_client, student):
    rows = [make.follow(student=student) for _ in range(2)]
    chosen = {"action": "do_agree", "_selected_action": [row.pk for row in rows]}
    page = text_of(student_client.post(reverse(LIST), chosen))
    assert page.count('name="kinds"') == 3 and "ces entreprises" in page
    student_client.post(reverse(LIST), chosen | {"confirmed": "yes", "kinds": ["status"]})
    assert [fresh(row).shown_kinds for row in rows] == [["status"], ["status"]]


def test_ending_leads_back_to_the_list(company_client, follow):
    response = company_client.post(url(Follow, "end", follow.pk), {"confirmed": "yes"}, follow=True)
    assert response.redirect_chain == [(reverse(LIST), 302)]
    assert "Ne plus suivre" in text_of(response)


def test_an_administrator_who_acts_for_a_student_gives_no_agreement(
    student, company, administrator, client_for
):
    client = client_for(administrator)
    row = make.follow(company=company, student=student)
    client.post(reverse("access:act_for", args=[student.user.pk]), {"reason": "Appel"})
    page = text_of(client.get(url(Follow, "change", row.pk)))
    assert url(Follow, "agree", row.pk) not in page
    assert client.post(url(Follow, "agree", row.pk), {"confirmed": "yes"}).status_code == 403
    assert client.post(url(Follow, "change", row.pk), {"shows_level": "on"}).status_code == 403
    assert fresh(row).state == FollowState.REQUESTED


# Asking


def test_a_company_finds_whom_it_may_ask_and_asks(company_client, student):
    by_form(student.user, student, is_public=True)
    hidden = make.student(user=make.user(Role.STUDENT, first_name="Zélie"))
    page = text_of(company_client.get(reverse(CANDIDATES)))
    assert "Awa Mango" in page and "Zélie" not in page
    address = reverse("admin:tracking_follow_request", args=[student.pk])
    assert address in page
    assert company_client.get(reverse("admin:tracking_follow_request", args=[hidden.pk])).status_code == 404
    response = company_client.post(address, {"kinds": ["level", "status"], "message": "Bonjour."})
    row = Follow.objects.get()
    assert response.status_code == 302 and response["Location"] == url(Follow, "change", row.pk)
    assert (row.wants_level, row.wants_domain, row.wants_status) == (True, False, True)
    page = text_of(company_client.get(reverse(CANDIDATES)))
    assert "Attend l’accord de l’étudiant" in page and address not in page


def test_what_was_typed_is_kept_when_it_is_refused(company_client, student):
    by_form(student.user, student, is_public=True)
    address = reverse("admin:tracking_follow_request", args=[student.pk])
    response = company_client.post(address, {"message": "Bonjour à vous."})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Choisissez au moins une chose à suivre." in page and "Bonjour à vous." in page
    company_client.post(address, {"kinds": ["level"]})
    response = company_client.post(address, {"kinds": ["level"], "message": "Encore."})
    assert response.status_code == 422
    assert "Votre demande attend déjà la réponse de cet étudiant." in response.content.decode()
    assert Follow.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    ["?level=99", "?status=x", "?ground=x", "?p=9e9", "?q=%00", f"?entreprise={'9' * 40}", "?q=" + "a" * 500],
)
def test_nonsense_in_the_address_asks_for_nothing(company_client, query):
    assert company_client.get(reverse(CANDIDATES) + query).status_code == 200


def test_one_asks_in_the_name_of_the_company_that_one_chose(client_for, member, student):
    by_form(student.user, student, is_public=True)
    second = make.company(name="Atelier")
    make.member(second, member)
    client = client_for(member)
    page = text_of(client.get(reverse(CANDIDATES)))
    assert "Atelier" in page and "Menuiserie du Larivot" in page
    address = reverse("admin:tracking_follow_request", args=[student.pk])
    client.post(f"{address}?entreprise={second.pk}", {"kinds": ["level"]})
    assert Follow.objects.get().company == second
    stranger = make.company()
    client.post(f"{address}?entreprise={stranger.pk}", {"kinds": ["level"]})
    assert not Follow.objects.filter(company=stranger).exists()


def test_who_belongs_to_no_company_is_told_so(client_for):
    client = client_for(make.user(Role.COMPANY))
    assert "Rejoignez d’abord une entreprise" in text_of(client.get(reverse(CANDIDATES)))
    student = make.student(is_public=True)
    assert client.get(reverse("admin:tracking_follow_request", args=[student.pk])).status_code == 404


def test_the_list_of_candidates_takes_as_many_queries_whatever_its_length(
    company_client, django_assert_max_num_queries
):
    for _ in range(30):
        make.student(is_public=True)
    company_client.get(reverse(CANDIDATES))
    with django_assert_max_num_queries(15):
        company_client.get(reverse(CANDIDATES))


def test_an_export_holds_what_the_company_sees_and_no_more(company_client, company, student):
    make.follow(company=company, student=student, state="active", shows_domain=False)
    columns = ("company", "student_name", "level_seen", "domain_seen", "status_seen")
    response = company_client.post(
        url(Follow, "export"),
        {"format": "1", "resource": "0", **{f"followlist_{name}": "on" for name in columns}},
    )
    sheet = response.content.decode("utf-8-sig")
    assert "Awa Mango" in sheet and "BTS 1re année" in sheet and "Commerce" not in sheet


def test_the_notice_leads_to_the_page_where_one_answers(company_client, student_client, company, student):
    by_form(student.user, student, is_public=True)
    member = company.memberships.get().user
    services.ask_to_follow(
        actor=member, company=CompanyProfile.objects.get(), student=student, kinds=["level"]
    )
    run_queue()
    notice = student.user.notices.get()
    assert "accept" in text_of(student_client.get(notice.path)).lower()
