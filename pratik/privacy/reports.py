"""What is held about one person, and what is kept longer than it should be: answers made from the ledger."""

import datetime
import json
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, Min, OuterRef, Q, Value
from django.db.models.functions import Cast, Coalesce, Greatest, Lower
from django.db.models.lookups import In
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pratik.accounts.enums import ERASED_DOMAIN
from pratik.accounts.models import User
from pratik.core.calendar import CAYENNE, months_after
from pratik.core.devices import device_name
from pratik.core.enums import HistoryType
from pratik.core.history import tracked_models
from pratik.core.text import fold
from pratik.core.workflow import verb_label
from pratik.notifications.enums import UNSETTLED, NoticeKind
from pratik.notifications.models import Notice

from .enums import Said
from .ledger import CONSENTS, LINES
from .models import ErasureRequest

SHOWN = 20


# Whom it is about


@dataclass(frozen=True)
class Person:
    """Somebody as the tables know them: the key of their account, if any, and their addresses."""

    pk: int | None
    addresses: frozenset
    names: frozenset = frozenset()
    pseudonym: str = ""
    # Their telephone numbers, and the other addresses that contacts of theirs have.
    details: frozenset = frozenset()


def person_of(account):
    """The person behind an account, with every address and name that it ever had.

    An address that has since become another account's is no longer theirs.
    """
    lines = [account, *account.history.only("email", "first_name", "last_name")]
    addresses = {line.email for line in lines if line.email}
    taken = User.objects.filter(email__in=addresses).exclude(pk=account.pk)
    return Person(
        pk=account.pk,
        addresses=frozenset(addresses - set(taken.values_list("email", flat=True))),
        names=_names(lines),
        # Kept in the database beside other people's names, so it is the same in every language.
        pseudonym=f"Compte effacé n°\u00a0{account.pk}",
    )


def person_of_contact(contact):
    """The person behind a school's contact who has no account."""
    lines = [contact, *contact.history.only("email", "first_name", "last_name")]
    taken = User.objects.filter(email=contact.email)
    return Person(
        pk=None,
        addresses=frozenset({contact.email} - set(taken.values_list("email", flat=True))),
        names=_names(lines),
        pseudonym=f"Contact effacé n°\u00a0{contact.pk}",
    )


def _names(lines):
    """The full names: a first or a last name alone is somebody else's too often to look for it."""
    return frozenset(
        f"{line.first_name} {line.last_name}" for line in lines if line.first_name and line.last_name
    )


def named(person):
    """The same person with every name, number and address that a row about them gives them, as a tutor, a
    teacher or a contact of a school: what others may have written of them.
    """
    lines = []
    for line in LINES:
        if "last_name" in line.fields:
            rows = list(rows_about(line, person))
            lines += rows
            if has_history(line):
                lines += history_about(line, person, [row.pk for row in rows])
    numbers = {number for line in lines if (number := getattr(line, "phone", ""))}
    written = {text for number in numbers for text in (number.as_national, number.as_e164, str(number))}
    addresses = {line.email for line in lines if line.email and not line.email.endswith(ERASED_DOMAIN)}
    return replace(
        person,
        names=person.names | _names(lines),
        details=frozenset(written | addresses - person.addresses),
    )


def model_of(line):
    """The model of a line of the ledger."""
    return apps.get_model(line.model)


def line_of(model):
    """The line of the ledger of a model, named as the ledger does."""
    return next(line for line in LINES if line.model == model)


def holds_address(column, person):
    """The condition that a column holds an address of this person, in capitals or not.

    Addresses are lower-case: PostgreSQL, comparing without case, would take somebody else's « ı » for « i ».
    """
    return Q(In(Lower(column), sorted(person.addresses)))


def about(line, person):
    """The condition on a model's columns, and on those of its history, for being about this person."""
    condition = Q(pk__in=[])
    for column in line.people:
        if person.pk is not None:
            name = model_of(line)._meta.pk.attname if column == "pk" else column
            condition |= Q(**{name: person.pk})
    for column in line.addresses:
        theirs = holds_address(column, person)
        for other in line.people:
            theirs &= Q(**{other: None}) | Q(**{other: person.pk})
        condition |= theirs
    if line.generic and person.pk is not None:
        model, key = line.generic
        condition |= Q(**{model: User._meta.label_lower, key: str(person.pk)})
    return condition


def naming(model, line, person):
    """The condition on a model's rows, or on those of its history, whose free texts may name this person:
    rows about them, and those of organisations and placements in which they have a part.
    """
    leading = [Q(**{column: person.pk}) for column in line.named if person.pk is not None]
    leading += [holds_address(column, person) for column in line.named_at if person.addresses]
    condition = about(line, person)
    if leading:
        condition |= Q(pk__in=models.QuerySet(model).filter(reduce(or_, leading)).values("pk"))
    return condition


def rows_about(line, person):
    """The rows of a line that are about this person, whoever may see them otherwise."""
    return models.QuerySet(model_of(line)).filter(about(line, person))


def history_about(line, person, pks):
    """The history of these rows, and of rows that are gone and were about this person; oldest first."""
    history = model_of(line).history.model
    key = model_of(line)._meta.pk.attname
    condition = about(line, person) if "pk" not in line.people else Q(pk__in=[])
    lines = models.QuerySet(history).filter(Q(**{f"{key}__in": pks}) | condition)
    return lines.order_by("history_id")


def has_history(line):
    return line.model in tracked_models()


def mentioning(rows, columns, person, theirs):
    """Those of these rows whose texts, or what they are searched by, hold an address of this person; their
    names and numbers count only in rows that are `theirs`, a condition.
    """
    json_columns = {
        name for name in columns if isinstance(rows.model._meta.get_field(name), models.JSONField)
    }

    def holding(words):
        conditions = [
            Q(**{f"{column}__icontains": text})
            for column in columns
            for word in words
            # Some databases keep JSON with its letters escaped.
            for text in ({word, json.dumps(word)[1:-1]} if column in json_columns else {word})
        ]
        if is_searched(rows.model):
            conditions += [Q(search_text__contains=fold(word)) for word in words]
        return reduce(or_, conditions, Q(pk__in=[]))

    return rows.filter(holding(person.addresses) | (holding(person.names | person.details) & theirs))


def is_searched(model):
    """Whether rows of this model keep what they are searched by."""
    return any(field.name == "search_text" for field in model._meta.concrete_fields)


# What does an erasure leave as it is?


def free_of_duty(line, rows):
    """These rows of a line, or of its history, without those that no erasure touches before their term."""
    if line.kept_under_duty is None:
        return rows
    model = model_of(line)
    kept = models.QuerySet(model).filter(line.kept_under_duty.rows)
    return rows.exclude(**{f"{model._meta.pk.attname}__in": kept.values("pk")})


@dataclass(frozen=True)
class Kept:
    """Rows that an erasure leaves as they are: how many, and the last to go, as (row, last day)."""

    number: int
    last: list

    @property
    def more(self):
        return self.number - len(self.last)


def kept_under_duty(person):
    """What an erasure of this person leaves as it is, about them or naming them, and until when."""
    person, number, last = named(person), 0, []
    for line in LINES:
        if (duty := line.kept_under_duty) is None:
            continue
        rule = next(rule for rule in line.rules if rule.code == duty.until)
        rows = models.QuerySet(model_of(line))
        naming_them = mentioning(rows, line.mentions, person, naming(rows.model, line, person))
        theirs = about(line, person) | Q(pk__in=naming_them.values("pk"))
        kept = governed(line, rule).filter(duty.rows).filter(theirs).order_by("-held_since", "pk")
        number += kept.count()
        last += [(row, last_day(rule, row.held_since)) for row in kept[:SHOWN]]
    return Kept(number, sorted(last, key=lambda found: found[1], reverse=True)[:SHOWN])


# What is held about me?


@dataclass(frozen=True)
class Datum:
    """One value: `key` and `value` for programs, `label` and `text` for people."""

    key: str
    label: str
    value: object
    text: str
    # What only programs read: a key, a total.
    is_for_programs: bool = False

    @property
    def is_blank(self):
        return self.value is None or self.value in ("", [])


@dataclass
class Version:
    """One line of history: when, what was done, by whom (never by name), and what differed from before."""

    at: datetime.datetime
    kind: str
    kind_label: str
    by: str
    by_label: str
    data: list


@dataclass
class Record:
    """One row about a person, with its history."""

    pk: object
    data: list
    versions: list = field(default_factory=list)


@dataclass
class Group:
    """All that one line of the ledger holds about a person."""

    line: object
    records: list
    number: int

    @property
    def more(self):
        return self.number - len(self.records)


def held_about(account, *, most=None):
    """All that the platform holds about the person behind an account, line by line of the ledger.

    Other people stand in it by their role alone. With `most`, each group shows its most recent rows only;
    a file has them all. A fixed number of queries for each line, whatever the rows.
    """
    person = person_of(account)
    groups = [_group(line, person, most) for line in LINES if line.people or line.addresses]
    return [group for group in groups if group.number]


def _group(line, person, most):
    rows = rows_about(line, person).order_by("-pk")
    number = rows.count() if most else None
    rows = list(rows[:most]) if most else list(rows)
    versions = {}
    if has_history(line):
        key = model_of(line)._meta.pk.attname
        lines = history_about(line, person, [row.pk for row in rows])
        if most:
            lines = lines.filter(**{f"{key}__in": [row.pk for row in rows]})
        for entry in lines.select_related("operation"):
            versions.setdefault(getattr(entry, key), []).append(entry)
    teller = _Teller(line, person)
    teller.meet([*rows, *(entry for entries in versions.values() for entry in entries)])
    records = [Record(row.pk, teller.data(row), teller.versions(versions.pop(row.pk, ()))) for row in rows]
    # What is gone still has its history.
    records += [Record(pk, [], teller.versions(entries)) for pk, entries in versions.items()]
    return Group(line, records, max(number or 0, len(records)))


class _Teller:
    """Says the rows of one line to the person they are about."""

    def __init__(self, line, person):
        self.line = line
        self.person = person
        model = model_of(line)
        unsaid = {*line.unsaid, *getattr(model, "derived_fields", ())}
        self.fields = [field for field in model._meta.concrete_fields if field.name not in unsaid]
        self.accounts, self.related = {}, {}

    def meet(self, rows):
        """Looks up the rows that these point at; one query for each kind of them."""
        wanted = {}
        for row in rows:
            for target in self.fields:
                if target.is_relation and (pk := getattr(row, target.attname, None)) is not None:
                    wanted.setdefault(target.related_model, set()).add(pk)
            if (author := getattr(row, "history_user_id", None)) is not None:
                wanted.setdefault(User, set()).add(author)
        if people := wanted.pop(User, None):
            self.accounts = {user.pk: user for user in User.objects.filter(pk__in=people)}
        for model, pks in wanted.items():
            self.related[model] = {row.pk: row for row in models.QuerySet(model).filter(pk__in=pks)}

    def who(self, pk):
        """(code, words) for an account: the person themselves, or somebody by their role alone."""
        if pk == self.person.pk:
            return "self", _("vous")
        if pk not in self.accounts:
            return "nobody", _("personne")
        if self.accounts[pk].email.endswith("@systeme.pratik.invalid"):
            return "platform", _("la plateforme")
        role = self.accounts[pk].role
        return str(role), str(role.label)

    def data(self, row):
        return [datum for target in self.fields if (datum := self._datum(row, target)) is not None]

    def versions(self, entries):
        told, before = [], None
        tracked = {target.name for target in entries[0].tracked_fields} if entries else set()
        for entry in entries:
            fields = [target for target in self.fields if target.name in tracked and not target.primary_key]
            if entry.history_type == HistoryType.CHANGED and before is not None:
                fields = [f for f in fields if getattr(entry, f.attname) != getattr(before, f.attname)]
            by, by_label = self.who(entry.history_user_id)
            kind = HistoryType(entry.history_type)
            told.append(
                Version(
                    at=entry.history_date,
                    kind=kind.name.lower(),
                    kind_label=str(kind.label),
                    by=by,
                    by_label=by_label,
                    data=[datum for f in fields if (datum := self._datum(entry, f)) is not None],
                )
            )
            before = entry
        return told

    def _datum(self, row, target):
        datum = self._plain_datum(row, target)
        if datum is None:
            return None
        how = Said.NOT if target.primary_key else self.line.said.get(target.name)
        if how == Said.NOT:
            return replace(datum, is_for_programs=True)
        # What is hidden or somebody else's stays as it is.
        if how is None or datum.is_blank or datum.value != getattr(row, target.attname):
            return datum
        return replace(datum, text=self._in_words(how, row, datum.value))

    @staticmethod
    def _in_words(how, row, value):
        if how == Said.AS_DEVICE:
            return device_name(value)
        if how == Said.AS_VERB:
            return str(verb_label(row.subject, value))
        try:
            return str(capfirst(apps.get_model(value)._meta.verbose_name))
        except (LookupError, ValueError):
            # The platform has it no more.
            return value

    def _plain_datum(self, row, target):
        name, value = target.name, getattr(row, target.attname)
        if isinstance(target, models.FileField):
            value = str(value)
        label = str(capfirst(self.line.labels.get(name, target.verbose_name)))
        if name in self.line.secrets:
            return Datum(name, label, bool(value), _("conservé, jamais montré")) if value else None
        if value and name in self.line.whose:
            keys = (getattr(row, row._meta.get_field(owner).attname) for owner in self.line.whose[name])
            pk = next(filter(None, keys), None)
            # What was typed before anybody was known is what the person was found by.
            if pk != self.person.pk and (pk is not None or name not in self.line.addresses):
                return Datum(name, label, *self.who(pk))
        if value and name in self.line.of_target and self._is_about_another(row):
            return Datum(name, label, None, "–")
        if value is None or value == "" or value == []:
            return Datum(name, label, None if value is None else value, "–")
        if target.is_relation and target.related_model is User:
            return Datum(name, label, *self.who(value))
        if target.is_relation:
            found = self.related.get(target.related_model, {}).get(value)
            text = str(found) if found is not None else _("n° %(number)s") % {"number": value}
            return Datum(name, label, {"id": value, "name": text}, text)
        if target.choices:
            return Datum(name, label, value, str(dict(target.flatchoices).get(value, value)))
        return Datum(name, label, _plain(value), words(value))

    def _is_about_another(self, row):
        """Whether the row that this one names is not the person's account; a list is nobody's."""
        model, key = (getattr(row, column) for column in self.line.generic)
        return bool(key) and (model, key) != (User._meta.label_lower, str(self.person.pk))


def _plain(value):
    """A value as JSON has it."""
    if isinstance(value, bool | int | float | str | list | dict):
        return value
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value, CAYENNE).isoformat()
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def words(value):
    """A plain value for people: oui, 05/01/2027, a | b."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime.datetime):
        return formats.date_format(timezone.localtime(value, CAYENNE), "SHORT_DATETIME_FORMAT")
    if isinstance(value, datetime.date):
        return formats.date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, list):
        return " | ".join(str(item) for item in value)
    if isinstance(value, dict):
        return " | ".join(f"{key}\u00a0: {item}" for key, item in value.items())
    return str(value)


def as_json(account, *, now):
    """What is held about a person as plain values under keys that stay: the portable file of article 20."""
    return {
        "format": "pratik.my-data/1",
        "made_at": _plain(now),
        "account": {"id": account.pk, "email": account.email},
        "groups": [
            {
                "model": group.line.model,
                "title": str(group.line.title),
                "purpose": str(group.line.purpose),
                "legal_basis": f"6(1)({group.line.basis})",
                "legal_basis_label": str(group.line.basis.label),
                "kept": str(group.line.kept),
                "source": str(group.line.source),
                "rows": [
                    {
                        "id": record.pk,
                        "values": {datum.key: datum.value for datum in record.data},
                        "history": [
                            {
                                "at": _plain(version.at),
                                "kind": version.kind,
                                "by": version.by,
                                "values": {datum.key: datum.value for datum in version.data},
                            }
                            for version in record.versions
                        ],
                    }
                    for record in group.records
                ],
            }
            for group in held_about(account)
        ],
        "consents": [
            {
                "code": given.consent.code,
                "title": str(given.consent.title),
                "given": given.is_given,
                "since": _plain(given.since) if given.since else None,
            }
            for given in consents_of(account)
        ],
    }


# What did I agree to?


@dataclass(frozen=True)
class Given:
    """A consent as it stands: given or not, and since when."""

    consent: object
    row: object
    is_given: bool
    since: datetime.datetime | None


def consents_of(account):
    """What this person can agree to, whether they do, and since when, as the history tells."""
    found = []
    for consent in CONSENTS:
        model = apps.get_model(consent.model)
        row = account if model is User else models.QuerySet(model).filter(user=account).first()
        if row is None:
            continue
        answer, since = getattr(row, consent.field), None
        values = row.history.order_by("-history_id").values_list(consent.field, "history_date")
        for value, moment in values.iterator():
            if value != answer:
                break
            since = moment
        found.append(Given(consent, row, answer, since))
    return found


# What waits for an answer?


def erasures_to_answer(user):
    """Which requests to erase data, among those I may see, wait for an answer? The most pressing first."""
    rows = ErasureRequest.objects.visible_to(user).open().select_related("user", "contact")
    return rows.order_by("due_on", "pk")


# What is kept longer than it should be?


def all_rules():
    """Every rule of the ledger, as (line, rule)."""
    return [(line, rule) for line in LINES for rule in line.rules]


def rule_named(code):
    """The (line, rule) of this code. Raises `KeyError`."""
    for line, rule in all_rules():
        if rule.code == code:
            return line, rule
    raise KeyError(code)


def limit(rule, now):
    """The moment before which the time of a row is over: that day's beginning in Cayenne."""
    days = getattr(settings, rule.setting) if rule.setting else rule.days
    if not rule.months and not days:
        return now
    day = timezone.localdate(now, CAYENNE) - datetime.timedelta(days=days)
    day = months_after(day, -rule.months)
    return datetime.datetime.combine(day, datetime.time(), tzinfo=CAYENNE)


def _latest(rule):
    if rule.since_day:
        days = [F(name) for name in rule.since_day]
        day = Coalesce(*days) if len(days) > 1 else days[0]
        # For the database a day begins at midnight in Greenwich; noon there is the same day in Cayenne.
        return Cast(day, models.DateTimeField()) + datetime.timedelta(hours=12)
    if len(rule.since) == 1:
        return F(rule.since[0])
    first, *others = (F(name) for name in rule.since)
    # On some databases the greatest of a value and nothing is nothing.
    return Greatest(Coalesce(first, others[0]), *others)


def governed(line, rule):
    """The rows that a rule is about, with `held_since`, the moment from which their time runs."""
    rows = models.QuerySet(model_of(line)).filter(**rule.only)
    if rule.never:
        rows = rows.exclude(**rule.never)
    return rows.annotate(held_since=_latest(rule))


def last_day(rule, since):
    """The last day on which a row is kept whose time runs from this moment; of rules that count in months."""
    return months_after(timezone.localdate(since, CAYENNE), rule.months)


def overdue(line, rule, now):
    """The rows whose time is over; where a warning is due, whether or not it was given."""
    return governed(line, rule).filter(held_since__lt=limit(rule, now))


def to_be_warned(line, rule, now):
    """Accounts whose time is over within the days of warning and who were not warned in this period."""
    soon = limit(rule, now + datetime.timedelta(days=rule.warned_days))
    return governed(line, rule).filter(held_since__lt=soon).exclude(_warned(rule, before=None))


def to_be_treated(line, rule, now):
    """The rows to remove or to empty now: overdue and, where a warning is due, warned long enough ago."""
    rows = overdue(line, rule, now)
    if not rule.warned_days:
        return rows
    return rows.filter(_warned(rule, before=now - datetime.timedelta(days=rule.warned_days)))


def _warned(rule, *, before):
    """Whether the person was warned after the moment from which their time runs; a warning counts for the
    removal once its e-mail left, or was given up after all its attempts.
    """
    warnings = Notice.objects.filter(
        kind=NoticeKind.ACCOUNT_EXPIRING, recipient=OuterRef("pk"), created_at__gt=OuterRef("held_since")
    )
    if before is not None:
        warnings = warnings.filter(created_at__lt=before).exclude(mail_state__in=UNSETTLED)
    return Exists(warnings)


def children(rule, rows):
    """What goes with rows that are about to be emptied, as the rule names it: (line, rows) of each model."""
    keys = list(rows.values_list("pk", flat=True)) if rule.children else []
    return [
        (line_of(model), models.QuerySet(apps.get_model(model)).filter(**{f"{column}__in": keys}))
        for model, column in rule.children.items()
    ]


@dataclass(frozen=True)
class Figure:
    """One line of the register with what the tables hold: `number` rows, `overdue` of them kept too long."""

    line: object
    rule: object
    number: int
    overdue: int
    oldest: datetime.datetime | None

    @property
    def percent(self):
        """The part of the rows that is overdue, from 0 to 100; 1 at least when there is any."""
        return max(1, 100 * self.overdue // self.number) if self.overdue else 0


def register(now):
    """Each line and rule of the ledger with its figures; one query in all."""
    entries = [(line, rule) for line in LINES for rule in (line.rules or (None,))]
    counted = [_counted(number, line, rule, now) for number, (line, rule) in enumerate(entries)]
    first, *others = counted
    found = {number: rest for number, *rest in first.union(*others, all=True)}
    figures = []
    for number, (line, rule) in enumerate(entries):
        rows, late, oldest = found.get(number, (0, 0, None))
        figures.append(Figure(line, rule, rows, late, _moment(oldest)))
    return figures


def _moment(value):
    """What a database without a type for moments gives back for one in a union."""
    if isinstance(value, str):
        value = datetime.datetime.fromisoformat(value)
    return value.replace(tzinfo=datetime.UTC) if value and timezone.is_naive(value) else value


def _counted(number, line, rule, now):
    moment = models.DateTimeField()
    if rule is None:
        rows = models.QuerySet(model_of(line)).annotate(held_since=Cast(Value(None), moment))
        late = Q(pk__in=[])
    else:
        rows, late = governed(line, rule), Q(held_since__lt=limit(rule, now))
    return (
        rows.order_by()
        .annotate(entry=Value(number, output_field=models.IntegerField()))
        .values("entry")
        .annotate(
            found=Count("pk"), late=Count("pk", filter=late), oldest=Min("held_since", output_field=moment)
        )
        .values_list("entry", "found", "late", "oldest")
    )


def expires_on(account):
    """The day from which an account that is not used again is erased; None where no rule says so."""
    line, rule = rule_named("idle_accounts")
    since = models.QuerySet(User).filter(pk=account.pk)
    row = governed(line, rule).filter(pk__in=since.values("pk")).first()
    if row is None:
        return None
    return last_day(rule, row.held_since) + datetime.timedelta(days=1)
