"""The home page: for each role its own figures, each the number of rows of the list that it leads to."""

import datetime
import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from django_q.models import Task

from backoffice.navigation import WAITING, waiting
from backoffice.roles import verbs_of
from pratik.accounts.enums import STAFF_ROLES, Role, VerificationState
from pratik.accounts.models import StudentProfile
from pratik.accounts.reports import accounts_to_verify, completeness
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.calendars.reports import calendar_figures, drafts_to_publish
from pratik.calendars.services import publish_calendars, withdraw_calendars
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.operations import operation
from pratik.internships.enums import ApplicationState, OfferState, PlacementState
from pratik.notifications.enums import MailState, NoticeKind
from pratik.notifications.models import Notice
from pratik.partners.models import CompanyProfile
from pratik.recommendations.enums import RecommendationState
from pratik.schools.enums import EnrolmentState
from pratik.schools.models import SchoolProfile
from tests import factories as make
from tests.conftest import person

pytestmark = pytest.mark.django_db

# The administrator's page is the longest: a query for each block and card, and one for the badges.
MOST_QUERIES = 26
# The headings of what waits to come in begin so.
JOINING = ("Demandes", "Organismes")
# Those of listings and offers to read.
LIVING = ("Logements", "Trajets")
OFFERS = ("Offres",)
ROLES = [role for role in Role if role != Role.ANONYMOUS]
WITH_FIGURES = [*sorted(STAFF_ROLES), Role.SCHOOL]
DAY = re.compile(r"\d{4}-\d\d-\d\d")
SVG = "{http://www.w3.org/2000/svg}"


def in_days(days):
    return today() + datetime.timedelta(days=days)


@pytest.fixture
def home_of(client_for):
    """`home_of(user)`: the answer of the home page, with `home` and the page's own part as `body`."""

    def opened(user):
        response = client_for(user).get(reverse("admin:index"))
        assert response.status_code == 200
        response.home = response.context_data["home"]
        response.body = response.content.decode().split('<div class="home">', 1)[1]
        return response

    return opened


def placements(number, school, start, end, **fields):
    """Calendars of a school that start and end so many days from today."""
    return make.calendars(number, school=school, start_on=in_days(start), end_on=in_days(end), **fields)


def fill(school):
    """Calendars of a school in every state, past, running and to come: more than a hundred."""
    manager = make.manager(school=school)
    make.manager(school=school, is_active=False)
    published = {"state": CalendarState.PUBLISHED, "program_manager": manager}
    placements(40, school, 5, 40)
    placements(30, school, 60, 90, program_manager=manager)
    placements(4, school, -60, -10)
    placements(25, school, -7, 14, **published)
    placements(12, school, 20, 60, **published)
    placements(3, school, -60, -1, **published)
    placements(6, school, 30, 50, state=CalendarState.WITHDRAWN)
    placements(2, school, 30, 50, state=CalendarState.ARCHIVED)


def imports(actor, number):
    source = SimpleNamespace(name="calendriers.csv", sha256="a" * 64, size=12)
    for _ in range(number):
        with operation(
            kind=OperationKind.IMPORT, actor=actor, subject=InternshipCalendar, source=source
        ) as run:
            make.commune()
            run.count("refused", 2)


def notices(recipient, number, **fields):
    Notice.objects.bulk_create(
        Notice(
            recipient=recipient,
            kind=NoticeKind.CALENDAR_PUBLISHED,
            key=f"{recipient.pk}:{fields}:{each}",
            subject="Stages à venir",
            body="Des élèves seront en stage.",
            **fields,
        )
        for each in range(number)
    )


def internships(user):
    """What waits for this person of a company, a school or among students: more than a block shows."""
    state = PlacementState
    match user.role:
        case Role.COMPANY:
            company = CompanyProfile.objects.of_member(user).get()
            for _each in range(6):
                offer = make.offer(company=company, start_on=in_days(20), apply_until=in_days(3))
                make.application(offer=offer)
                make.placement(company=company)
                make.placement(company=company, state=state.COMPLETED)
        case Role.SCHOOL:
            school = SchoolProfile.objects.of_member(user).get()
            for _each in range(6):
                for stands in (state.HOST_AGREED, state.SCHOOL_AGREED, state.RUNNING):
                    make.placement(school=school, state=stands)
                make.enrolment(school=school, state=EnrolmentState.DECLARED)
        case Role.STUDENT:
            student = user.studentprofile
            make.application(student=student, state=ApplicationState.ACCEPTED)
            for days in range(6):
                make.application(student=student)
                over = make.placement(
                    student=student, start_on=in_days(-60 - 30 * days), state=state.COMPLETED
                )
                make.placement_paper(placement=over)
                make.recommendation(placement=over, state=RecommendationState.PROPOSED)
                make.enrolment(email=user.email, state=EnrolmentState.PROPOSED)
                make.follow(student=student)


@pytest.fixture
def world(db):
    """A platform at work; each function of the fixture gives the person of a role somewhere in it."""
    fill(make.school(name="Lycée Voisin"))
    company = make.company(partner=True)
    for _ in range(3):
        make.company()
        make.landlord()
    make.user(Role.DRIVER, verification=VerificationState.VERIFIED)
    make.user(Role.DRIVER, is_active=False)
    reader = make.company_user(company)
    notices(reader, 7, mail_state=MailState.WAITING)
    notices(reader, 5, mail_state=MailState.FAILED)
    notices(reader, 1, mail_state=MailState.IN_DOUBT)
    for _ in range(6):
        make.offer(company=company, state=OfferState.SUBMITTED, submitted_at=timezone.now())
    notices(reader, 2, mail_state=MailState.SENT, read_at=timezone.now())
    for number in range(3):
        Task.objects.create(
            id=f"{number:032}",
            name=f"tache-{number}",
            func="pratik.core.tasks.forget_uploads",
            started=timezone.now(),
            stopped=timezone.now(),
            success=False,
        )
    make.school_holiday(start_on=in_days(14), end_on=in_days(28))

    def someone(role):
        if role == Role.SCHOOL:
            school = make.school()
            fill(school)
            user = make.school_user(school)
        else:
            user = person(role)
        notices(user, 6, mail_state=MailState.SENT)
        imports(user, 7)
        internships(user)
        return user

    return someone


def rows_behind(client, url):
    """How many rows the list at this address has."""
    response = client.get(url)
    assert response.status_code == 200, url
    return response.context_data["cl"].queryset.count()


class Links(HTMLParser):
    """The addresses that a page leads to."""

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a":
            self.found.add(attributes["href"])


# What holds for everybody


@pytest.mark.parametrize("role", ROLES)
def test_the_page_costs_few_queries_however_many_rows_there_are(
    role, world, client_for, django_assert_max_num_queries
):
    client = client_for(world(role))
    # The first page of a session writes the session down.
    client.get(reverse("admin:index"))
    with django_assert_max_num_queries(MOST_QUERIES):
        assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("role", ROLES)
def test_every_link_of_the_page_opens_for_the_person(role, world, client_for, home_of):
    user = world(role)
    # Of the links that differ by their dates alone, one is opened.
    links = {DAY.sub("", url): url for url in Links(home_of(user).body).found}.values()
    client = client_for(user)
    assert links
    assert {url: client.get(url).status_code for url in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("role", ROLES)
def test_a_new_platform_says_in_a_sentence_that_nothing_is_there(role, home_of):
    response = home_of(person(role))
    blocks = [*response.home.main, *response.home.side, *response.home.below]
    assert blocks
    empty = [block for block in blocks if not block.items]
    assert empty
    for block in empty:
        assert escape(block.empty) in response.body
    if response.home.chart:
        assert response.home.chart.is_empty
        assert "Aucun élève en stage" in response.body
        assert "<svg viewBox" not in response.body


@pytest.mark.parametrize("role", ROLES)
def test_what_waits_behind_each_menu_is_counted_in_one_query(role, world, django_assert_num_queries):
    user = world(role)
    counts = {label: rows(user).count() for label, rows in WAITING.items() if "view" in verbs_of(role, label)}
    assert counts["notifications.notice"] == 6
    request = SimpleNamespace(user=user)
    with django_assert_num_queries(1):
        assert {label: waiting(request, label) for label in counts} == counts


# Figures


@pytest.mark.parametrize("role", WITH_FIGURES)
def test_each_figure_is_the_number_of_rows_of_its_list(role, world, client_for, home_of):
    user = world(role)
    home = home_of(user).home
    client = client_for(user)
    assert len(home.cards) >= 6
    assert {card.label: rows_behind(client, card.url) for card in home.cards} == {
        card.label: card.number for card in home.cards
    }


@pytest.mark.parametrize("role", WITH_FIGURES)
def test_each_block_counts_the_rows_of_the_list_that_it_leads_to(role, world, client_for, home_of):
    user = world(role)
    home = home_of(user).home
    client = client_for(user)
    counted = [
        block
        for block in (*home.main, *home.side)
        if block.number is not None and block.more and block.icon != "notifications"
    ]
    assert counted
    for block in counted:
        assert block.number == rows_behind(client, block.more.url)


def test_an_administrator_sees_the_figures_of_the_whole_platform(world, home_of, administrator):
    assert [card.number for card in home_of(administrator).home.cards] == [
        70,  # drafts
        37,  # published
        25,  # of which running
        6,  # withdrawn
        0,  # interns with their hosts
        1,  # partner companies
        1,  # schools
        4,  # accounts to verify
        7,  # e-mails to send
        5,  # e-mails that failed
        1,  # e-mails in doubt
        3,  # tasks that failed
    ]


def test_a_school_counts_its_own_rows_alone(home_of):
    other = make.school(name="Lycée Voisin")
    fill(other)
    school = make.school()
    placements(2, school, 5, 40)
    response = home_of(make.school_user(school))
    assert [card.number for card in response.home.cards] == [
        2,  # drafts
        0,  # published
        0,  # of which running
        0,  # withdrawn
        0,  # interns with their hosts
        2,  # without a manager
        0,  # managers
    ]
    assert "Lycée Voisin" not in response.body
    assert sum(column.published for column in response.home.chart.columns) == 0
    assert max(column.draft for column in response.home.chart.columns) == 2 * 24


def test_a_member_of_two_schools_counts_both_and_each_calendar_once(home_of):
    first, second = make.school(), make.school()
    user = make.school_user(first)
    make.member(second, user)
    make.school_user(first)
    placements(3, first, 5, 40)
    placements(4, second, 5, 40)
    home = home_of(user).home
    assert home.cards[0].number == 7
    assert [badge.text for badge in home.badges] == sorted([first.name, second.name])


def test_a_member_who_left_sees_nothing_of_the_school(home_of):
    school = make.school()
    placements(2, school, 5, 40)
    user = make.member(school, make.user(Role.SCHOOL), is_active=False).user
    response = home_of(user)
    assert response.home.cards == []
    assert response.home.chart is None
    assert "rattaché à aucune fiche" in response.body
    assert reverse("admin:calendars_internshipcalendar_import") not in response.body


def test_what_is_over_waits_for_nobody():
    school = make.school()
    placements(1, school, -30, -1)
    placements(1, school, -30, 0)
    figures = calendar_figures(make.user(), today())
    assert (figures["drafts"], figures["urgent"]) == (1, 1)


# What waits


def test_drafts_that_start_soon_come_first_then_those_that_wait_longest():
    school = make.school()
    late, soon, started = (placements(1, school, start, start + 30)[0].pk for start in (30, 3, -2))
    old, older = (
        make.calendar(
            school=school,
            start_on=in_days(31 + days),
            created_at=timezone.now() - datetime.timedelta(days=days),
        ).pk
        for days in (5, 9)
    )
    urgent, others = drafts_to_publish(make.user(), today(), most=3)
    assert [row.pk for row in urgent] == [started, soon, late]
    assert [row.pk for row in others] == [older, old]
    urgent, others = drafts_to_publish(make.user(), today(), most=1)
    assert [row.pk for row in (*urgent, *others)] == [started, older]


def test_a_draft_tells_its_school_its_dates_and_how_long_it_waits(home_of, editor):
    calendar = make.calendar(
        school=make.school(name="Lycée du Fleuve"),
        start_on=in_days(6),
        created_at=timezone.now() - datetime.timedelta(days=12),
    )
    [item] = home_of(editor).home.main[0].items
    assert item.title == calendar.program_name
    assert item.url == reverse("admin:calendars_internshipcalendar_change", args=[calendar.pk])
    assert item.details[0] == "Lycée du Fleuve"
    assert item.details[-1] == "en attente depuis 12 jours"
    assert (item.badge.text, item.badge.tone) == ("Dans 6 jours", "bad")


@pytest.mark.parametrize(
    ("role", "titles"),
    [
        (
            Role.ADMINISTRATOR,
            {
                "Brouillons",
                "Autres",
                "Pièces",
                "Comptes",
                *JOINING,
                *LIVING,
                *OFFERS,
                "Effacements",
                "Échecs",
            },
        ),
        (Role.EDITOR, {"Brouillons", "Autres", *JOINING, *LIVING, *OFFERS}),
        (Role.VERIFIER, {"Pièces", "Comptes", *JOINING, *LIVING}),
        (
            Role.AUDITOR,
            {
                "Brouillons",
                "Autres",
                "Pièces",
                "Comptes",
                *JOINING,
                *LIVING,
                *OFFERS,
                "Effacements",
                "Échecs",
            },
        ),
    ],
)
def test_what_waits_is_what_the_role_can_do(role, titles, world, home_of):
    home = home_of(world(role)).home
    waiting = [block for block in (*home.main, *home.side) if block.title != "Derniers imports"]
    assert {block.title.split()[0] for block in waiting} == titles


def test_failures_name_what_failed_and_lead_there(world, home_of, administrator):
    home = home_of(administrator).home
    [failures] = [block for block in home.side if block.title == "Échecs à examiner"]
    assert [item.title for item in failures.items] == [
        "5 e-mails en échec",
        "1 e-mail incertain",
        "3 tâches en échec",
    ]


def test_accounts_that_wait_longest_come_first(verifier):
    young, old = (
        make.user(Role.STUDENT, created_at=timezone.now() - datetime.timedelta(days=days)).pk
        for days in (1, 8)
    )
    assert [row.pk for row in accounts_to_verify(verifier)] == [old, young]


def test_a_school_reads_why_its_calendar_was_withdrawn(home_of, editor):
    school = make.school()
    calendar = make.calendar(school=school)
    publish_calendars(actor=editor, pks=[calendar.pk])
    withdraw_calendars(actor=editor, pks=[calendar.pk], reason="Premier motif")
    publish_calendars(actor=editor, pks=[calendar.pk])
    withdraw_calendars(actor=editor, pks=[calendar.pk], reason="Travaux à l’atelier")
    response = home_of(make.school_user(school))
    assert "Travaux à l’atelier" in response.body
    assert "Premier motif" not in response.body


def test_a_school_is_told_what_companies_would_miss(home_of):
    school = make.school(email="")
    placements(2, school, 5, 40)
    user = make.school_user(school)
    titles = [item.title for item in home_of(user).home.main[0].items]
    assert titles == [
        "Ajouter un responsable de stages",
        "Indiquer l’adresse e-mail de l’établissement",
        "Nommer le responsable de 2 calendriers",
    ]


def test_a_school_with_all_it_needs_is_told_so(home_of):
    school = make.school()
    placements(2, school, 5, 40, program_manager=make.manager(school=school))
    response = home_of(make.school_user(school))
    assert response.home.main[0].items == []
    assert "Rien ne manque" in response.body


def test_a_school_is_led_to_its_public_page_once_it_has_one(home_of):
    school = make.school()
    user = make.school_user(school)
    feed = reverse("public:school_feed", args=[school.uai])
    assert feed not in home_of(user).body
    placements(1, school, 5, 40, state=CalendarState.PUBLISHED)
    assert feed in home_of(user).body
    assert escape(school.get_absolute_url()) in home_of(user).body


# What may be done from here


@pytest.mark.parametrize("role", ROLES)
def test_importing_and_adding_are_offered_to_those_who_may(role, world, home_of):
    urls = {action.url for action in home_of(world(role)).home.actions}
    offered = {
        reverse("admin:calendars_internshipcalendar_import"),
        reverse("admin:calendars_internshipcalendar_add"),
    }
    keeps = role in (Role.ADMINISTRATOR, Role.EDITOR, Role.SCHOOL)
    assert urls & offered == (offered if keeps else set())


# What was done


def test_the_last_imports_and_operations_are_told(home_of, editor):
    imports(editor, 7)
    for _ in range(9):
        make.commune()
    home = home_of(editor).home
    shown, done = home.side[-1], home.below[0]
    assert [item.title for item in shown.items] == ["calendriers.csv"] * 5
    assert shown.items[0].details[:3] == ("calendriers de stages", "1 créée", str(editor))
    assert shown.items[0].badge.text == "2 refusées"
    assert len(done.items) == 8
    assert {item.badge.text for item in done.items} == {"Mise en place"}


def test_what_others_did_is_not_told_to_a_school(home_of, editor):
    imports(editor, 2)
    home = home_of(make.school_user()).home
    assert home.side[-1].items == home.below[0].items == []


# The chart


@pytest.fixture
def chart_of(home_of):
    return lambda user: home_of(user).home.chart


def test_the_chart_counts_the_students_of_each_week_by_state(chart_of, administrator):
    monday = today() - datetime.timedelta(days=today().weekday())
    week = datetime.timedelta(weeks=1)
    school = make.school()
    dates = {"start_on": monday + 2 * week, "end_on": monday + 4 * week}
    make.calendar(school=school, number_of_students=30, state=CalendarState.PUBLISHED, **dates)
    make.calendar(school=school, number_of_students=10, **dates)
    make.calendar(school=school, number_of_students=5, state=CalendarState.WITHDRAWN, **dates)
    chart = chart_of(administrator)
    told = {(column.monday - monday).days // 7: (column.published, column.draft) for column in chart.columns}
    assert told == {each: ((30, 10) if 2 <= each <= 4 else (0, 0)) for each in range(-1, 21)}
    assert [column.monday for column in chart.columns if column.is_current] == [monday]
    column = chart.columns[3]
    assert column.published_height == pytest.approx(3 * column.draft_height, abs=2)
    assert column.draft_y + column.draft_height == column.published_y
    assert chart.top <= column.draft_y


def test_each_bar_leads_to_the_calendars_it_counts(world, client_for, home_of, administrator):
    client = client_for(administrator)
    columns = home_of(administrator).home.chart.columns
    counted = [column for column in columns if column.published and column.draft]
    assert counted
    for column in (columns[0], *counted[:2]):
        for url, number in (
            (column.url, column.total),
            (column.published_url, column.published),
            (column.draft_url, column.draft),
        ):
            rows = client.get(url).context_data["cl"].queryset.order_by()
            assert rows.aggregate(students=Sum("number_of_students", default=0))["students"] == number


def test_the_chart_shades_the_holidays_of_pupils(chart_of, administrator):
    make.calendar()
    make.school_holiday(name="Carnaval", start_on=in_days(14), end_on=in_days(20))
    make.school_holiday(name="Carnaval", population="Enseignants", start_on=in_days(30), end_on=in_days(40))
    chart = chart_of(administrator)
    assert [span.width for span in chart.holidays] == [7 * chart.day_width]
    assert {column.holiday for column in chart.columns} == {"", "Carnaval"}


def test_the_drawing_is_told_in_words_and_as_a_table(home_of, administrator):
    make.calendar(number_of_students=1234)
    response = home_of(administrator)
    body = response.body
    svg = ElementTree.fromstring(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox'
        + body.split("<svg viewBox", 1)[1].split("</svg>", 1)[0]
        + "</svg>"
    )
    named = svg.get("aria-labelledby").split()
    assert [svg.find(f"{SVG}title").get("id"), svg.find(f"{SVG}desc").get("id")] == named
    bars = svg.findall(f"{SVG}a")
    assert len(bars) == len(response.home.chart.columns) == 22
    for bar in bars:
        assert bar.get("aria-label") == bar.find(f"{SVG}title").text
    assert any("1\u202f234 en brouillon" in bar.get("aria-label").replace("\xa0", "\u202f") for bar in bars)
    assert body.count('<th scope="row">') == 22


@pytest.mark.parametrize("peak", [0, 1, 4, 5, 23, 999, 2095, 80_001])
def test_the_scale_of_the_chart_holds_its_highest_bar(peak, chart_of, administrator):
    school = make.school()
    while peak > 0:
        make.calendar(school=school, number_of_students=min(peak, 2000))
        peak -= 2000
    chart = chart_of(administrator)
    numbers = [number for _y, number in chart.lines]
    assert numbers == [chart.step * line for line in range(1, 5)]
    assert chart.peak <= numbers[-1]
    assert chart.peak <= 4 or chart.peak > numbers[-1] * 0.6


# The page that welcomes people


def test_a_profile_says_what_it_lacks_and_leads_there(home_of):
    profile = make.student(domain="Commerce", skills=["Vente"])
    response = home_of(profile.user)
    shown, account = response.home.profiles
    assert shown.percent == 40
    assert set(shown.missing) == {"Niveau de qualification", "Présentation", "Commune"}
    assert shown.url == reverse("admin:accounts_studentprofile_change", args=[profile.pk])
    assert account.missing == ("Téléphone",)
    assert "Votre profil n’est montré à personne" in response.body


def test_a_full_profile_is_full():
    row = StudentProfile(domain="Commerce", bio="Bonjour")
    assert completeness(row, ("domain", "bio")).percent == 100
    assert [field.name for field in completeness(row, ("domain", "skills", "commune")).missing] == [
        "skills",
        "commune",
    ]


@pytest.mark.parametrize("role", [role for role in ROLES if role not in STAFF_ROLES])
def test_an_account_without_a_profile_is_told_so_and_has_ways_on(role, home_of, client_for):
    user = make.user(role)
    response = home_of(user)
    assert "rattaché à aucune fiche" in response.body
    client = client_for(user)
    links = Links(response.body).found
    assert reverse("admin:accounts_user_change", args=[user.pk]) in links
    assert {client.get(url).status_code for url in links} == {200}


def test_a_company_reads_whether_it_is_shown(home_of):
    shown, hidden, outside = (
        make.company(partner=True),
        make.company(partner=True, is_visible_on_partners_page=False),
        make.company(),
    )
    assert shown.get_absolute_url() in home_of(make.company_user(shown)).body
    assert "Vous avez choisi de ne pas paraître" in home_of(make.company_user(hidden)).body
    assert "n’est pas partenaire" in home_of(make.company_user(outside)).body


def test_a_driver_whose_licence_has_ended_is_told_so(home_of):
    assert "permis a pris fin" in home_of(make.driver(licence_expires_on=in_days(-1)).user).body
    assert "permis a pris fin" not in home_of(make.driver(licence_expires_on=today()).user).body


def test_unread_notices_are_counted_and_others_left_out(home_of):
    user = make.company_user()
    notices(user, 6, mail_state=MailState.SENT)
    notices(user, 2, mail_state=MailState.SENT, read_at=timezone.now())
    notices(make.company_user(), 3, mail_state=MailState.SENT)
    [block] = [block for block in home_of(user).home.side if block.title == "Avis non lus"]
    assert (block.number, len(block.items)) == (6, 4)


def test_people_outside_see_public_placements_alone(home_of, student_user):
    school = make.school()
    [public] = placements(1, school, 5, 40, state=CalendarState.PUBLISHED)
    placements(1, school, 5, 40)
    placements(1, school, 5, 40, state=CalendarState.PUBLISHED, is_visible_to_companies=False)
    placements(1, school, -5, 40, state=CalendarState.PUBLISHED)
    *_internships, asked, block = home_of(student_user).home.main
    assert asked.title == "Mes demandes de logement et de trajet"
    assert [item.url for item in block.items] == [public.get_absolute_url()]


def test_the_page_is_not_open_to_visitors(client):
    response = client.get(reverse("admin:index"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))
