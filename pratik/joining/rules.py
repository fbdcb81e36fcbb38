"""May it? Answers are sentences for the person who can act; None means that it may."""

import datetime
import math
import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.accounts.enums import AccountType, MembershipRole
from pratik.core.constraints import violations

from .enums import EXPIRED
from .models import CODE_TRIES, KINDS

CODE_PAUSE = datetime.timedelta(seconds=60)
CODES_AN_HOUR = 5
HOUR = datetime.timedelta(hours=1)
INVITATION_PAUSE = datetime.timedelta(seconds=60)
# By one person, and into one organisation, when it is not the team that invites.
INVITATIONS_A_DAY = 30
# What a mailbox would make a link of, and lead away from PRATIK.
LINK = re.compile(r"\w://|\bhttps?:|\bwww\.|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?/\S", re.IGNORECASE)
# What is checked by a query, or against rows that a draft already points at.
_ASKED_ELSEWHERE = ("commune", "slug", "siret", "uai")


def code_refusal(sign_up, now):
    """Why the present code of a sign-up serves no more."""
    if sign_up.attempts >= CODE_TRIES:
        return _("Trois essais ont échoué : ce code ne sert plus. Demandez-en un autre.")
    if now >= sign_up.expires_at:
        return _("Ce code a expiré. Demandez-en un autre.")
    return None


def wrong_code(attempts):
    """What is said of a wrong code: how many tries are left."""
    left = CODE_TRIES - attempts
    if left <= 0:
        return _("Ce code n’est pas le bon, et c’était le dernier essai. Demandez un autre code.")
    return ngettext(
        "Ce code n’est pas le bon. Il reste %(left)d essai.",
        "Ce code n’est pas le bon. Il reste %(left)d essais.",
        left,
    ) % {"left": left}


def pause_left(moment, pause, now):
    """Seconds until something may be sent again, rounded up; 0 when it may."""
    return max(0, math.ceil((moment + pause - now).total_seconds()))


def pause_refusal(moment, pause, now):
    """Why something is not sent again yet."""
    left = pause_left(moment, pause, now)
    if not left:
        return None
    return ngettext(
        "Attendez encore %(left)d seconde avant un nouvel envoi.",
        "Attendez encore %(left)d secondes avant un nouvel envoi.",
        left,
    ) % {"left": left}


def codes_refusal(sent_in_an_hour):
    """Why no further code leaves for an address, known or not: its owner's mailbox is spared."""
    if sent_in_an_hour < CODES_AN_HOUR:
        return None
    return _("Trop de codes ont été demandés pour cette adresse. Attendez une heure, puis réessayez.")


def request_refusal(request, *, actor, verb):
    """Nobody answers their own request, and nobody takes another's back."""
    is_own = request.user_id == actor.pk
    if verb == "withdraw":
        return None if is_own else _("Seule la personne qui a fait la demande la retire.")
    return _("Un autre membre ou l’équipe PRATIK répond à votre demande.") if is_own else None


def draft_refusal(draft):
    """What a draft lacks to become an organisation; asks the database nothing."""
    organisation = draft.as_organisation()
    organisation.derive()
    errors = []
    try:
        organisation.clean_fields(exclude=_ASKED_ELSEWHERE)
        organisation.clean()
    except ValidationError as error:
        errors += _told(organisation, error)
    for found in violations(organisation).values():
        errors += [message for error in found for message in error.messages]
    return " ".join(errors) or None


def _told(organisation, error):
    for name, messages in error.message_dict.items():
        field = organisation._meta.get_field(name)
        for message in messages:
            yield _("« %(field)s » : %(why)s") % {"field": field.verbose_name, "why": message}


def invitation_refusal(invitation, *, actor, manages):
    """Who invites whom: members into their own organisation, the team anybody, administrators the team.

    `manages` says whether the actor answers for the organisation. A refusal comes with the field to correct.
    """
    if actor.may_edit_everything:
        if invitation.account_type == AccountType.STAFF and not actor.is_administrator:
            return {"account_type": _("Seul un administrateur invite dans l’équipe.")}
        return None
    if invitation.organisation_type is None:
        return {"__all__": _("Vous n’êtes membre d’aucune organisation : vous ne pouvez inviter personne.")}
    if invitation.role == MembershipRole.MANAGER and not manages:
        return {"role": _("Seul un responsable de l’organisation en invite un autre.")}
    return None


def allowance_refusal(by_person, by_organisation):
    """Why no further invitation leaves, after so many in a day."""
    facts = {"number": INVITATIONS_A_DAY}
    if by_person >= INVITATIONS_A_DAY:
        return (
            _(
                "Vous avez déjà envoyé %(number)d invitations en 24 heures, et c’est le plus qui parte en un"
                " jour. Réessayez demain, ou demandez à l’équipe PRATIK de les envoyer."
            )
            % facts
        )
    if by_organisation >= INVITATIONS_A_DAY:
        return (
            _(
                "Votre organisation a déjà envoyé %(number)d invitations en 24 heures, et c’est le plus qui"
                " parte en un jour. Réessayez demain, ou demandez à l’équipe PRATIK de les envoyer."
            )
            % facts
        )
    return None


def has_link(text):
    """Whether an e-mail with this text would lead to some other site."""
    return bool(LINK.search(unicodedata.normalize("NFKC", text)))


def message_refusal(invitation, *, actor):
    """Why the message of an invitation is not sent: who is not of the team puts no link in it."""
    if actor.is_staff or not has_link(invitation.message):
        return None
    return {"message": _("Écrivez votre message sans lien ni adresse de site.")}


def sender_refusal(invitation, *, actor):
    """Why nothing leaves in the name of a person, or of an organisation, that reads as a link."""
    if actor.is_staff:
        return None
    if has_link(actor.get_full_name()):
        return _("Votre nom contient une adresse de site : corrigez-le dans votre compte, puis invitez.")
    if has_link(str(invitation.organisation or "")):
        return _("Le nom de l’organisation contient une adresse de site : corrigez-le, puis invitez.")
    return None


def known_account_refusal(invitation, user):
    """Why an existing account cannot be invited so; told to the team, which sees every account."""
    if invitation.organisation_type is None:
        return _("Un compte a déjà cette adresse.")
    if user.account_type != invitation.account_type:
        return _(
            "Le compte de cette adresse est du type « %(kind)s » : il ne peut pas rejoindre cette"
            " organisation."
        ) % {"kind": user.get_account_type_display()}
    return None


def resend_refusal(invitation, *, actor, now, manages):
    """An invitation is sent again by those who could send it first, not twice in a minute, and not by the
    person who received it; `manages` says whether the actor answers for the organisation.
    """
    if invitation.email == actor.email:
        return _("Vous ne pouvez pas vous renvoyer une invitation.")
    if refused := invitation_refusal(invitation, actor=actor, manages=manages):
        return " ".join(refused.values())
    return pause_refusal(invitation.sent_at, INVITATION_PAUSE, now)


def acceptance_refusal(invitation, *, actor, now, is_backed, closed_at):
    """Why an account cannot accept an invitation.

    `is_backed` says whether its sender may still invite, `closed_at` when somebody else closed the place that
    the account had in the organisation, or None: an invitation that left before does not open it again.
    """
    if invitation.email != actor.email:
        return _("Cette invitation est pour une autre adresse.")
    if not is_backed:
        return _("La personne qui vous a invité n’est plus là : demandez une autre invitation.")
    if invitation.state_at(now) == EXPIRED:
        return _("Cette invitation a expiré : demandez qu’on vous la renvoie.")
    if invitation.organisation_type is None:
        return _("Un compte a déjà cette adresse.")
    if invitation.account_type != actor.account_type:
        return _(
            "Votre compte est du type « %(kind)s » et l’invitation va avec un compte du type « %(other)s »."
            " Demandez une invitation pour une autre adresse."
        ) % {"kind": actor.get_account_type_display(), "other": invitation.get_account_type_display()}
    if closed_at is not None and closed_at >= invitation.sent_at:
        return _("Votre place dans l’organisation a été fermée depuis : demandez une autre invitation.")
    return None


def asks_for_organisation(account_type):
    """Whether an account of this type acts for an organisation."""
    return account_type in KINDS
