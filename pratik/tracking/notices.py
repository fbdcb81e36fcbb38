"""What is said to whom about following students."""

from django.utils import translation
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

from .enums import FollowState


def _draft(recipient, kind, follow, operation_pk, subject, body):
    return Draft(
        recipient=recipient,
        kind=kind,
        about=f"{follow._meta.label_lower}:{follow.pk}:{operation_pk}",
        subject=subject,
        body=body,
        path=console_page(follow),
    )


def asked(follow, operation):
    """Tells a student that a company asks to follow them, and what it would see."""
    recipient = follow.student.user
    with translation.override(recipient.language):
        kinds = get_text_list([str(kind.label).lower() for kind in follow.wanted_kinds], _("et"))
        values = {"company": follow.company, "kinds": kinds, "message": follow.message}
        body = (
            _(
                "%(company)s demande à suivre votre parcours (%(kinds)s). Rien ne lui est montré sans votre"
                " accord : acceptez ou refusez, et choisissez ce qu’elle verra."
            )
            % values
        )
        if follow.message:
            body = _("%(asked)s\n\nSon message : « %(message)s »") % {"asked": body, **values}
        return _draft(
            recipient,
            NoticeKind.FOLLOW_ASKED,
            follow,
            operation.pk,
            _("%(company)s demande à suivre votre parcours") % values,
            body,
        )


def answered(follow, recipient, verb, operation):
    """Tells somebody of a company what a student answered, or that there is nothing more to see."""
    with translation.override(recipient.language):
        texts = {
            "agree": (
                _("%(who)s accepte que vous suiviez son parcours"),
                _("Vous voyez ce que %(who)s a choisi de montrer, et serez prévenu quand cela change."),
            ),
            "refuse": (
                _("%(who)s ne souhaite pas être suivi"),
                _("%(who)s a refusé votre demande. Rien de son profil ne vous est montré."),
            ),
            "withdraw": (
                _("%(who)s a retiré son accord"),
                _("%(who)s ne souhaite plus être suivi : vous ne voyez plus rien de son profil."),
            ),
            "stop": (
                _("Un suivi a pris fin"),
                _("Le compte d’un étudiant que vous suiviez n’existe plus."),
            ),
        }
        subject, body = texts[verb]
        values = {"who": follow.student_name}
        draft = _draft(
            recipient, NoticeKind.FOLLOW_ANSWERED, follow, operation.pk, subject % values, body % values
        )
    return draft if follow.state != FollowState.ENDED else _without_page(draft)


def _without_page(draft):
    """The page of what is over exists for the company no longer."""
    return Draft(
        recipient=draft.recipient,
        kind=draft.kind,
        about=draft.about,
        subject=draft.subject,
        body=draft.body,
    )


def ended(follow, operation):
    """Tells a student that a company follows them no longer, or has taken its request back."""
    recipient = follow.student.user
    with translation.override(recipient.language):
        values = {"company": follow.company}
        if follow.agreed_at:
            subject = _("%(company)s ne suit plus votre parcours")
            body = _("%(company)s a mis fin au suivi : elle ne voit plus rien de votre profil.")
        else:
            subject = _("%(company)s ne demande plus à suivre votre parcours")
            body = _("%(company)s a retiré sa demande : elle ne voit rien de votre profil.")
        return _draft(
            recipient,
            NoticeKind.FOLLOW_ANSWERED,
            follow,
            operation.pk,
            subject % values,
            body % values,
        )


def changed(follow, recipient, changes, operation_pk):
    """Tells somebody of a company what has changed in the profile of a student whom it follows."""
    with translation.override(recipient.language):
        kinds = get_text_list([str(change.get_field_display()).lower() for change in changes], _("et"))
        values = {"who": follow.student_name, "kinds": kinds}
        return _draft(
            recipient,
            NoticeKind.PROFILE_CHANGED,
            follow,
            operation_pk,
            _("Du nouveau pour %(who)s : %(kinds)s") % values,
            "\n".join(str(change) for change in changes),
        )
