"""What a line of the register is made of."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, Left, OnErasure

BLANK, LINK, KEPT, CLOSED = Left.BLANK, Left.LINK, Left.KEPT, Left.CLOSED


@dataclass(frozen=True)
class Rule:
    """When the time of rows is over and what becomes of them then.

    The time runs from the latest of the moments `since`, or from the end of the day in the first of the
    columns `since_day` that is filled; `only` and `never` say which rows the rule is about, as conditions on
    columns. With `warned_days`, people are told so many days before. A rule with a `setting` takes its days
    from there; one with a `task` is carried out by that task of the schedule. `also` names what else goes
    with rows that are emptied: a function of their area, given their keys. `children` are rows of other lines
    that are emptied with them: {model: the column that points here}.
    """

    code: str
    title: str
    fate: Fate
    since: tuple[str, ...] = ()
    since_day: tuple[str, ...] = ()
    months: int = 0
    days: int = 0
    only: dict = field(default_factory=dict)
    never: dict = field(default_factory=dict)
    warned_days: int = 0
    setting: str = ""
    task: str = ""
    also: str = ""
    children: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Duty:
    """Rows of a line that an erasure leaves as they are, names, files and history included, for what they
    say may have to be proved (GDPR, article 17(3)(b) and (e)). The rule of their line with the code `until`
    ends it.
    """

    rows: Q
    until: str


@dataclass(frozen=True)
class Line:
    """One model with personal data.

    `fields` maps each personal column to what an erasure leaves there; the historical table of the model
    has the same columns. `people` are the columns that lead to the person's account (`pk`: the row is the
    account), `addresses` those that hold their e-mail address. `secrets` are said to exist, never shown.
    `whose` says which account's a column is, for those that may be somebody else's: the first of these
    columns that is filled; the value is shown, and erased, for that person only. With `generic`, two columns
    hold the name of a model and the key of a row, which may be the account; columns `of_target` speak of that
    row, and are not shown when it is somebody else's. `name` is what the rows are
    called where their library has no word of ours.
    `mentions` are free texts, or JSON made of them, in which somebody else's name may stand; `named` are the
    columns that lead to the accounts of those whom they name, whoever the row is about, `named_at` those that
    lead to their addresses, where they have no account. `said` tells how a column that holds words of
    machines is said to people (a file for programs has it as it is), `labels` what a column of a library is
    called. `kept_under_duty` are the rows that no erasure touches, neither of the person whom they are about
    nor of those whom they name.
    """

    model: str
    title: str
    purpose: str
    basis: Basis
    kept: str
    source: str
    fields: dict
    people: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    on_erasure: OnErasure = OnErasure.SCRUBBED
    secrets: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()
    whose: dict = field(default_factory=dict)
    generic: tuple[str, ...] = ()
    of_target: tuple[str, ...] = ()
    name: str = ""
    mentions: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    named_at: tuple[str, ...] = ()
    said: dict = field(default_factory=dict)
    labels: dict = field(default_factory=dict)
    kept_under_duty: Duty | None = None
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Consent:
    """Something that is done only as long as the person agrees; `model.field` holds their answer."""

    code: str
    model: str
    field: str
    title: str
    meaning: str


WITH_ACCOUNT = _("Aussi longtemps que le compte existe.")
CNIL_CONTACT = _("CNIL : trois ans après le dernier contact")
RGPD_5_1_E = _("RGPD, article 5(1)(e)")
