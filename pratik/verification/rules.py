"""May it? Pure functions: days, requirements and claims are passed in, answers explain themselves."""

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import AccountType
from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import months_after

from .enums import WITHOUT_FILE, DocumentState

# Days of waiting from which a document presses a little, and past which it presses.
NEAR, LATE = 2, 5
# Versions of documents that one account may send in a day; a mistake is mended in a few.
VERSIONS_A_DAY = 30
# For how many days a criminal record may be noted after it was seen.
STATEMENT_DAYS = 365


def day_label(day):
    """A day as people write it."""
    return date_format(day, "SHORT_DATE_FORMAT")


def last_day(requirement, *, issued_on, expires_on):
    """The last day of a document: what it says itself, or sooner where the requirement says how long it is
    taken for at most, counted from its issue (`validity_months`).
    """
    days = [expires_on] if expires_on else []
    if requirement is not None and requirement.validity_months and issued_on:
        days.append(months_after(issued_on, requirement.validity_months))
    return min(days, default=None)


# Sending


def owner_refusal(actor, owner, *, acting=False):
    """Why this person sends no documents for this account; None when they may. Somebody who is `acting` in
    another's name does not: they could send a file in that name and accept it in their own.
    """
    if acting:
        return _("Les pièces d’un autre s’envoient en votre propre nom, depuis son compte.")
    if owner.account_type == AccountType.STAFF:
        return _("L’équipe PRATIK n’envoie pas de pièces.")
    if not owner.is_active:
        return _("Ce compte est fermé.")
    if actor.pk != owner.pk and actor.role not in CHECKERS:
        return _("Vous n’envoyez que vos propres pièces.")
    return None


def type_refusal(document_type, requirement, *, by_owner):
    """Why this type of document is not to be sent."""
    if document_type in WITHOUT_FILE:
        return _(
            "Un casier judiciaire ne s’envoie pas : présentez-le à l’équipe PRATIK, qui note seulement "
            "l’avoir vu."
        )
    if by_owner and requirement is None:
        return _("Cette pièce n’est pas demandée à votre type de compte.")
    return None


def too_many_refusal(sent_today, *, more=1):
    """Why no further documents of one account are taken today: `more` of them."""
    if sent_today + more <= VERSIONS_A_DAY:
        return None
    return ngettext(
        "%(number)d pièce de ce compte a été envoyée depuis hier, sur %(limit)d au plus par jour. Réessayez "
        "demain.",
        "%(number)d pièces de ce compte ont été envoyées depuis hier, sur %(limit)d au plus par jour. "
        "Réessayez demain.",
        sent_today,
    ) % {"number": sent_today, "limit": VERSIONS_A_DAY}


def date_errors(requirement, *, issued_on, expires_on, today):
    """What is wrong with the dates of a document, as {field: ValidationError}."""
    errors = {}
    if issued_on and issued_on > today:
        errors["issued_on"] = ValidationError(
            _("La date de délivrance est dans l’avenir : vérifiez-la."), code="in_the_future"
        )
    if requirement is not None:
        if requirement.asks_for_issue_day and not issued_on:
            errors["issued_on"] = ValidationError(
                _("Indiquez la date qui figure sur le document."), code="issue_missing"
            )
        if requirement.expiry_required and not expires_on:
            errors["expires_on"] = ValidationError(
                _("Indiquez la date de fin de validité qui figure sur le document."), code="expiry_missing"
            )
        limit = requirement.max_age_days
        if limit and issued_on and issued_on <= today and (today - issued_on).days > limit:
            errors["issued_on"] = ValidationError(
                ngettext(
                    "Ce document a plus de %(days)d jour. Envoyez-en un plus récent.",
                    "Ce document a plus de %(days)d jours. Envoyez-en un plus récent.",
                    limit,
                )
                % {"days": limit},
                code="too_old",
            )
    end = last_day(requirement, issued_on=issued_on, expires_on=expires_on)
    if end and end < today:
        errors.setdefault(
            "expires_on",
            ValidationError(
                _("Ce document n’est plus valable depuis le %(day)s. Envoyez-en un en cours de validité.")
                % {"day": day_label(end)},
                code="expired",
            ),
        )
    return errors


# Reviewing


def pressure(days):
    """How much a document presses that has waited for so many days: calm, near or late."""
    if days > LATE:
        return "late"
    return "near" if days >= NEAR else "calm"


def claim_refusal(document, *, reviewer, holder, second_opinion):
    """Why this person can't take a document to look at it; `holder` is who holds it now, or None."""
    if document.state != DocumentState.PENDING or not document.is_current:
        return _("Cette pièce n’attend plus d’examen.")
    if why := own_refusal(document, reviewer):
        return why
    if second_opinion and (why := first_opinion_refusal(document, reviewer)):
        return why
    return held_refusal(holder, reviewer)


def own_refusal(document, reviewer):
    """Nobody decides on their own documents."""
    if document.owner_id == reviewer.pk:
        return _("Une autre personne doit examiner vos propres pièces.")
    return None


def first_opinion_refusal(document, reviewer):
    """The second opinion is another person's."""
    if document.first_approved_by_id == reviewer.pk:
        return _("Vous avez donné le premier avis : une autre personne donne le second.")
    return None


def held_refusal(holder, reviewer):
    """Nobody decides on what another one looks at."""
    if holder is not None and holder.pk != reviewer.pk:
        return _("%(who)s examine cette pièce.") % {"who": holder}
    return None


def decision_refusal(document, *, verb, actor, holder, second_opinion):
    """Why a verb is not done to a document now, apart from its state; None when it may be."""
    if why := own_refusal(document, actor):
        return why
    if verb in ("approve", "reject"):
        if not document.is_current:
            return _("Une version plus récente de cette pièce a été envoyée.")
        if why := held_refusal(holder, actor):
            return why
    if verb == "approve" and second_opinion:
        return first_opinion_refusal(document, actor)
    return None


def reopening_refusal(document, *, owner_is_active):
    """Why a document that was refused can't be looked at again."""
    if not document.is_current:
        return _("Une version plus récente de cette pièce a été envoyée.")
    if document.is_without_its_file:
        return _("Le fichier de cette pièce est supprimé : la personne doit l’envoyer de nouveau.")
    if not owner_is_active:
        return _("Ce compte est fermé.")
    return None


def approval_refusal(document, *, requirement, expires_on, today):
    """Why a document can't be accepted with this last day."""
    if document.is_without_its_file:
        return _("Le fichier de cette pièce est supprimé : refusez-la, la personne l’enverra de nouveau.")
    if requirement is not None and requirement.expiry_required and not expires_on:
        return _("Indiquez la date de fin de validité avant d’accepter cette pièce.")
    if expires_on and expires_on < today:
        return _("Cette pièce n’est plus valable depuis le %(day)s : refusez-la.") % {
            "day": day_label(expires_on)
        }
    if expires_on and document.issued_on and expires_on < document.issued_on:
        return _("La pièce finirait avant sa délivrance : vérifiez les deux dates.")
    return None


def by_hand_refusal(account, *, types_with_requirements):
    """Why a badge is not given or taken by hand: where documents are asked for, it follows them."""
    if account.account_type in types_with_requirements:
        return _("Ce badge suit les pièces justificatives : acceptez-les ou retirez-les.")
    return None


def file_refusal(document, reader):
    """Why this person does not open a file: it is its owner's, and of those who check it.

    Others of the team see the decision; the paper itself is no business of theirs (GDPR, article 5(1)(c)).
    """
    if reader.pk == document.owner_id or reader.role in CHECKERS:
        return None
    return _("Seules la personne et celles qui vérifient ouvrent ce fichier.")


def is_missed_after(document, *, needs, last_days):
    """Whether something that is asked for is proved no longer once this document ends.

    `needs` is {need: document types that prove it}, `last_days` {document type: last day or None} of what
    counts for its account.
    """
    return any(
        all(
            last_days[kind] is not None and last_days[kind] <= document.expires_on
            for kind in accepted
            if kind in last_days
        )
        for accepted in needs.values()
        if document.document_type in accepted
    )


def reminder_due(days_left, *, reminders):
    """The reminder that is due when so many days are left: the closest one of `reminders`, or None.

    A day on which nothing ran is caught up with by the next.
    """
    return min((days for days in reminders if days_left <= days), default=None)
