"""An internship from its offer to what is said of it: a company, the team, a student, a school, a visitor."""

import datetime
import json
import re
import time

import pypdfium2
import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import expect

from pratik.accounts.enums import Role
from pratik.internships.enums import ApplicationState, OfferState, PaperState, PlacementState
from pratik.internships.models import Application, HostTutor, InternshipOffer, Placement, PlacementPaper
from pratik.internships.services import start_and_complete
from pratik.papers.enums import PaperKind
from pratik.papers.reports import written_code
from pratik.recommendations.enums import RecommendationState
from pratik.recommendations.models import InternRecommendation
from tests import documents
from tests import factories as make
from tests.kit.queue import run_queue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDE, TELEPHONE = {"width": 1366, "height": 800}, {"width": 390, "height": 844}
CONSOLE = "/console/internships/"
SPRING = datetime.datetime(2027, 4, 12, 13, 0, tzinfo=datetime.UTC)
# Four weeks with the tenth of June in them, which is a public holiday in French Guiana.
FIRST, LAST = datetime.date(2027, 5, 31), datetime.date(2027, 6, 25)
HOURS = "133 h"
PAID = "598,50 €"
TITLE = "Aide-monteur en panneaux solaires"
# The articles of the agreement, in the order of the mentions of article D124-4.
MENTIONS = (
    "Formation suivie",
    "Personnes chargées du suivi",
    "Compétences à acquérir ou à développer",
    "Activités confiées",
    "Dates et durée",
    "Présence dans l’organisme d’accueil",
    "Encadrement et suivi",
    "Gratification",
    "Protection sociale et responsabilité civile",
    "Absences et congés",
    "Suspension et résiliation",
    "Validation en cas d’interruption",
    "Avantages",
    "Règlement intérieur",
    "Attestation de stage",
)


class Clock:
    """The clock of the server, which a test sets; from there it goes on as any clock."""

    def __init__(self, moment):
        self.set(moment)

    def set(self, moment):
        self.start, self.since = moment, time.monotonic()

    def now(self):
        return self.start + datetime.timedelta(seconds=time.monotonic() - self.since)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that stands in April 2027 when the story begins."""
    clock = Clock(SPRING)
    monkeypatch.setattr(timezone, "now", clock.now)
    return clock


@pytest.fixture(autouse=True)
def nothing_remembered():
    """No test inherits what another one asked."""
    cache.clear()


@pytest.fixture
def cayenne(db):
    return make.commune("Cayenne")


@pytest.fixture
def school(cayenne):
    make.legal_parameters()
    make.paper_templates()
    make.public_holiday(day=datetime.date(2027, 6, 10), name="Abolition de l’esclavage")
    return make.school(
        name="Lycée Melkior et Garré", address="Route de Montabo", postcode="97300", commune=cayenne
    )


@pytest.fixture
def company(cayenne):
    return make.company(
        partner=True,
        name="Soleil de Rémire",
        address="14 rue des Ibis",
        postcode="97300",
        commune=cayenne,
        headcount=12,
    )


@pytest.fixture
def student(school):
    """Seventeen years old, enrolled at the school for this year, as both have confirmed."""
    account = make.user(Role.STUDENT, first_name="Maëlys", last_name="Agelas", email="maelys@example.org")
    profile = make.student(user=account, born_on=datetime.date(2009, 9, 14))
    make.enrolment(student=profile, school=school, program_name="Bac pro MELEC", class_group="1re MELEC 2")
    return account


@pytest.fixture
def people(company, school, student):
    """Whoever has a part in the story."""
    return {
        "company": make.company_user(company, first_name="Aïcha", last_name="N’Guyen"),
        "school": make.school_user(school, first_name="Solange", last_name="Ho-A-Chuck"),
        "student": student,
        "editor": make.user(Role.EDITOR),
    }


class Story:
    """What the people of the story do, each in a browser that has their session."""

    def __init__(self, page, sign_in, people, folder):
        self.page, self._sign_in, self.people, self.folder = page, sign_in, people, folder
        self.broken = []
        page.on("pageerror", self._note)
        page.set_viewport_size(WIDE)

    def _note(self, error):
        """Our own scripts never break; those of the console's framework are not ours to mend."""
        if re.search("/static/(backoffice|public)/", error.stack or ""):
            self.broken.append(error.stack)

    def as_(self, who):
        """From here on the browser is this person's; a visitor's without one."""
        self.page.context.clear_cookies()
        if who:
            self._sign_in(self.people[who])

    def goto(self, path):
        self.page.goto(path)

    def picture(self, name):
        """The page wide and on a telephone, light and dark; nothing stands outside the window."""
        # Until their font is there, icons are the words by which they are called.
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            self.page.evaluate(
                "dark => document.documentElement.classList.toggle('dark', dark)", scheme == "dark"
            )
            for told, size in (("large", WIDE), ("telephone", TELEPHONE)):
                self.page.set_viewport_size(size)
                self.page.wait_for_timeout(200)
                width = self.page.evaluate("document.documentElement.scrollWidth")
                assert width <= size["width"], (name, scheme, told, width)
                self.page.screenshot(path=self.folder / f"stage-{name}-{told}-{scheme}.png", full_page=True)
        self.page.emulate_media(color_scheme="light")
        self.page.evaluate("document.documentElement.classList.remove('dark')")
        self.page.set_viewport_size(WIDE)

    def fill(self, **boxes):
        """Types into boxes by their names; a tab that hides one is opened as a person would."""
        for name, value in boxes.items():
            self._shown(name).fill(value)

    def choose(self, name, value):
        self._shown(name).select_option(value)

    def look_up(self, name, typed, found):
        """Chooses a row in a box that searches as one types."""
        box = self.page.locator(f"select[name={name}] + .select2 .select2-selection")
        self._open_tab_of(box.first)
        box.first.click()
        self.page.locator(".select2-search__field").last.fill(typed)
        self.page.get_by_role("option", name=re.compile(re.escape(found))).click()

    def _shown(self, name):
        box = self.page.locator(f"[name='{name}']")
        self._open_tab_of(box)
        return box

    def _open_tab_of(self, box):
        box.wait_for(state="attached")
        if box.is_visible():
            return
        panel = box.evaluate("box => box.closest('[role=tabpanel]')?.id")
        if panel:
            self.page.locator(f"[aria-controls='{panel}']").click()

    def save(self):
        self.page.get_by_role("button", name="Enregistrer", exact=True).click()

    def press(self, label):
        """Presses the button of a step; the page then asks."""
        self.page.get_by_role("link", name=label, exact=True).click()
        self.page.wait_for_selector("#confirm_form")

    def confirm(self):
        self.page.locator("#confirm_form button[type=submit]").click()
        self.page.wait_for_selector("#confirm_form", state="detached")

    def step(self, label):
        self.press(label)
        self.confirm()

    def pdf_of(self, link):
        """The text of the PDF that a link downloads, each page in its order."""
        with self.page.expect_download() as download:
            link.click()
        return read(download.value.path())


def read(path):
    """The text of a PDF, as words with single spaces."""
    document = pypdfium2.PdfDocument(path)
    try:
        told = " ".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()
    return " ".join(told.replace("\u00ad", "").split())


def body(page):
    return " ".join(page.locator("body").inner_text().split())


@pytest.fixture
def story(page, sign_in, people, screenshots):
    return Story(page, sign_in, people, screenshots)


def offer_it(story):
    """The company writes an offer and proposes it; the team publishes it."""
    page = story.page
    story.as_("company")
    story.goto(f"{CONSOLE}internshipoffer/add/")
    story.fill(
        title=TITLE,
        description="Poser des panneaux avec l’équipe\nPréparer le câblage au sol",
        skills="Lire un schéma électrique",
        start_on=f"{FIRST:%d/%m/%Y}",
        end_on=f"{LAST:%d/%m/%Y}",
        stipend_hourly="4.50",
        apply_until="30/04/2027",
        questions="Avez-vous le vertige ?",
    )
    story.choose("kind", "work_placement_period")
    story.look_up("commune", "cayenne", "Cayenne")
    page.check("[name=asks_for_cv]")
    page.keyboard.press("Escape")
    story.picture("offre-nouvelle")
    story.save()
    offer = InternshipOffer.objects.get()
    address = f"{CONSOLE}internshipoffer/{offer.pk}/change/"
    story.goto(address)
    story.step("Proposer")
    assert page.request.get(offer.get_absolute_url()).status == 404

    story.as_("editor")
    story.goto(address)
    story.step("Publier")
    offer.refresh_from_db()
    assert offer.state == OfferState.PUBLISHED
    return offer


def read_it(story, offer):
    """A visitor finds the offer, with what search engines read of it."""
    page = story.page
    story.as_(None)
    story.goto("/offres/")
    story.picture("offres")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    posting = json.loads(page.locator("script[type='application/ld+json']").inner_text())
    assert posting["@type"] == "JobPosting" and posting["title"] == TITLE
    assert posting["hiringOrganization"]["name"] == "Soleil de Rémire"
    story.picture("offre")
    page.get_by_role("link", name="Postuler", exact=True).click()
    page.wait_for_url("**/connexion/?next=**")


def apply_for_it(story, offer, folder):
    """The student applies, with a letter, a CV and an answer."""
    page = story.page
    (folder / "cv.pdf").write_bytes(documents.text_pdf("Maëlys Agelas, élève en bac pro MELEC"))
    story.as_("student")
    story.goto(offer.get_absolute_url())
    page.get_by_role("link", name="Postuler", exact=True).click()
    page.get_by_label("Lettre de motivation").fill("Je monte déjà les lampes de la maison.")
    page.get_by_label("Avez-vous le vertige").fill("Non, j’ai grandi sur les toits.")
    story.picture("postuler")
    page.set_input_files("input[name=cv]", folder / "cv.pdf")
    page.get_by_role("button", name="Envoyer ma candidature").click()
    expect(page.get_by_text("Votre candidature est envoyée")).to_be_visible()
    story.picture("candidature-envoyee")
    row = Application.objects.get()
    assert row.answers == [["Avez-vous le vertige ?", "Non, j’ai grandi sur les toits."]]
    assert row.cv
    return row


def take_them(story, application):
    """The company reads, invites to an interview, then accepts; the placement is drafted."""
    page = story.page
    address = f"{CONSOLE}application/{application.pk}/change/"
    story.as_("company")
    story.goto(address)
    expect(page.get_by_text("Je monte déjà les lampes de la maison.")).to_be_visible()
    expect(page.get_by_text("Non, j’ai grandi sur les toits.")).to_be_visible()
    assert "maelys@example.org" not in body(page), "an address is told once there is an interview"
    story.picture("candidature")
    story.press("Inviter à un entretien")
    page.fill("[name=interview_at]", "2027-04-19T14:30")
    page.fill("[name=place]", "À l’atelier")
    story.picture("entretien")
    story.confirm()
    story.goto(address)
    assert "maelys@example.org" in body(page)
    story.step("Accepter")
    application.refresh_from_db()
    assert application.state == ApplicationState.ACCEPTED
    run_queue()
    row = Placement.objects.get()
    assert (row.state, row.school.name) == (PlacementState.DRAFTED, "Lycée Melkior et Garré")
    return row


def agree_as_host(story, address):
    """The company names a tutor, completes the week and the activities, and agrees."""
    page = story.page
    story.goto(f"{CONSOLE}hosttutor/add/")
    story.fill(
        first_name="Rodrigue", last_name="Étienne", job_title="Chef d’équipe", email="rodrigue@example.org"
    )
    story.save()
    assert HostTutor.objects.get().company.name == "Soleil de Rémire"

    story.goto(f"{CONSOLE}placement/")
    story.picture("stages-entreprise")
    story.goto(address)
    expect(page.get_by_text("À vous : désignez le tuteur")).to_be_visible()
    story.picture("stage-prepare")
    for day in range(5):
        for number, (start, end) in enumerate((("08:00", "12:00"), ("13h", "16:00"))):
            story.fill(**{f"schedule_{day}_{number}_from": start, f"schedule_{day}_{number}_to": end})
    # A day that ends before it begins is refused by its name, and nothing typed is lost.
    story.fill(schedule_4_1_to="12:30")
    story.look_up("tutor", "etienne", "Rodrigue Étienne")
    story.fill(
        activities="Poser des panneaux sur le toit de l’atelier\nPréparer le câblage au sol",
        supervision="Un point chaque vendredi avec le tuteur et l’enseignant.",
        stipend_payment="À la fin de chaque mois, par virement.",
        benefits="Repas de midi pris en charge",
        internal_rules="Casque et harnais dès l’entrée du chantier.",
        host_representative="Aïcha N’Guyen",
        host_representative_role="gérante",
    )
    story.save()
    expect(page.locator(".errorlist").filter(has_text=re.compile("vendredi", re.I)).first).to_be_visible()
    expect(page.locator("[name=schedule_4_1_to]")).to_have_value("12:30")
    story.picture("horaires-refuses")
    story.fill(schedule_4_1_to="16:00")
    story.save()
    page.wait_for_url("**/placement/")
    row = Placement.objects.get()
    assert row.hours == 133 and row.days == 19, "the tenth of June is not worked"
    story.goto(address)
    story.press("Donner l’accord de l’organisme d’accueil")
    story.picture("accord")
    story.confirm()
    assert Placement.objects.get().state == PlacementState.HOST_AGREED


def agree_as_school(story, address):
    """The school completes the mentions that it owes, names the teacher and agrees."""
    page = story.page
    story.as_("school")
    story.goto(f"{CONSOLE}referentteacher/add/")
    story.fill(
        first_name="Marie-Ève", last_name="Lœwen", subject="Génie électrique", email="loewen@example.org"
    )
    story.save()
    story.goto(address)
    expect(page.get_by_text("À vous : complétez la convention")).to_be_visible()
    story.picture("droit")
    expect(page.locator("[name=schedule_0_0_from]")).to_have_count(0)
    story.press("Donner l’accord de l’établissement")
    expect(page.locator("#confirm_form [role=alert]")).to_contain_text("enseignant référent")
    story.goto(address)
    story.look_up("teacher", "loewen", "Marie-Ève Lœwen")
    story.fill(
        leave_rules="Convocations aux examens.",
        social_protection="Assurance maladie, comme ayant droit.",
        validation_rules="La période peut se compléter en septembre.",
        student_insurer="MAIF",
        student_policy="1234567 A",
        student_address="4 avenue des Palétuviers, 97300 Cayenne",
        program_hours="840 heures par année",
        school_representative="Solange Ho-A-Chuck",
        school_representative_role="proviseure",
        representative_first_name="Jean-Noël",
        representative_last_name="Agelas",
        representative_email="pere@example.org",
    )
    story.choose("representative_relation", "father")
    story.picture("parties")
    story.save()
    page.wait_for_url("**/placement/")
    story.goto(address)
    story.step("Donner l’accord de l’établissement")
    assert Placement.objects.get().state == PlacementState.SCHOOL_AGREED


def sign_it(story, address, folder):
    """The school makes the agreement; it is read, signed, and its copy kept."""
    page = story.page
    story.goto(address)
    story.step("Établir la convention")
    paper = PlacementPaper.objects.get()
    assert paper.kind == PaperKind.AGREEMENT
    story.goto(address)
    story.picture("convention-etablie")
    text = story.pdf_of(page.locator(".placement-papers").get_by_role("link", name="PDF"))
    for said in (
        paper.number,
        written_code(paper.code),
        "Maëlys Agelas",
        "14 septembre 2009",
        "Jean-Noël Agelas",
        "Soleil de Rémire",
        "Aïcha N’Guyen",
        "Lycée Melkior et Garré",
        "Solange Ho-A-Chuck",
        "Rodrigue Étienne",
        "Marie-Ève Lœwen",
        "31 mai 2027",
        "25 juin 2027",
        HOURS,
        PAID,
        "Casque et harnais",
        *(f"Article {number} — {heading}" for number, heading in enumerate(MENTIONS, start=1)),
    ):
        assert said in text, said
    page.locator(".placement-papers").get_by_role("link", name=re.compile(paper.number)).click()
    story.picture("document")

    # A signature is noted once there is something to sign; its copy is looked into.
    page.get_by_role("link", name="Verser la copie signée").click()
    story.picture("copie-signee")
    for name, content in (("signee.pdf", documents.HTML), ("signee.pdf", documents.text_pdf("Signée."))):
        (folder / name).write_bytes(content)
        page.set_input_files("input[name=file]", folder / name)
        page.get_by_role("button", name="Verser la copie signée").click()
        if content is documents.HTML:
            expect(page.locator(".pratik-error").filter(has_text=re.compile(r"\w"))).to_have_count(1)
    expect(page.get_by_text("La copie signée est gardée avec le document.")).to_be_visible()
    paper.refresh_from_db()
    assert paper.state == PaperState.SIGNED
    story.goto(address)
    story.press("Noter la signature")
    story.picture("signature")
    story.confirm()
    assert Placement.objects.get().state == PlacementState.SIGNED
    return paper


def certify_it(story, address, clock):
    """The internship begins and ends by its days; the company makes the certificate."""
    page = story.page
    for moment, state in (
        (FIRST, PlacementState.RUNNING),
        (LAST, PlacementState.RUNNING),
        (LAST + datetime.timedelta(days=1), PlacementState.COMPLETED),
    ):
        clock.set(datetime.datetime.combine(moment, datetime.time(13), datetime.UTC))
        start_and_complete()
        assert Placement.objects.get().state == state
    story.as_("company")
    story.goto(address)
    expect(page.get_by_text("Le stage est terminé : remettez l’attestation")).to_be_visible()
    story.picture("stage-termine")
    page.get_by_role("link", name="Établir l’attestation").click()
    page.fill("[name=absence_hours]", "7")
    page.fill("[name=stipend_paid]", "567")
    story.picture("attestation")
    page.get_by_role("button", name="Établir l’attestation").click()
    expect(page.locator(".placement-papers tbody tr")).to_have_count(2)
    paper = PlacementPaper.objects.get(kind=PaperKind.CERTIFICATE)
    row = page.locator(".placement-papers tr").filter(has_text=paper.number)
    text = story.pdf_of(row.get_by_role("link", name="PDF"))
    for said in (
        paper.number,
        "Maëlys Agelas",
        "31 mai 2027",
        "25 juin 2027",
        "126 h",
        "18 jours",
        "567,00 €",
    ):
        assert said in text, said
    return paper


def recommend_them(story, address):
    """The company recommends; the student consents, in public and under the whole name."""
    page = story.page
    story.goto(address)
    page.get_by_role("link", name="Recommander ce stagiaire").click()
    expect(page.locator("[name=placement]")).to_have_value(str(Placement.objects.get().pk))
    story.choose("rating", "5")
    page.check("[name=autonomy]")
    story.fill(
        skills_validated="Poser un panneau",
        recommended_domains="Énergie",
        comment="Du soin, et le mot pour rire sur le toit.",
    )
    story.picture("recommander")
    story.save()
    row = InternRecommendation.objects.get()
    mine = f"/console/recommendations/internrecommendation/{row.pk}/change/"
    story.goto(mine)
    story.step("Envoyer à l’étudiant")
    assert page.request.get(f"/recommandations/{row.pk}/").status == 404

    story.as_("student")
    story.goto(mine)
    story.press("Accepter")
    page.check("[name=visibility][value=public]")
    page.check("[name=name][value=full]")
    story.picture("consentement")
    story.confirm()
    row.refresh_from_db()
    assert row.state == RecommendationState.ACCEPTED
    story.goto(mine)
    story.picture("recommandation-acceptee")
    return row, mine


def test_from_the_offer_to_the_recommendation(story, clock, tmp_path):
    page = story.page
    offer = offer_it(story)
    read_it(story, offer)
    placement = take_them(story, apply_for_it(story, offer, tmp_path))
    address = f"{CONSOLE}placement/{placement.pk}/change/"
    agree_as_host(story, address)
    agree_as_school(story, address)
    agreement = sign_it(story, address, tmp_path)
    certificate = certify_it(story, address, clock)
    recommendation, mine = recommend_them(story, address)

    # Every visitor reads it, and every code is known.
    story.as_(None)
    story.goto("/recommandations/")
    expect(page.get_by_text("Maëlys Agelas")).to_be_visible()
    story.picture("recommandations")
    story.goto(f"/recommandations/{recommendation.pk}/")
    expect(page.get_by_text("Du soin, et le mot pour rire sur le toit.")).to_be_visible()
    story.picture("recommandation")
    for code, said in (
        (agreement.code, agreement.number),
        (certificate.code, certificate.number),
        (recommendation.code, "Maëlys Agelas"),
    ):
        story.goto(f"/verifier/{code}/")
        expect(page.get_by_text("Document authentique")).to_be_visible()
        expect(page.locator(".verification-found")).to_contain_text(said)
    story.picture("verifier")

    # What was agreed to is taken back: the page is gone, and its paper says so.
    story.as_("student")
    story.goto(mine)
    story.step("Retirer mon accord")
    story.as_(None)
    story.goto("/recommandations/")
    assert "Maëlys Agelas" not in body(page)
    assert page.request.get(f"/recommandations/{recommendation.pk}/").status == 404
    story.goto(f"/recommandations/{recommendation.pk}/")
    story.picture("introuvable")
    story.goto(f"/verifier/{recommendation.code}/")
    assert page.get_by_text("Document authentique").count() == 0
    assert "Du soin, et le mot pour rire" not in body(page)
    assert story.broken == []


def test_a_school_sets_a_rule_aside_and_amends_the_host_looks_at_its_weeks(story, school, company):
    page = story.page
    tutor = make.host_tutor(company=company)
    running = make.placement(
        school=school,
        company=company,
        tutor=tutor,
        state=PlacementState.SIGNED,
        start_on=datetime.date(2027, 4, 19),
        end_on=datetime.date(2027, 5, 14),
    )
    agreement = make.placement_paper(placement=running, state=PaperState.SIGNED)
    # Seven months full time at one host: more than the law allows in a year of study.
    long_one = make.placement(
        school=school,
        company=company,
        tutor=tutor,
        start_on=datetime.date(2027, 9, 6),
        end_on=datetime.date(2028, 4, 14),
        stipend_hourly="4.50",
    )
    story.as_("school")
    story.goto(f"{CONSOLE}placement/")
    expect(page.get_by_text("1 blocage")).to_be_visible()
    story.picture("stages-ecole")

    story.goto(f"{CONSOLE}placement/{long_one.pk}/change/")
    story.picture("stage-bloque")
    page.get_by_role("link", name="Écarter cette règle, avec un motif").click()
    page.get_by_role("button", name="Écarter cette règle pour ce stage").click()
    expect(page.get_by_text("Donnez un motif.")).to_be_visible()
    story.picture("ecarter")
    page.get_by_label("Motif").fill("Accord du rectorat du 3 avril 2027.")
    page.get_by_role("button", name="Écarter cette règle pour ce stage").click()
    expect(page.get_by_text("Accord du rectorat du 3 avril 2027.")).to_be_visible()
    story.picture("regle-ecartee")

    story.goto(f"{CONSOLE}placement/{running.pk}/change/")
    page.get_by_role("link", name="Proposer un avenant").click()
    expect(page.get_by_label("Dernier jour")).to_have_value("2027-05-14")
    # Seven months more: told one by one, with the box to set aside what may be.
    page.get_by_label("Dernier jour").fill("2027-12-17")
    page.get_by_label("Motif de l’avenant").fill("Le chantier finit plus tard.")
    page.get_by_role("button", name="Proposer l’avenant").click()
    expect(page.locator(".pratik-findings li").first).to_be_visible()
    story.picture("avenant-droit")
    page.get_by_label("Motif de l’avenant").fill("")
    page.get_by_label("Dernier jour").fill("2027-05-21")
    page.get_by_role("button", name="Proposer l’avenant").click()
    expect(page.locator(".pratik-error").filter(has_text="Donnez un motif.")).to_be_visible()
    expect(page.get_by_label("Dernier jour")).to_have_value("2027-05-21")
    story.picture("avenant")
    page.get_by_label("Motif de l’avenant").fill("Le chantier finit plus tard.")
    page.get_by_role("button", name="Proposer l’avenant").click()
    expect(page.locator(".placement-papers tbody tr")).to_have_count(2)
    story.picture("stage-avenant")
    paper = PlacementPaper.objects.get(kind=PaperKind.AMENDMENT)
    assert paper.amends == agreement

    def last_day():
        return Placement.objects.get(pk=running.pk).end_on.isoformat()

    assert last_day() == "2027-05-14", "nothing changes before all parties signed"
    row = page.locator(".placement-papers tr").filter(has_text=paper.number)
    text = story.pdf_of(row.get_by_role("link", name="PDF"))
    for said in (
        paper.number,
        agreement.number,
        "14 mai 2027",
        "21 mai 2027",
        "Le chantier finit plus tard.",
    ):
        assert said in text, said
    row.get_by_role("link", name=re.compile(paper.number)).click()
    story.picture("document-avenant")
    story.goto(f"/verifier/{paper.code}/")
    expect(page.get_by_text("Avenant proposé")).to_be_visible()
    assert page.get_by_text("Document authentique").count() == 0
    story.picture("verifier-avenant-propose")

    story.as_("company")
    story.goto(f"{CONSOLE}placement/{running.pk}/change/")
    story.picture("stage-avenant-a-accepter")
    page.get_by_role("link", name="Donner l’accord de l’organisme d’accueil").first.click()
    story.picture("avenant-accord")
    page.get_by_role("button", name="Donner l’accord de l’organisme d’accueil").click()
    assert last_day() == "2027-05-14"
    story.as_("school")
    story.goto(f"{CONSOLE}placement/{running.pk}/change/")
    page.locator("#amendment-heading ~ .pratik-buttons").get_by_role(
        "link", name="Noter la signature"
    ).click()
    story.picture("avenant-signature")
    page.get_by_role("button", name="Noter la signature").click()
    expect(page.get_by_text("le stage le suit")).to_be_visible()
    assert last_day() == "2027-05-21"
    story.picture("stage-avenant-signe")
    story.goto(f"/verifier/{paper.code}/")
    expect(page.get_by_text("Document authentique")).to_be_visible()

    story.goto(f"{CONSOLE}placement/add/")
    story.picture("stage-nouveau")
    story.goto(f"{CONSOLE}placementpaper/")
    story.picture("documents")

    story.as_("company")
    story.goto(f"{CONSOLE}placement/")
    page.get_by_role("link", name="Capacité d’accueil, semaine par semaine").click()
    expect(page.get_by_role("rowheader", name="Soleil de Rémire")).to_be_visible()
    story.picture("capacite")
    assert story.broken == []


@pytest.mark.parametrize("who", [None, "student"])
def test_a_page_that_is_gone_fits_a_telephone(story, who):
    page = story.page
    story.as_(who)
    page.set_viewport_size(TELEPHONE)
    for language in ("fr", "en"):
        story.goto("/recommandations/404/")
        expect(page.locator("html")).to_have_attribute("lang", language)
        page.screenshot(path=story.folder / f"stage-introuvable-{who}-{language}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE["width"]
        page.locator("form.language button").first.click()
