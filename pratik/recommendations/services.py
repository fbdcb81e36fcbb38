"""What may be done with recommendations: companies send them, people agree or not, the team puts forward."""

import datetime
from functools import partial

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from pratik.accounts.services import system_actor
from pratik.core.calendar import CAYENNE, months_after, today
from pratik.core.enums import OperationKind
from pratik.core.history import still_as_left
from pratik.core.models import Operation
from pratik.core.operations import forget_reasons, operation
from pratik.core.origin import in_anothers_name
from pratik.core.services import assess, carry_out, move, save_row
from pratik.core.writes import delete_rows
from pratik.law.enums import LegalCode
from pratik.law.reports import parameters_on
from pratik.notifications.services import tell
from pratik.papers.enums import PaperKind
from pratik.papers.reports import template_in_force
from pratik.papers.services import draw
from pratik.partners.models import CompanyMembership

from . import notices, rules
from .enums import RecommendationState, Visibility
from .models import InternRecommendation
from .reports import paper_values
from .signals import recommendations_moved

TOLD_AT_ONCE = 1_000
# For how many months a recommendation to which nobody agreed is kept.
KEPT_MONTHS = 24
FORGOTTEN_AT_ONCE = 500
# What the team does with what everybody may read; all else is a party's own word, given in its own name.
OF_THE_TEAM = frozenset({"feature", "unfeature"})


def _consent_refusal(row, *, day, age):
    return rules.consent_refusal(row, today=day, age=age)


def _consent_age(day):
    """The age from which a person agrees alone, as the law says it on this day; None while nobody says."""
    age = parameters_on(day).get(LegalCode.CONSENT_AGE)
    return None if age is None else int(age)


def _guard(verb):
    """The rule that a verb asks of each recommendation."""
    match verb:
        case "propose":
            return rules.proposal_refusal
        case "accept" | "choose":
            day = today()
            return partial(_consent_refusal, day=day, age=_consent_age(day))
        case "feature":
            return rules.feature_refusal
        case "unfeature":
            return rules.unfeature_refusal
        case _:
            return None


def assess_recommendations(*, actor, verb, pks):
    """Which recommendations a verb would move and which it would refuse, with the reasons; writes nothing."""
    return assess(actor=actor, model=InternRecommendation, verb=verb, pks=pks, guard=_guard(verb))


def _move(actor, verb, pks, reason, **columns):
    if verb not in OF_THE_TEAM and in_anothers_name():
        raise PermissionDenied

    def announce(moved, operation):
        recommendations_moved.send(InternRecommendation, pks=moved, operation=operation)

    return move(
        actor=actor,
        model=InternRecommendation,
        verb=verb,
        pks=pks,
        reason=reason,
        guard=_guard(verb),
        announce=announce,
        **columns,
    )


def save_recommendation(*, actor, row):
    """Keeps what a company writes of somebody whom it hosted; nobody writes it in the company's name."""
    if in_anothers_name():
        raise PermissionDenied
    return save_row(actor=actor, row=row)


def propose_recommendations(*, actor, pks, reason=""):
    """Sends a company's drafts to the people they speak of, who are told."""
    return _move(actor, "propose", pks, reason)


def rework_recommendations(*, actor, pks, reason=""):
    """Takes back what nobody has answered yet, to change it."""
    return _move(actor, "rework", pks, reason)


def accept_recommendations(*, actor, pks, visibility=Visibility.COMPANIES, shows_full_name=False, reason=""):
    """Agrees that others read recommendations about oneself: companies, or everybody, under the full name or
    under the first name with an initial. Without a choice, as few as can be, under the initial.
    """
    return _move(actor, "accept", pks, reason, **_choices(visibility, shows_full_name))


def choose_visibility(*, actor, pks, visibility=Visibility.COMPANIES, shows_full_name=False, reason=""):
    """Changes who reads accepted recommendations about oneself, and the name that is shown."""
    return _move(actor, "choose", pks, reason, **_choices(visibility, shows_full_name))


def _choices(visibility, shows_full_name):
    if visibility not in Visibility.values:
        raise ValidationError({"visibility": _("Choisissez qui peut lire cette recommandation.")})
    columns = {"visibility": visibility, "shows_full_name": shows_full_name}
    # What not everybody may read is put forward nowhere.
    return columns if visibility == Visibility.PUBLIC else columns | {"is_featured": False}


def decline_recommendations(*, actor, pks, reason=""):
    """Says no to recommendations about oneself; nobody but their company reads them."""
    return _move(actor, "decline", pks, reason)


def withdraw_recommendations(*, actor, pks, reason=""):
    """Takes one's agreement back: from now on nobody reads them, and their PDF is told to be withdrawn."""
    return _move(actor, "withdraw", pks, reason, is_featured=False)


def retract_recommendations(*, actor, pks, reason):
    """Takes back what the company wrote; the people are told why."""
    return _move(actor, "retract", pks, reason, is_featured=False, withdrawal_reason=reason.strip())


def feature_recommendations(*, actor, pks, reason=""):
    """Puts public recommendations first on the site."""
    return _move(actor, "feature", pks, reason, is_featured=True)


def unfeature_recommendations(*, actor, pks, reason=""):
    """Gives recommendations their usual place on the site again."""
    return _move(actor, "unfeature", pks, reason, is_featured=False)


def draw_recommendation(*, row):
    """The recommendation on paper, in bytes of a PDF, as it stands today and under the name that is shown.

    Raises `ValidationError` when the person does not agree, or no template is in force; `PaperRefused`, with
    what is at fault, when a letter cannot be printed.
    """
    if not row.is_accepted:
        raise ValidationError(
            _("Une recommandation s’imprime quand l’étudiant l’a acceptée."), code="not_accepted"
        )
    day = today()
    template = template_in_force(PaperKind.RECOMMENDATION, day=day)
    if template is None:
        raise ValidationError(
            _("Aucun modèle de recommandation n’est en vigueur : prévenez l’équipe PRATIK."),
            code="no_template",
        )
    # Documents are in French, whoever asks for them.
    with override("fr"):
        return draw(
            template.body,
            paper_values(row, day=day),
            title=_("Recommandation"),
            number=row.number,
            code=row.code,
            header=row.shown_name,
        )


def end_recommendations(*, pk):
    """Ends the recommendations about the account with this key, before it is erased.

    Must run inside an operation.
    """
    live = InternRecommendation.objects.about(pk).exclude(state=RecommendationState.WITHDRAWN)
    rows = list(live.select_for_update(of=("self",)).order_by("pk"))
    with operation(
        kind=OperationKind.TRANSITION, actor=system_actor(), subject=InternRecommendation, verb="lapse"
    ):
        carry_out(InternRecommendation.workflow.transition("lapse"), rows, is_featured=False)


def forget_unanswered():
    """Removes the recommendations that were never sent, or never answered, for two years, with their history.
    Returns how many.

    Nobody agreed to them, so that nothing has to be shown of them later. In batches, each a transaction of
    its own: it may be stopped at any moment, and run again. Nobody takes it back.
    """
    day = datetime.datetime.combine(months_after(today(), -KEPT_MONTHS), datetime.time.min)
    before, number = timezone.make_aware(day, CAYENNE), 0
    while done := _forget_batch(before):
        number += done
    return number


def _forget_batch(before):
    with operation(kind=OperationKind.ERASURE, actor=system_actor(), subject=InternRecommendation):
        rows = InternRecommendation.objects.never_agreed_to(before).order_by("pk")
        pks = [row.pk for row in rows.select_for_update(of=("self",))[:FORGOTTEN_AT_ONCE]]
        if not pks:
            return 0
        history = InternRecommendation.history.filter(id__in=pks)
        acts = Operation.objects.filter(
            pk__in=set(history.values_list("operation", flat=True)),
            subject=InternRecommendation._meta.label_lower,
        )
        # That so many were removed is kept; what they said goes, their last line of history included.
        forget_reasons(acts.exclude(reason=""))
        delete_rows(InternRecommendation, pks)
        history.delete()
    return len(pks)


# Telling


def tell_of_moves(*, pks, operation_pk):
    """Tells people what an operation did to recommendations: the student what the company or the team did,
    the company's members what the student did; of what moved on meanwhile, the later act tells. Returns how
    many notices were new.
    """
    act = Operation.objects.get(pk=operation_pk)
    told = 0
    for start in range(0, len(pks), TOLD_AT_ONCE):
        batch = pks[start : start + TOLD_AT_ONCE]
        stand = still_as_left(InternRecommendation, act, batch)
        rows = list(InternRecommendation.objects.filter(pk__in=stand).with_names().order_by("pk"))
        if act.verb == "feature":
            rows = [row for row in rows if row.is_featured]
        if act.verb in notices.TO_STUDENT:
            drafts = [notices.to_student(row, act) for row in rows if row.student.user.is_active]
        elif act.verb in notices.TO_COMPANY:
            members = CompanyMembership.objects.people_of({row.company_id for row in rows})
            drafts = [
                notices.to_company(row, member, act)
                for row in rows
                for member in members.get(row.company_id, ())
            ]
        else:
            drafts = []
        told += tell(drafts=drafts)
    return told
