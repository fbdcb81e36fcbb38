"""Every address of PRATIK, as the resolver knows them, with what each person must be answered there.

An address of a page of the console is asked of by the name of its view (`VIEWS`); any other needs a line in
`CASES`. One that has neither is unknown, and fails the build: nobody has said who may open it.
"""

import io
import zipfile
from copy import copy
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import count

from django.apps import apps
from django.conf import settings
from django.contrib.admin import helpers
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from backoffice.base.exports import ExportPages
from backoffice.base.history import HistoryMixin
from backoffice.base.imports.runs import begin
from pratik.access.views.joining import SLUGS
from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.accounts.managers import SYSTEM_EMAIL
from pratik.accounts.models import StudentProfile, User
from pratik.accounts.workflow import CHECKERS
from pratik.calendars.enums import CalendarState
from pratik.calendars.models import InternshipCalendar
from pratik.core.history import HistoryLine
from pratik.core.models import Operation, UndoRun
from pratik.core.uploads import keep_upload
from pratik.internships.models import InternshipOffer, PlacementPaper
from pratik.internships.workflow import SCHOOL_SIDE
from pratik.joining.models import Invitation
from pratik.law.models import LegalParameter
from pratik.living.models import CarpoolOffer, HousingOffer
from pratik.partners.models import CompanyProfile
from pratik.privacy.models import RetentionRun
from pratik.recommendations.enums import RecommendationState, Visibility
from pratik.recommendations.models import InternRecommendation
from pratik.schools.models import SchoolProfile
from pratik.tracking.models import Follow
from tests import factories as make
from tests.conftest import person
from tests.kit.world import NEW, PAGES, expected_of_row, own_row, rights, seen_by

# The start of the word that stands in all that is a stranger's; each row has a word of its own.
MARK = "zanzibar"
_number = count(1).__next__

# Keys that no row has, and what is no key.
NOWHERE = (999_999_999, "abc", "' OR 1=1", "9" * 40)

# What may follow a form that was sent by somebody who has the right: shown again, done, or refused in words.
SENT = frozenset({200, 302, 400, 403, 404, 405, 409, 410, 422, 429})


# Addresses


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver. `name` is what `reverse` knows it by; without one, its route."""

    name: str
    route: str

    @property
    def page(self):
        """The model and the view, for an address of a page of the console; else None."""
        for model in PAGES:
            start = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
            if self.name.startswith(start):
                return model, self.name.removeprefix(start)
            if self.route == f"console/{model._meta.app_label}/{model._meta.model_name}/<path:object_id>/":
                return model, "row"
        return None


@cache
def addresses():
    """Every address of the three doors."""
    return tuple(_walk(get_resolver(), "", ()))


def _walk(resolver, route, spaces):
    for pattern in resolver.url_patterns:
        longer = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, longer, (*spaces, *filter(None, [pattern.namespace])))
        else:
            name = ":".join((*spaces, pattern.name)) if pattern.name else longer
            yield Address(name, longer)


# The world


class World:
    """Somebody of a role, with what is theirs, among rows of strangers that each hold a word of their own."""

    def __init__(self, role):
        self.role = role
        self.account = person(role)
        self.own = {model: own_row(model, self.account) for model in PAGES}
        self.foreign = {model: NEW[model]() for model in PAGES}
        self.marks = {}
        for row in self.foreign.values():
            self.mark(row)
            for account in accounts_of(row):
                self.mark(account)
        self._known = {}

    def as_made(self):
        """The same world, which does not know what a test will make in it."""
        same = copy(self)
        same.marks = dict(self.marks)
        return same

    @property
    def is_visitor(self):
        return not self.account.is_authenticated

    @property
    def is_staff(self):
        return self.role in STAFF_ROLES

    def mark(self, row):
        """Writes a word into every text of a row and of its history that takes any text."""
        word = f"{MARK}{_number()}q"
        values = {}
        for column in row._meta.concrete_fields:
            if isinstance(column, models.EmailField):
                values[column.attname] = f"{word}@example.org"
            elif _takes_words(column):
                values[column.attname] = f"{word} {word.upper()}"[: column.max_length]
        if not values:
            return
        models.QuerySet(type(row)).filter(pk=row.pk).update(**values)
        if hasattr(row, "history"):
            tracked = {column.attname for column in row.history.model._meta.concrete_fields}
            kept = {name: value for name, value in values.items() if name in tracked}
            if kept:
                models.QuerySet(row.history.model).filter(**{row._meta.pk.attname: row.pk}).update(**kept)
        self.marks[word] = row

    def rows(self, model):
        """A row of the person, where their role has one, and a stranger's."""
        return [row for row in (self.own[model], self.foreign[model]) if row is not None]

    def sees(self, row):
        return self._ask("sees", row, lambda: seen_by(self.account, row))

    def knows(self, row):
        """Whether the person sees a row, by whichever of its pages."""
        concrete = row._meta.concrete_model
        return self.sees(row) or (type(row) is not concrete and self.sees(concrete(pk=row.pk)))

    def edits(self, row):
        def editable():
            rows = type(row)._default_manager
            return hasattr(rows, "editable_by") and rows.editable_by(self.account).filter(pk=row.pk).exists()

        return self._ask("edits", row, editable)

    def _ask(self, what, row, ask):
        key = (what, type(row), row.pk)
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]

    def may(self, model, verb):
        return not self.is_visitor and verb in rights(self.account, model)

    def told_of_strangers(self, response):
        """The rows that do not exist for the person and that an answer tells something of."""
        text = " ".join([*map(str, response.headers.values()), text_of(response)]).lower()
        if MARK not in text:
            return []
        return [row for word, row in self.marks.items() if word in text and not self.knows(row)]


def accounts_of(row):
    """The strangers that a row is about."""
    columns = [column for column in row._meta.concrete_fields if column.related_model is User]
    found = [getattr(row, column.name) for column in columns]
    about = getattr(row, "student", None) or getattr(getattr(row, "placement", None), "student", None)
    if isinstance(about, StudentProfile):
        found.append(about.user)
    return [account for account in found if account is not None and account.email != SYSTEM_EMAIL]


def _takes_words(column):
    plain = type(column) in (models.CharField, models.TextField)
    free = not column.choices and not column.unique and column.name not in ("password", "path", "func")
    checks = [check for check in column.validators if type(check).__name__ != "MaxLengthValidator"]
    return plain and free and not checks and (column.max_length or 100) >= 20


def text_of(response):
    """The words of an answer, whatever its form: page, feed, workbook, file."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return " ".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return content.decode("utf-8", "replace")


# What is asked, and what must be answered


@dataclass
class Ask:
    """One request: where, about which row, and the statuses that are right."""

    url: str
    statuses: frozenset
    row: object = None
    sent: dict = field(default_factory=dict)
    after: frozenset | None = None

    @property
    def statuses_when_sent(self):
        """What is right when a form is sent there: a refusal stays the same refusal."""
        if self.after is not None:
            return self.after
        if 200 in self.statuses:
            return SENT
        # Whether the right or the row is asked for first tells nothing: both answers are a refusal.
        return self.statuses | {405} | ({403} if 404 in self.statuses else set())


def sign_in_pages():
    return tuple({reverse("admin:login"), reverse(settings.LOGIN_URL)})


def _of_model(view, *args, model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def _statuses(*numbers):
    return frozenset(numbers)


def _page_with(verb, view):
    """A page about no row in particular, for those who have a verb."""

    def asks(world, model):
        yield Ask(_of_model(view, model=model), _statuses(200 if world.may(model, verb) else 403))

    return asks


def _changelist(world, model):
    url = _of_model("changelist", model=model)
    allowed = _statuses(200 if world.may(model, "view") else 403)
    yield Ask(url, allowed)
    if world.may(model, "view"):
        yield Ask(f"{url}?q={MARK}", allowed)


def _of_rows(expected, view=None):
    """A page of one row; `expected(world, model, row)` gives the statuses that are right."""

    def asks(world, model, view=view):
        for row in world.rows(model):
            yield Ask(_of_model(view, row.pk, model=model), frozenset(expected(world, model, row)), row)
        if world.may(model, "view"):
            nowhere = {404} if view != "delete" else {403, 404}
            for key in NOWHERE if view == "change" else NOWHERE[:1]:
                yield Ask(_of_model(view, key, model=model), frozenset(nowhere))

    return asks


def _history(world, model, row):
    return _with(world, row, "view") if isinstance(PAGES[model], HistoryMixin) else {403, 404}


def _change(world, model, row):
    return _with(world, row, "view")


def _delete(world, model, row):
    return _with(world, row, "delete")


def _with(world, row, verb):
    return {302} if world.is_visitor else expected_of_row(world.account, row, verb)


def _verb(world, model, row, transition):
    if not world.sees(row):
        return {404}
    return {200} if world.role in transition.who else {403}


def _revert(world, model):
    for row in world.rows(model):
        line = row.history.order_by("history_id").first()
        statuses = {404}
        if line is not None and world.sees(row):
            statuses = {200} if _may_change(world, model, row) else {403}
        line_id = line.history_id if line is not None else 1
        yield Ask(_of_model("revert", row.pk, line_id, model=model), frozenset(statuses), row)


def _may_change(world, model, row):
    if model is Follow and world.role == Role.STUDENT and not row.is_active:
        # What a follow shows is chosen with the agreement, and changed while that lasts.
        return False
    return world.may(model, "change") and row.edit_refusal() is None and world.edits(row)


def _undo(world, model):
    for row in world.rows(model):
        statuses = {404}
        if world.sees(row):
            # An operation that can't be taken back is told so on its own page.
            statuses = {200, 302} if world.edits(row) else {403}
        yield Ask(_of_model("undo", row.pk, model=model), frozenset(statuses), row)


def _undo_run(view, *, sent=False):
    """A page of what the cluster did to take an operation back; with `sent`, one that is only sent to."""

    def asks(world, model):
        for row in world.rows(model):
            values = {"owner": row.actor, "language": "fr", "rows_total": 7, "finished_at": timezone.now()}
            UndoRun.objects.get_or_create(operation=row, defaults=values | {"error": "Rien n’a changé."})
            own = world.edits(row)
            found = (405 if sent else 200) if own else 403
            after = SENT if sent and own else None
            address = _of_model(view, row.pk, model=model)
            yield Ask(address, _statuses(found if world.sees(row) else 404), row, after=after)

    return asks


def _template(world, model):
    for suffix in ("xlsx", "csv", "exe"):
        found = 200 if suffix != "exe" else 404
        allowed = _statuses(found if world.may(model, "import") else 403)
        yield Ask(_of_model("import_template", suffix, model=model), allowed)


def _upload(view, *, read_by_cluster=False, sent=False):
    """A page of a file that was sent; with `sent`, one that is only sent to, and never read."""

    def asks(world, model):
        right = world.may(model, "import")
        for upload, own in uploads_of(world, model, read_by_cluster):
            found = (405 if sent else 200) if own else 404
            after = SENT if sent and right and own else None
            address = _of_model(view, upload.pk, model=model)
            yield Ask(address, _statuses(found if right else 403), upload, after=after)

    return asks


def uploads_of(world, model, read_by_cluster=False):
    """A file that the person sent for this page, and one that a stranger sent, as (upload, is own)."""
    kept = world.__dict__.setdefault("uploads", {})
    if (model, read_by_cluster) not in kept:
        stranger = person(Role.EDITOR)
        owners = [stranger] if world.is_visitor else [world.account, stranger]
        file = {"purpose": model._meta.label_lower, "name": "liste.csv", "content": b"Nom;Ville\nA;B\n"}
        found = [(keep_upload(owner=owner, **file), owner is not stranger) for owner in owners]
        if read_by_cluster:
            for upload, _own in found:
                begin(upload)
        world.mark(found[-1][0])
        kept[model, read_by_cluster] = found
    return kept[model, read_by_cluster]


def _export(world, model):
    right = world.may(model, "export")
    allowed = _statuses(200 if right else 403)
    sent = {}
    if isinstance(PAGES[model], ExportPages):
        resource = PAGES[model].resource_classes[0]
        names = resource(actor=world.account).fields
        sent = {f"{resource.__name__.lower()}_{name}": "on" for name in names}
    for number in ("0", "1"):
        yield Ask(
            _of_model("export", model=model),
            allowed,
            sent={"format": number, "resource": "0", **sent},
            after=_statuses(200 if right else 403),
        )


def _row(world, model):
    """The short address of a row leads to the long one, whoever asks and whether it exists or not."""
    opts = model._meta
    for row in world.rows(model):
        yield Ask(f"/console/{opts.app_label}/{opts.model_name}/{row.pk}/", _statuses(301, 302, 405))


def _invite(world, model):
    """The way from a list of people to the form that invites another."""
    yield Ask(_of_model("invite", model=model), _statuses(302 if world.may(Invitation, "add") else 403))


def _review(world, model, row):
    """Those who check documents look at them; their owner sees them elsewhere."""
    if not world.sees(row):
        return {404}
    return {200} if world.role in CHECKERS else {403}


def _file(world, model, row):
    """The way to a file is its owner's, and of those who check it; a signed copy is all the parties'."""
    if not world.may(model, "view"):
        return {403}
    if not world.sees(row):
        return {404}
    if model is PlacementPaper:
        return {302 if row.has_file else 410}
    return {302} if world.role in CHECKERS or row.owner_id == world.account.pk else {403}


def _by_token(*args):
    """A token that nobody was given opens nothing, and says so."""

    def asks(world, model, view):
        yield Ask(_of_model(view, "x", *args, model=model), _statuses(403))

    return asks


def _next(world, model):
    """Taking the next document is no page, and changes something."""
    after = _statuses(302 if world.role in CHECKERS else 403)
    yield Ask(_of_model("next", model=model), _statuses(405 if world.role in CHECKERS else 403), after=after)


def _ask(world, model, view="ask"):
    """Students ask for what is on the site; whoever has asked is led to what they asked."""
    offers = model._meta.get_field("offer").related_model
    cases = [(row.pk, 404, row) for row in world.rows(offers)] + [(999_999_999, 404, None)]
    cases.append((world.foreign[model].offer_id, 200, None))
    if world.own[model] is not None:
        cases.append((world.own[model].offer_id, 302, None))
    for pk, status, row in cases:
        statuses = _statuses(status if world.role == Role.STUDENT else 403)
        yield Ask(_of_model(view, pk, model=model), statuses, row)


def _others(world, model):
    """Whoever has a place takes other applications back; nobody here has one yet."""
    for row in (*world.rows(model), None):
        pk = row.pk if row is not None else 999_999_999
        statuses = _statuses(404 if world.role == Role.STUDENT else 403)
        yield Ask(_of_model("others", pk, model=model), statuses, row)


def _cv(world, model, row):
    """A company reads the CVs that it was sent, and those who keep the data; here none was sent."""
    if not world.may(model, "view"):
        return {403}
    if not world.sees(row):
        return {404}
    return {410} if world.role in KEEPERS | {Role.COMPANY, Role.STUDENT} else {403}


def _bound(who=frozenset(Role)):
    """The papers of an internship are made by the parties to it that write it, `who` of them."""

    def expected(world, model, row):
        if not world.sees(row):
            return {404}
        return {200} if world.may(model, "change") and world.edits(row) and world.role in who else {403}

    return expected


def _on_paper(world, model, row):
    """A recommendation is on paper once the person agreed; nobody here did."""
    return {404}


def _override(world, model):
    """Schools, and those who keep the data, set a rule aside; one that has nothing to say needs it not."""
    make.legal_parameters()
    cases = [(row.pk, code, row) for row in world.rows(model) for code in ("age", "nulle-part")]
    for pk, code, row in [*cases, (999_999_999, "age", None)]:
        statuses = {404}
        if row is not None and world.sees(row):
            statuses = {403}
            if world.edits(row) and world.role in SCHOOL_SIDE:
                statuses = {200 if code == "age" else 302}
        yield Ask(_of_model("override", pk, code, model=model), frozenset(statuses), row)


def _reinstate(world, model):
    """The same people have a rule hold again; none is set aside here, so they are led back."""
    for row in (*world.rows(model), None):
        statuses = {404}
        if row is not None and world.sees(row):
            statuses = {302 if world.edits(row) and world.role in SCHOOL_SIDE else 403}
        pk = row.pk if row is not None else 999_999_999
        yield Ask(_of_model("reinstate", pk, "age", model=model), frozenset(statuses), row)


def _capacity(world, model, view):
    """The weeks of the hosts, for schools and the team but for verifiers; for a company, its own."""
    allowed = (world.is_staff and world.role != Role.VERIFIER) or world.role in (Role.COMPANY, Role.SCHOOL)
    for query in ("", f"?q={MARK}&avec=1&debut=2027-01-04", "?commune=%00&debut=x&page=9e9"):
        yield Ask(_of_model(view, model=model) + query, _statuses(200 if allowed else 403))


def _places(world, model):
    """The places that a host has left, for those who choose the host of a placement."""
    allowed = world.role in SCHOOL_SIDE
    for query in ("", "?company=1&first=2027-01-04&last=2027-02-05", "?company=%00&first=x&last=9999-12-31"):
        yield Ask(_of_model("places", model=model) + query, _statuses(200 if allowed else 403))


def _copy(world, model, row):
    return _with(world, row, "add")


def _preview(world, model):
    """What is being written is sent there, and drawn; nothing is there to be read."""
    may = world.may(model, "add")
    yield Ask(_of_model("preview", model=model), _statuses(405 if may else 403), after=SENT if may else None)


def _candidates(world, model):
    """Those whom one may ask to follow are for companies alone."""
    yield Ask(_of_model("candidates", model=model), _statuses(200 if world.role == Role.COMPANY else 403))


def _request_to_follow(world, model):
    """Companies ask students within their reach; the others do not exist for them."""
    reached = make.student(is_public=True)
    for pk, status in ((reached.pk, 200), (world.foreign[model].student_id, 404), (999_999_999, 404)):
        statuses = _statuses(status if world.role == Role.COMPANY else 403)
        yield Ask(_of_model("request", pk, model=model), statuses)


def _process_import(world, model):
    yield Ask(_of_model("process_import", model=model), _statuses(403, 404, 405))


VIEWS = {
    "changelist": _changelist,
    "add": _page_with("add", "add"),
    "change": _of_rows(_change, "change"),
    "history": _of_rows(_history, "history"),
    "delete": _of_rows(_delete, "delete"),
    "revert": _revert,
    "undo": _undo,
    "undo_progress": _undo_run("undo_progress"),
    "undo_figures": _undo_run("undo_figures"),
    "undo_cancel": _undo_run("undo_cancel", sent=True),
    "undo_resume": _undo_run("undo_resume", sent=True),
    "export": _export,
    "import": _page_with("import", "import"),
    "import_template": _template,
    "import_preview": _upload("import_preview"),
    "import_refused": _upload("import_refused"),
    "import_progress": _upload("import_progress", read_by_cluster=True),
    "import_cancel": _upload("import_cancel", read_by_cluster=True, sent=True),
    "import_resume": _upload("import_resume", read_by_cluster=True, sent=True),
    "process_import": _process_import,
    "row": _row,
    "invite": _invite,
    "review": _of_rows(_review, "review"),
    "file": _of_rows(_file, "file"),
    "open": partial(_by_token(), view="open"),
    "page": partial(_by_token(1), view="page"),
    "next": _next,
    "photos": _of_rows(_change, "photos"),
    "ask": _ask,
    "apply": partial(_ask, view="apply"),
    "others": _others,
    "cv": _of_rows(_cv, "cv"),
    "cv_open": partial(_by_token(), view="cv_open"),
    "cv_page": partial(_by_token(1), view="cv_page"),
    "copy": _of_rows(_copy, "copy"),
    "preview": _preview,
    "pdf": _of_rows(_change, "pdf"),
    "agreement": _of_rows(_bound(SCHOOL_SIDE), "agreement"),
    "amendment": _of_rows(_bound(SCHOOL_SIDE), "amendment"),
    "certificate": _of_rows(_bound(), "certificate"),
    "override": _override,
    "reinstate": _reinstate,
    **{view: partial(_capacity, view=view) for view in ("capacity", "capacity_xlsx", "capacity_csv")},
    "places": _places,
    "on_paper": _of_rows(_on_paper, "on_paper"),
    "candidates": _candidates,
    "request": _request_to_follow,
}


def asks_of_page(world, model, view):
    """The requests of one view of a page; none for a view that nobody has said anything of."""
    workflow = getattr(model, "workflow", None)
    for transition in workflow.transitions if workflow else ():
        if transition.verb == view:

            def expected(world, model, row, transition=transition):
                return _verb(world, model, row, transition)

            return list(_of_rows(expected, view)(world, model))
    return list(VIEWS[view](world, model)) if view in VIEWS else []


# Addresses that are no page of a model


def _everyone(name, *args, statuses=(200,), query="", **options):
    """An address for which it does not matter who asks."""

    def asks(world):
        yield Ask(reverse(name, args=args) + query, _statuses(*statuses), **options)

    asks.open_to_visitors = True
    return asks


def _accounts(name, *args, statuses=(200,), query="", **options):
    """An address for everybody who has an account."""

    def asks(world):
        yield Ask(reverse(name, args=args) + query, _statuses(*statuses), **options)

    return asks


def _team(name, *args):
    """A page of the platform's team."""

    def asks(world):
        yield Ask(reverse(name, args=args), _statuses(200 if world.is_staff else 403))

    return asks


def _page_of(model, name, *args):
    """A page that whoever may see the rows of a model may open."""

    def asks(world):
        yield Ask(reverse(name, args=args), _statuses(200 if world.may(model, "view") else 403))

    return asks


def _own(name, *args, statuses=(200, 302), sent=None):
    """A page of one's own account: a visitor is shown the way in."""

    def asks(world):
        expected = _statuses(302, 405) if world.is_visitor else _statuses(*statuses)
        after = _statuses(302, 403, 405) if world.is_visitor else SENT
        yield Ask(reverse(name, args=args), expected, sent=sent or {}, after=after)

    return asks


def _on_account(name, *, oneself):
    """What an administrator alone does to another's account; `oneself` is the answer about their own."""

    def case(world):
        for row in (*world.rows(User), User(pk=999_999_999)):
            address = reverse(name, args=[row.pk])
            known = row if row.email else None
            if world.is_visitor:
                yield Ask(address, _statuses(302))
            elif world.role != Role.ADMINISTRATOR:
                yield Ask(address, _statuses(403), known)
            else:
                found = oneself if row == world.account else 200
                yield Ask(address, _statuses(found if known else 404), known)

    return case


def _papers(world):
    """One's own papers; the team has none."""
    yield Ask(reverse("admin:verification_papers"), _statuses(403 if world.is_staff else 200))


def _papers_of(world):
    """The papers of an account, for those who check them: the team's accounts have none."""
    for row in (*world.rows(User), User(pk=999_999_999)):
        allowed = 200 if row.email and not row.is_staff else 404
        statuses = _statuses(allowed if world.role in CHECKERS else 403)
        yield Ask(
            reverse("admin:verification_papers_of", args=[row.pk]), statuses, row if row.email else None
        )


def _app_list(world):
    for label in sorted({model._meta.app_label for model in PAGES}):
        open_to = any(world.may(model, "view") for model in PAGES if model._meta.app_label == label)
        yield Ask(reverse("admin:app_list", args=[label]), _statuses(200 if open_to else 404))


def _search(world):
    for query in (f"?s={MARK}", f"?s={MARK}&extended=1", "?s=%00&extended=1", "?s=a&extended=1&page=9e9", ""):
        yield Ask(reverse("admin:search") + query, _statuses(200))


def _autocomplete(world):
    """Every pointer of every model, whether or not a page has a box for it."""
    for model in (model for model in apps.get_models() if not issubclass(model, HistoryLine)):
        for column in model._meta.get_fields():
            target = getattr(column, "related_model", None)
            if column.concrete and target in PAGES:
                allowed = world.may(target, "view") and PAGES[target].search_fields
                yield Ask(
                    f"{reverse('admin:autocomplete')}?app_label={model._meta.app_label}"
                    f"&model_name={model._meta.model_name}&field_name={column.name}",
                    _statuses(200) if allowed else _statuses(403, 404),
                )


def _unknown(world):
    """What is no address is a 404, with Django's own short way to a row's page on the site."""
    for model in PAGES:
        kind = ContentType.objects.get_for_model(model)
        for row in world.rows(model):
            yield Ask(f"/console/r/{kind.pk}/{row.pk}/", _statuses(404), row)
    yield Ask("/console/nulle-part/", _statuses(404))
    yield Ask("/console/calendars/nulle-part/1/", _statuses(404))


def _public_rows(name, model, build):
    """A page of the site: for a row that is public, and for one that is not."""

    def asks(world):
        for row in (world.own[model], world.foreign[model]):
            if row is not None:
                shown = model.objects.public().filter(pk=row.pk).exists()
                yield Ask(reverse(name, args=build(row)), _statuses(200 if shown else 404), row)

    asks.open_to_visitors = True
    return asks


def _public_listing(name, model, answers="requests"):
    """A page of the site about a listing: for one that is online, and for drafts."""

    def asks(world):
        for row in world.rows(model):
            yield Ask(row.get_absolute_url(), _statuses(404), row)
        online = world.foreign[model._meta.get_field(answers).related_model].offer
        yield Ask(online.get_absolute_url(), _statuses(200))
        yield Ask(reverse(name, args=[online.pk, "autre-nom"]), _statuses(301))

    asks.open_to_visitors = True
    return asks


def _public_recommendations(world):
    """What a company wrote is read by all once the person let everybody read it, and by nobody before."""
    for row in world.rows(InternRecommendation):
        yield Ask(reverse("public:recommendation", args=[row.pk]), _statuses(404), row)
    shown = make.recommendation(state=RecommendationState.ACCEPTED, visibility=Visibility.PUBLIC)
    yield Ask(reverse("public:recommendation", args=[shown.pk]), _statuses(200))
    yield Ask(reverse("public:recommendation", args=[999_999_999]), _statuses(404))


_public_recommendations.open_to_visitors = True


def _school_feed(world):
    """The feed of a school that has something public in it, and of one that has not."""
    calendar = world.__dict__.get("published") or make.calendar(state=CalendarState.PUBLISHED)
    world.published = calendar
    yield Ask(reverse("public:school_feed", args=[calendar.school.uai]), _statuses(200))
    for row in (world.own[SchoolProfile], world.foreign[SchoolProfile]):
        if row is not None:
            shown = InternshipCalendar.objects.public().filter(school=row).exists()
            yield Ask(reverse("public:school_feed", args=[row.uai]), _statuses(200 if shown else 404), row)


_school_feed.open_to_visitors = True


def _files(name):
    """A file that was sent in private is never among those that are shown to all."""

    def asks(world):
        for upload, _own in uploads_of(world, Operation):
            for path in (upload.file.name, f"../private/{upload.file.name}", f"{upload.file.name}.png"):
                yield Ask(reverse(name, args=[path]), _statuses(404), upload)

    asks.open_to_visitors = True
    return asks


def selection(rows):
    """Rows as they are ticked in a list."""
    return {helpers.ACTION_CHECKBOX_NAME: [row.pk for row in rows]}


_public = {
    name: _everyone(name)
    for name in (
        "public:home",
        "public:partners",
        "public:calendars",
        "public:calendar_feed",
        "public:offers",
        "public:recommendations",
        "public:lodgings",
        "public:trips",
        "public:verify",
        "public:about",
        "public:healthz",
        "public:robots",
        "public:sitemap",
    )
}

CASES = {
    # The console
    "admin:index": _accounts("admin:index"),
    "admin:app_list": _app_list,
    "admin:search": _search,
    "admin:autocomplete": _autocomplete,
    "admin:login": _everyone("admin:login", statuses=(200, 302)),
    "admin:logout": _accounts("admin:logout", statuses=(200, 302, 405)),
    "admin:password_change": _accounts("admin:password_change", statuses=(200, 302)),
    "admin:password_change_done": _accounts("admin:password_change_done"),
    "admin:jsi18n": _accounts("admin:jsi18n"),
    "admin:roles": _team("admin:roles"),
    "admin:roles_xlsx": _team("admin:roles_xlsx"),
    "admin:roles_csv": _team("admin:roles_csv"),
    "console/(?P<url>.*)$": _unknown,
    **{
        name: _page_of(RetentionRun, name)
        for name in ("admin:privacy_register", "admin:privacy_register_xlsx", "admin:privacy_register_csv")
    },
    "admin:law_rules": _page_of(LegalParameter, "admin:law_rules"),
    "admin:verification_papers": _papers,
    "admin:notifications_preferences": _accounts("admin:notifications_preferences", after=SENT),
    "admin:notifications_read_all": _accounts("admin:notifications_read_all", statuses=(405,), after=SENT),
    "admin:verification_papers_of": _papers_of,
    "admin:privacy_overdue": _page_of(RetentionRun, "admin:privacy_overdue", "idle_accounts"),
    # The way in, and one's own account
    **{
        name: _everyone(name, statuses=(200, 302))
        for name in (
            "account_login",
            "account_logout",
            "account_reset_password",
            "account_reset_password_done",
            "account_reset_password_from_key_done",
            "mfa_authenticate",
            "access:sign_up",
            "access:sign_up_code",
        )
    },
    "access:sign_up_as": _everyone("access:sign_up_as", next(iter(SLUGS)), statuses=(200, 302)),
    "access:resend_code": _everyone("access:resend_code", statuses=(405,), after=SENT),
    "access:welcome": _own("access:welcome", statuses=(200,)),
    "access:unsubscribe": _everyone("access:unsubscribe", "x", statuses=(410,)),
    "access:invitation": _everyone("access:invitation", "x", statuses=(410,)),
    "account_reset_password_from_key": _everyone(
        "account_reset_password_from_key", "1", "set-password", statuses=(200, 302)
    ),
    **{
        name: _own(name)
        for name in (
            "access:claim",
            "access:security",
            "access:my_data",
            "access:my_data_erasure",
            "account_change_password",
            "mfa_index",
            "mfa_activate_totp",
            "usersessions_list",
        )
    },
    # Who has neither a password nor a second factor has nothing to confirm by.
    **{
        name: _own(name, statuses=(200, 302, 403))
        for name in ("account_reauthenticate", "mfa_reauthenticate")
    },
    # Nor is there anything to take away, to see or to make.
    **{
        name: _own(name, statuses=(200, 302, 404))
        for name in (
            "mfa_deactivate_totp",
            "mfa_view_recovery_codes",
            "mfa_generate_recovery_codes",
            "mfa_download_recovery_codes",
        )
    },
    **{name: _own(name, statuses=(405,)) for name in ("access:come_back", "access:my_data_erasure_withdraw")},
    "access:my_data_download": _own("access:my_data_download", statuses=(405,), sent={"format": "json"}),
    "access:my_data_consent": _own("access:my_data_consent", "x", statuses=(405,), sent={"answer": "give"}),
    "access:act_for": _on_account("access:act_for", oneself=200),
    "access:take_second_factor_away": _on_account("access:take_second_factor_away", oneself=404),
    # The site
    **_public,
    "public:verified": _everyone("public:verified", "ABCDEFGHJKMNPQRS", statuses=(404,)),
    "public:partner": _public_rows("public:partner", CompanyProfile, lambda row: [row.slug]),
    "public:calendar": _public_rows("public:calendar", InternshipCalendar, lambda row: [row.pk, row.slug]),
    "public:calendar_event": _public_rows("public:calendar_event", InternshipCalendar, lambda row: [row.pk]),
    "public:school_feed": _school_feed,
    "public:lodging": _public_listing("public:lodging", HousingOffer),
    "public:trip": _public_listing("public:trip", CarpoolOffer),
    "public:offer": _public_listing("public:offer", InternshipOffer, "applications"),
    "public:recommendation": _public_recommendations,
    "public:media": _files("public:media"),
    "public:thumbnail": _files("public:thumbnail"),
    "public:favicon": _everyone("public:favicon", statuses=(200, 302)),
    "set_language": _everyone("set_language", statuses=(302, 405), sent={"language": "en"}),
}
