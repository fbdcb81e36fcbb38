"""Papers of placements: made with a number and a code, drawn again, signed, declared void."""

from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.enums import OperationKind
from pratik.core.locks import wait_for_turn
from pratik.core.operations import operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import Outcome, assess, move
from pratik.core.writes import create_rows, update_rows
from pratik.law.reports import parameters_on
from pratik.papers.enums import PaperKind
from pratik.papers.fields import missing_mentions
from pratik.papers.markup import PaperRefused, named_fields
from pratik.papers.reports import template_in_force
from pratik.papers.services import Paper, draw, draw_many, new_code
from pratik.partners.models import CompanyMembership
from pratik.security.enums import AccessKind
from pratik.security.services import record_each, record_opening

from ..models import Placement, PlacementPaper
from ..reports.papers import (
    CERTIFIED_FIELDS,
    certificate_values,
    values_of,
)
from ..reports.presence import breaks_of, holidays_of, presence_of
from ..rules import papers as rules
from ..rules.placements import account_refusal
from ..signals import papers_moved
from ..workflow import PAPER, SCHOOL_SIDE

# The first letters of a number: « C-2026-000123 ».
LETTERS = {PaperKind.AGREEMENT: "C", PaperKind.AMENDMENT: "AV", PaperKind.CERTIFICATE: "AT"}
# Stands in for the number while it is seen whether a paper can be drawn.
NO_NUMBER = "C-0000-000000"
# The two names at the head of each page.
HEADER_FIELDS = frozenset({"student_name", "host_name"})
# Who delivers a certificate is the host (article D124-9); the school may help one without an account.
CERTIFIERS = SCHOOL_SIDE | {Role.COMPANY}


class Desk:
    """What papers of several placements are made of, read once: days, templates, papers there already."""

    def __init__(self, kind, placements, day):
        self.kind, self.day = kind, day
        self.breaks = breaks_of(placements) if placements else {}
        self.holidays = holidays_of(placements) if placements else frozenset()
        self._templates = {}
        papers = PlacementPaper.objects.in_force().filter(placement__in=[row.pk for row in placements])
        self.papers = {(row.placement_id, row.kind): row for row in papers.order_by("pk")}

    def presence(self, placement):
        return presence_of(placement, self.breaks.get(placement.pk, ()), self.holidays)

    def values(self, placement):
        return values_of(
            placement,
            self.presence(placement),
            self.breaks.get(placement.pk, ()),
            number=NO_NUMBER,
            day=self.day,
        )

    def template(self, placement):
        """The template in force for this kind of placement; one query for each kind."""
        if placement.kind not in self._templates:
            self._templates[placement.kind] = template_in_force(
                self.kind, audience=placement.kind, day=self.day
            )
        return self._templates[placement.kind]

    def refusal(self, placement, values):
        """Why no paper can be made of these values: no template, or mentions that are missing, all named."""
        template = self.template(placement)
        if template is None:
            return _("Aucun modèle de « %(kind)s » n’est en vigueur.") % {"kind": PaperKind(self.kind).label}
        missing = missing_mentions(self.kind, template.body, values)
        if not missing:
            return None
        return ngettext(
            "Une mention obligatoire manque : %(mentions)s.",
            "Des mentions obligatoires manquent : %(mentions)s.",
            len(missing),
        ) % {
            "mentions": " ; ".join(
                _("%(title)s (%(article)s)") % {"title": mention.title, "article": mention.article}
                for mention in missing
            )
        }

    def paper(self, placement, values, **fields):
        """A paper of a placement without its number, which is given last."""
        template = self.template(placement)
        return PlacementPaper(
            placement=placement,
            kind=self.kind,
            template=template,
            title=template.name,
            body=template.body,
            values=_needed(template.body, values),
            code=new_code(),
            year=self.day.year,
            number=NO_NUMBER,
            **fields,
        )


def _needed(body, values):
    """Of the values, those that the paper shows: nothing else about people is kept with it (GDPR, article
    5(1)(c)).
    """
    named = {name for _line, name in named_fields(body)} | CERTIFIED_FIELDS | HEADER_FIELDS
    return {name: value for name, value in values.items() if name in named}


def make_agreements(*, actor, pks, reason=""):
    """Makes the agreements of these placements, a class at once: each with its number and its code.

    Returns an `Outcome` of papers; the refused are placements, each with the reason: the mentions of article
    D124-4 that are missing, or an agreement that is there already. Raises `PermissionDenied` for anybody but
    the school and those who keep the platform's data.
    """
    may(actor, SCHOOL_SIDE)
    outcome = Outcome()
    with making(actor, reason) as running:
        wanted, outcome.refused = _agreements(locked(actor, pks))
        keep(wanted, outcome, running)
    return outcome


def assess_agreements(*, actor, pks):
    """Of which placements agreements would be made, and why not of the others; writes nothing."""
    may(actor, SCHOOL_SIDE)
    papers, refused = _agreements(
        list(Placement.objects.editable_by(actor).filter(pk__in=pks).order_by("pk"))
    )
    return Outcome(changed=[paper.placement for paper in papers], refused=refused)


def _agreements(placements):
    """The agreements of these placements, yet without numbers, and the placements that can have none."""
    desk = Desk(PaperKind.AGREEMENT, placements, today())
    wanted, refused = [], []
    for row in placements:
        existing = desk.papers.get((row.pk, PaperKind.AGREEMENT))
        why, values = account_refusal(row) or rules.agreement_refusal(row, existing=existing), None
        if why is None:
            values = desk.values(row)
            why = desk.refusal(row, values)
        if why:
            refused.append((row, why))
        else:
            wanted.append(desk.paper(row, values))
    return wanted, refused


def make_certificate(*, actor, placement, absence_hours=Decimal(0), stipend_paid=None, reason=""):
    """Makes the certificate of a placement that is over: its effective duration, the stipend paid (D124-9).

    `absence_hours` are taken off the hours agreed on, `stipend_paid` is in euros. Returns the paper. Raises
    `ValidationError` by field, `PermissionDenied` for who has no part in the placement.
    """
    may(actor, CERTIFIERS)
    outcome = Outcome()
    with making(actor, reason) as running:
        row = the_placement(actor, placement)
        desk = Desk(PaperKind.CERTIFICATE, [row], today())
        existing = desk.papers.get((row.pk, PaperKind.CERTIFICATE))
        if why := rules.certificate_refusal(row, existing=existing):
            raise ValidationError(why, code="closed")
        presence = desk.presence(row)
        if why := rules.absence_refusal(presence.hours, absence_hours=absence_hours):
            raise ValidationError({"absence_hours": why}, code="absence")
        if stipend_paid is not None and stipend_paid < 0:
            raise ValidationError({"stipend_paid": _("Un montant n’est pas négatif.")}, code="stipend")
        values = desk.values(row) | certificate_values(
            row,
            presence,
            parameters_on(row.start_on),
            agreement=desk.papers.get((row.pk, PaperKind.AGREEMENT)),
            absence_hours=absence_hours,
            stipend_paid=stipend_paid,
        )
        if why := desk.refusal(row, values):
            raise ValidationError(why, code="mentions")
        row.absence_hours, row.stipend_paid = absence_hours, stipend_paid
        update_rows([row], ["absence_hours", "stipend_paid"])
        keep([desk.paper(row, values)], outcome, running)
        if outcome.refused:
            raise ValidationError(outcome.refused[0][1], code="not_drawn")
    return outcome.changed[0]


def may(actor, who):
    """Nobody binds a party in its name."""
    if actor.role not in who or in_anothers_name():
        raise PermissionDenied


def making(actor, reason):
    """The operation under which papers are made."""
    return operation(kind=OperationKind.CREATE, actor=actor, subject=PlacementPaper, reason=reason.strip())


def locked(actor, pks):
    """These placements of this person, locked in the order of their keys."""
    rows = Placement.objects.editable_by(actor).filter(pk__in=list(pks)).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def the_placement(actor, placement):
    """One placement, locked. Raises `PermissionDenied` for one that the person has no part in."""
    rows = locked(actor, [placement.pk])
    if not rows:
        raise PermissionDenied
    return rows[0]


def keep(papers, outcome, running):
    """Numbers these papers and keeps those that can be drawn; the others say why not."""
    drawable = []
    for paper, why in _drawn(papers):
        if why:
            outcome.refused.append((paper.placement, why))
        else:
            drawable.append(paper)
    _number(drawable)
    create_rows(drawable)
    outcome.changed += drawable
    running.count("refused", len(outcome.refused))
    outcome.operation = running.written
    if drawable:
        papers_moved.send(
            PlacementPaper, pks=[paper.pk for paper in drawable], verb="make", operation=running.row
        )


def _drawn(papers):
    """Each paper with why it cannot be drawn, or None: a class is tried in one run, one by one if need be."""
    if not papers:
        return []
    try:
        draw_many([_as_drawn(paper) for paper in papers])
    except PaperRefused:
        return [(paper, _drawing_refusal(paper)) for paper in papers]
    return [(paper, None) for paper in papers]


def _drawing_refusal(paper):
    try:
        draw_many([_as_drawn(paper)])
    except PaperRefused as error:
        return " ".join(error.messages)
    return None


def _number(papers):
    """Gives papers of one kind and year the numbers that follow the last one; who else numbers waits."""
    if not papers:
        return
    kind, year = papers[0].kind, papers[0].year
    wait_for_turn(f"internships.papers:{kind}:{year}")
    same = PlacementPaper.objects.filter(kind=kind, year=year)
    last = same.aggregate(last=Max("sequence"))["last"] or 0
    for sequence, paper in enumerate(papers, last + 1):
        paper.sequence = sequence
        paper.number = f"{LETTERS[kind]}-{year}-{sequence:06d}"
        paper.values = paper.values | {"paper_number": paper.number}


def _as_drawn(paper):
    """A paper as its drawing takes it: from what it kept, so that the same bytes come back for ever."""
    return Paper(
        body=paper.body,
        values=paper.values,
        title=paper.title,
        number=paper.number,
        code=paper.code,
        header=_header(paper),
    )


def _header(paper):
    return " · ".join(filter(None, (paper.values.get("student_name"), paper.values.get("host_name"))))


def _refuse_emptied(paper):
    if paper.is_emptied:
        raise ValidationError(
            _("Ce document n’est plus conservé : il n’en reste que le numéro et les dates."), code="emptied"
        )


def draw_paper(paper):
    """The PDF of one paper, in bytes; the same for ever."""
    drawn = _as_drawn(paper)
    return draw(
        drawn.body,
        drawn.values,
        title=drawn.title,
        number=drawn.number,
        code=drawn.code,
        header=drawn.header,
    )


def open_paper(*, actor, pk):
    """A paper and its PDF, the opening written in the journal: (paper, bytes).

    Raises `PlacementPaper.DoesNotExist` for one that the person does not see, `ValidationError` for one of
    which nothing but the number is kept.
    """
    paper = PlacementPaper.objects.visible_to(actor).with_names().get(pk=pk)
    _refuse_emptied(paper)
    record_opening(actor=actor, row=paper, detail=paper.number)
    return paper, draw_paper(paper)


def draw_class(*, actor, pks, kind=PaperKind.AGREEMENT):
    """The papers of a kind of these placements in one PDF, in bytes, in the order of the interns' names.

    Those that the person does not see are left out, as are placements without such a paper; None when there
    is none at all. Each opening is written in the journal.
    """
    rows = PlacementPaper.objects.visible_to(actor).in_force().filter(placement__in=list(pks), kind=kind)
    papers = sorted((row for row in rows.with_names() if not row.is_emptied), key=_name_on)
    record_each(actor=actor, lines=[(AccessKind.FILE_OPENED, paper, paper.number) for paper in papers])
    return draw_many([_as_drawn(paper) for paper in papers]) if papers else None


def _name_on(paper):
    user = paper.placement.student.user
    return (user.last_name.casefold(), user.first_name.casefold(), paper.pk)


def assess_papers(*, actor, verb, pks):
    """Which papers a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=PlacementPaper, verb=verb, pks=pks, guard=_guard(verb, actor, pks))


def _guard(verb, actor, pks):
    """What is asked of each paper before a verb, besides its state; at most one query for all."""
    match verb:
        case "agree_amendment" | "decline_amendment":
            return rules.host_answer_refusal
        case "record_amendment_agreement":
            hosts = PlacementPaper.objects.editable_by(actor).filter(pk__in=list(pks)).order_by()
            members = CompanyMembership.objects.filter(
                is_active=True, user__is_active=True, organisation__in=hosts.values("placement__company")
            )
            with_account = set(members.order_by().values_list("organisation", flat=True))
            return lambda paper: rules.recorded_answer_refusal(
                paper, has_account=paper.placement.company_id in with_account
            )
        case "void":
            return rules.void_refusal
        case _verb:
            return None


def move_papers(actor, verb, pks, reason="", **columns):
    """Moves papers by a verb, the parties being told. Whoever notes a signature holds the placement: no paper
    is moved under their hand.
    """
    may(actor, PAPER.transition(verb).who)
    pks = list(pks)
    with transaction.atomic():
        chosen = PlacementPaper.objects.editable_by(actor).filter(pk__in=pks).order_by()
        locked(actor, chosen.values_list("placement", flat=True))
        return move(
            actor=actor,
            model=PlacementPaper,
            verb=verb,
            pks=pks,
            reason=reason,
            guard=_guard(verb, actor, pks),
            announce=lambda moved, running: papers_moved.send(
                PlacementPaper, pks=moved, verb=verb, operation=running
            ),
            **columns,
        )


def void_papers(*, actor, pks, reason):
    """Declares papers void; their codes say so from now on."""
    return move_papers(actor, "void", pks, reason, void_reason=reason.strip())
