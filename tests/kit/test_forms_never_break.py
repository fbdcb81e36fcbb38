"""Whatever is typed into a form or an address: a sentence, never an error; nothing half written or lost."""

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pratik.accounts.enums import Role
from pratik.accounts.models import User
from tests import factories as make
from tests.conftest import person
from tests.joining.conftest import PASSWORD, SLUGS
from tests.joining.conftest import ask as ask_to_sign_up
from tests.kit.addresses import CASES, World, addresses
from tests.kit.statements import statements, writes
from tests.kit.world import NEW, PAGES, rights, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# Deterministic and small: the values below do most of the work, and every run asks the same.
quick = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)

NASTY = [
    "\x00",
    "Lycée\x00Éboué",
    "\x07\x1b[31m\x7f",
    "\u202eeboué\u202c",
    "مدرسة",
    "\U0001f334" * 60,
    "e\u0301" * 40,
    "x" * 20_000,
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    "٣",
    "½",
    "31/02/2027",
    "0001-01-01",
    "9999-12-31",
    "=1+1 ' OR 1=1 -- <script>alert(1)</script> {{ 7 * 7 }} %00",
    "ligne\r\nligne",
    " \t ",
    "",
    "\ufeff",
]
typed = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
)

# What a refused form may write: the session, and how often somebody has tried.
KEPT_OF_A_REFUSAL = {"django_session", "usersessions_usersession", "security_accessevent", "joining_signup"}
ENGLISH = re.compile(
    r"This field|Enter a|Ensure |Select a valid|Please correct|is not valid|must be |already exists"
)


class Forms(HTMLParser):
    """The forms of a page as a browser would send them, and what the page complains of."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.forms, self.complaints = [], []
        self._form, self._area, self._select, self._complaint = None, None, None, 0
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        told = {name: value or "" for name, value in attributes}
        if self._complaint:
            self._complaint += tag not in ("br", "img", "input", "hr", "use")
        elif self._complains(told):
            self._complaint = 1
            self.complaints.append("")
        if tag == "form":
            self._form = {"method": told.get("method", "get").lower(), "action": told.get("action", "")}
            self._form["fields"], self._form["free"] = {}, set()
            self.forms.append(self._form)
        name = told.get("name", "")
        # The row from which a browser copies further rows is not sent.
        if self._form is None or not name or "disabled" in told or "__prefix__" in name:
            if tag == "option" and self._select and "selected" in told:
                self._form["fields"][self._select] = told.get("value", "")
            return
        kind = told.get("type", "text")
        if tag == "textarea":
            self._area, self._form["fields"][name] = name, ""
            self._form["free"].add(name)
        elif tag == "select":
            self._select = name
            self._form["fields"].setdefault(name, "")
        elif tag == "input" and kind in ("checkbox", "radio"):
            if "checked" in told:
                self._form["fields"][name] = told.get("value", "on")
        elif tag == "input" and kind not in ("submit", "button", "file", "image"):
            self._form["fields"][name] = told.get("value", "")
            if kind not in ("hidden", "password"):
                self._form["free"].add(name)

    def handle_endtag(self, tag):
        if self._complaint:
            self._complaint -= 1
        if tag == "form":
            self._form = None
        if tag == "textarea":
            self._area = None
        if tag == "select":
            self._select = None

    def handle_data(self, data):
        if self._area:
            self._form["fields"][self._area] += data
        if self._complaint:
            self.complaints[-1] += data

    @staticmethod
    def _complains(told):
        names = told.get("class", "").split()
        said = {"errorlist", "pratik-error", "errornote", "error", "errors", "field-error", "form-errors"}
        return bool(said & set(names)) or told.get("role") == "alert" or "text-red-600" in names

    def to_send(self, address):
        """The form that this page is about: the largest of those that are sent back to it."""
        own = [form for form in self.forms if form["method"] == "post" and form["action"] in ("", address)]
        return max(own, key=lambda form: len(form["fields"]), default=None)


def plain(text):
    """A text as a page gives it back: browsers send, and pages hold, one kind of line ending."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


class Form:
    """A form that is open in a browser, to be filled in with anything."""

    def __init__(self, client, address):
        self.client, self.address = client, address
        client.raise_request_exception = False
        page = client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        found = Forms(page.content.decode()).to_send(address)
        assert found, f"{address} has no form"
        self.fields, self.free = found["fields"], found["free"]
        self.names = sorted(set(self.fields) - {"csrfmiddlewaretoken"})
        self.cookies = client.cookies.copy()

    def send(self, changes):
        """Sends it with these changes, judges the answer, and takes back what was written."""
        self.client.cookies = self.cookies.copy()
        with transaction.atomic():
            with statements() as asked:
                response = self.client.post(self.address, {**self.fields, **changes})
            self.judge(changes, response, writes(asked, KEPT_OF_A_REFUSAL))
            transaction.set_rollback(True)

    def judge(self, changes, response, written):
        told = f"{self.address} with {changes!r}"[:600]
        assert response.status_code < 500, (told, getattr(response, "exc_info", None))
        if response.status_code in (301, 302) or response.headers.get("HX-Redirect"):
            return
        assert not written, f"{told} was refused and wrote: {written[0][:100]}"
        if response.status_code in (403, 404, 405, 400):
            return
        page = Forms(response.content.decode())
        said = [" ".join(text.split()) for text in page.complaints if text.split()]
        assert said, f"{told} was refused without a word"
        for sentence in said:
            assert not ENGLISH.search(sentence), (told, sentence)
        again = page.to_send(self.address)
        for name in self.free & set(changes):
            assert again and plain(again["fields"].get(name, "")) == plain(changes[name]), (told, name)


def filled(form, data):
    """Some of the fields with something else in them."""
    chosen = data.draw(st.lists(st.sampled_from(form.names), min_size=1, max_size=12, unique=True))
    return {name: data.draw(typed, label=name) for name in chosen}


def everywhere(form):
    """The same value in every field at once, for each value that has ever broken something."""
    for value in NASTY:
        yield dict.fromkeys(form.free, value)


ADDABLE = [
    model
    for model, page in admin.site._registry.items()
    if "add" in rights(type("Nobody", (), {"role": Role.ADMINISTRATOR}), model)
]
EDITABLE = [
    model for model in PAGES if "change" in rights(type("Nobody", (), {"role": Role.ADMINISTRATOR}), model)
]
named = {"ids": lambda model: model._meta.label_lower}


@pytest.fixture
def console(administrator):
    client = Client()
    client.force_login(administrator)
    return client


@pytest.mark.parametrize("model", ADDABLE, **named)
@quick
@given(data=st.data())
def test_form_of_a_new_row(console, model, data):
    form = Form(console, url(model, "add"))
    form.send(filled(form, data))


@pytest.mark.parametrize("model", EDITABLE, **named)
@quick
@given(data=st.data())
def test_form_of_a_row(console, model, data):
    form = Form(console, url(model, "change", NEW[model]().pk))
    form.send(filled(form, data))


@pytest.mark.parametrize("model", EDITABLE, **named)
def test_every_field_of_a_row_with_each_of_the_worst(console, model):
    form = Form(console, url(model, "change", NEW[model]().pk))
    for changes in everywhere(form):
        form.send(changes)
    # One wrong field can hide what another would break: what no PostgreSQL column holds, in each alone.
    for name in form.free:
        form.send({name: "Lycée\x00Éboué"})


# The way in, and one's own account


def signed_in(account):
    """A browser of somebody who has just given their password."""
    QuerySet(User).filter(pk=account.pk).update(password=make_password(PASSWORD))
    client = Client()
    answer = client.post(reverse("account_login"), {"login": account.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def doors(world):
    """Every address outside the console, as this person is sent to it."""
    for address in addresses():
        if not address.route.startswith("console/") and address.name in CASES:
            yield from {ask.url: None for ask in CASES[address.name](world)}
    if world.is_visitor:
        yield from (reverse("access:sign_up_as", args=[slug]) for slug in SLUGS.values())
        yield reverse("access:invitation", args=[make.invitation().token])


def asked_for_a_code(client):
    """The visitor is at the page where the code of a sign-up is typed."""
    assert ask_to_sign_up(client).status_code == 302
    return reverse("access:sign_up_code")


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.STUDENT, Role.ADMINISTRATOR], ids=str)
def test_every_field_of_the_way_in_with_each_of_the_worst(role):
    world = World(role)
    client = Client() if world.is_visitor else signed_in(world.account)
    client.raise_request_exception = False
    tried, open_to_them = [], [*doors(world), *([asked_for_a_code(client)] if world.is_visitor else [])]
    cookies = client.cookies.copy()
    for address in open_to_them:
        client.cookies = cookies.copy()
        page = client.get(address)
        is_page = page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
        if is_page and Forms(page.content.decode()).to_send(address):
            form = Form(client, address)
            for changes in everywhere(form):
                cache.clear()
                form.send(changes)
            tried.append(address)
    assert len(tried) >= 3, tried


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.STUDENT], ids=str)
@quick
@given(data=st.data())
def test_form_of_the_way_in(db, role, data):
    with transaction.atomic():
        cache.clear()
        is_visitor = role == Role.ANONYMOUS
        client = Client() if is_visitor else signed_in(person(role))
        names = (
            [*map(reverse, ("account_login", "account_reset_password")), asked_for_a_code(client)]
            + [reverse("access:sign_up_as", args=[slug]) for slug in SLUGS.values()]
            if is_visitor
            else [*map(reverse, ("account_change_password", "mfa_activate_totp"))]
        )
        form = Form(client, data.draw(st.sampled_from(names)))
        form.send(filled(form, data))
        transaction.set_rollback(True)


# Files


@pytest.mark.parametrize(
    "name", ["x\x00.csv", "\u202egpj.xlsx", "a" * 300 + ".csv", "../../x.csv", "", "x.exe"]
)
@pytest.mark.parametrize("content", [b"", b"\x00" * 50, b"PK\x03\x04nothing", b"UAI;Nom\n\x00;\xff\xfe\n"])
def test_file_of_an_import(console, name, content):
    for model, page in PAGES.items():
        if hasattr(page, "import_action"):
            console.raise_request_exception = False
            file = SimpleUploadedFile(name or "sans", content)
            response = console.post(url(model, "import"), {"file": file}, follow=True)
            assert response.status_code < 500, (model, getattr(response, "exc_info", None))


# Addresses


PATHS = ["a%00b", "9" * 40, "-1", "%F0%9F%8C%B4", "..%2F..%2Fetc%27", "%FF", "a" * 3000]
VALUES = ["a%00b", "9" * 40, "-1", "%F0%9F%8C%B4%27", "%FF", "1,2", "x" * 3000, "2027-02-31", "%5B%5D"]
PARAMETERS = (
    "q",
    "p",
    "o",
    "all",
    "e",
    "_popup",
    "_to_field",
    "s",
    "extended",
    "page",
    "term",
    "field_name",
    "next",
)


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.ADMINISTRATOR], ids=str)
def test_no_address_breaks_whatever_stands_in_it(role):
    world = World(role)
    client = Client(raise_request_exception=False) if world.is_visitor else signed_in(world.account)
    client.raise_request_exception = False
    wrong = []
    for address in addresses():
        route = re.sub(r"\^|\$|\(\?P<url>\.\*\)", "", address.route)
        if "<" in route:
            for value in PATHS:
                path = "/" + re.sub(r"\(\?P<\w+>[^/]*?\)(?=[-/]|$)|<[^>]*>", value, route)
                ask(client, path, wrong)
    assert not wrong, "\n".join(wrong[:40])


@pytest.mark.parametrize("role", [Role.ANONYMOUS, Role.ADMINISTRATOR], ids=str)
def test_no_question_in_an_address_breaks(role):
    """The boxes and filters of every list, and what else stands after a question mark."""
    world = World(role)
    client = Client() if world.is_visitor else signed_in(world.account)
    client.raise_request_exception = False
    wrong = []
    for page in questions(world):
        own = parameters_of(client.get(page))
        together = sorted({*own, *PARAMETERS})
        for value in VALUES:
            ask(client, f"{page}?" + "&".join(f"{name}={value}" for name in together), wrong)
            # One that is refused hides what another would break: each alone. Those of the console's lists
            # are asked alone in test_lookups.
            if "/console/" not in page:
                for name in own:
                    ask(client, f"{page}?{name}={value}", wrong)
    assert not wrong, "\n".join(wrong[:40])


def questions(world):
    """The pages that read something after the question mark: lists, searches, and the site's own."""
    for model in PAGES:
        if world.may(model, "view"):
            yield url(model, "changelist")
    if not world.is_visitor:
        yield from (reverse("admin:search"), reverse("admin:autocomplete"), reverse("admin:index"))
    yield from dict.fromkeys(doors(world))


def parameters_of(page):
    """What a page is asked: its own filters, the fields of its forms, and what every list has."""
    listed = (getattr(page, "context_data", None) or {}).get("cl")
    filters = (
        {name for spec in listed.filter_specs for name in spec.expected_parameters()} if listed else set()
    )
    if listed and listed.date_hierarchy:
        filters |= {f"{listed.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    fields = set()
    if page.headers.get("Content-Type", "").startswith("text/html") and not page.streaming:
        for form in Forms(page.content.decode("utf-8", "replace")).forms:
            if form["method"] == "get":
                fields |= set(form["fields"])
    return sorted(filters | fields | (set(PARAMETERS) if listed else set()))


def ask(client, address, wrong):
    response = client.get(address)
    if response.status_code >= 500:
        cause = getattr(response, "exc_info", None)
        because = f"{cause[0].__name__}: {str(cause[1])[:120]}" if cause else ""
        wrong.append(f"{address[:160]} {response.status_code} {because}")
