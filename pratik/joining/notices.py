"""What is said to whom about coming in."""

from urllib.parse import urljoin

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from pratik.core.links import console_page, sign_in_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

from .enums import RequestState
from .models import CODE_LIFE, INVITATION_LIFE

# E-mails to people who have no account yet


def _mail(template, recipient, language, subject, **context):
    context |= {"language": language}
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=render_to_string(f"joining/{template}.txt", context).strip() + "\n",
        to=[recipient],
    )
    mail.attach_alternative(render_to_string(f"joining/{template}.html", context), "text/html")
    return mail


def code(sign_up):
    """The code that proves an address."""
    with translation.override(sign_up.language):
        return _mail(
            "code",
            sign_up.email,
            sign_up.language,
            _("%(code)s : votre code pour PRATIK") % {"code": sign_up.code},
            code=sign_up.code,
            minutes=int(CODE_LIFE.total_seconds()) // 60,
        )


def already_known(user):
    """Tells the owner of an account that somebody asked for one with its address, and how to come in."""
    with translation.override(user.language):
        return _mail(
            "already_known",
            user.email,
            user.language,
            _("Vous avez déjà un compte PRATIK"),
            sign_in_url=urljoin(settings.SITE_URL, sign_in_page()),
            address=user.email,
        )


def invitation(row):
    """The link by which a person comes in."""
    with translation.override(row.language):
        values = {"who": row.invited_by, "organisation": row.organisation}
        subject = (
            _("%(who)s vous invite à rejoindre %(organisation)s sur PRATIK") % values
            if row.organisation_type
            else _("Votre invitation à ouvrir un compte PRATIK")
        )
        return _mail(
            "invitation",
            row.email,
            row.language,
            subject,
            invitation=row,
            url=urljoin(settings.SITE_URL, row.get_absolute_url()),
            days=INVITATION_LIFE.days,
        )


# Notices to people who have one


def request_made(request, recipient):
    """Tells a member, or one of the team, that somebody asks to join an organisation."""
    with translation.override(recipient.language):
        values = {"who": request.user, "address": request.user.email, "organisation": request.organisation}
        return Draft(
            recipient=recipient,
            kind=NoticeKind.JOIN_REQUESTED,
            about=str(request.pk),
            subject=_("%(who)s demande à rejoindre %(organisation)s") % values,
            body=_(
                "%(who)s (%(address)s) demande à rejoindre %(organisation)s. Acceptez ou refusez la demande"
                " après avoir vérifié que vous connaissez cette personne."
            )
            % values,
            path=console_page(request),
        )


def request_answered(request, operation):
    """Tells the person who asked what was answered, and why when it is no."""
    with translation.override(request.user.language):
        values = {"organisation": request.organisation, "why": request.answer}
        accepted = request.state == RequestState.ACCEPTED
        return Draft(
            recipient=request.user,
            kind=NoticeKind.JOIN_ANSWERED,
            about=f"{request.pk}:{operation.pk}",
            subject=(
                _("Vous êtes membre de %(organisation)s")
                if accepted
                else _("Votre demande pour %(organisation)s est refusée")
            )
            % values,
            body=(
                _(
                    "Votre demande est acceptée : vous êtes membre de %(organisation)s et voyez ses données"
                    " dans la console."
                )
                if accepted
                else _("Votre demande pour %(organisation)s est refusée. Motif : %(why)s")
            )
            % values,
            path=console_page(request.organisation if accepted else request),
        )


def draft_submitted(draft, recipient):
    """Tells one of the team that an organisation waits to be checked."""
    with translation.override(recipient.language):
        values = {"name": draft.name, "number": draft.identifier, "who": draft.applicant}
        return Draft(
            recipient=recipient,
            kind=NoticeKind.DRAFT_SUBMITTED,
            about=str(draft.pk),
            subject=_("Organisme à valider : %(name)s") % values,
            body=_("%(who)s demande à ajouter %(name)s (%(number)s). Vérifiez la fiche, puis répondez.")
            % values,
            path=console_page(draft),
        )


def draft_answered(draft, operation, organisation=None):
    """Tells the applicant whether the organisation was added, and why when it was not.

    `organisation` is the one that was accepted: it is where the applicant goes on.
    """
    with translation.override(draft.applicant.language):
        values = {"name": draft.name, "why": draft.answer}
        accepted = draft.state == draft.workflow.transition("accept").target
        return Draft(
            recipient=draft.applicant,
            kind=NoticeKind.DRAFT_ANSWERED,
            about=f"{draft.pk}:{operation.pk}",
            subject=(_("%(name)s est sur PRATIK") if accepted else _("%(name)s n’est pas ajouté à PRATIK"))
            % values,
            body=(
                _("Votre organisme %(name)s est validé : vous pouvez en compléter la fiche dans la console.")
                if accepted
                else _("Votre organisme %(name)s n’est pas validé. Motif : %(why)s")
            )
            % values,
            path=console_page(organisation or draft),
        )


def invitation_accepted(row):
    """Tells the person who invited that the other one came."""
    with translation.override(row.invited_by.language):
        values = {"who": row.accepted_by, "address": row.email}
        return Draft(
            recipient=row.invited_by,
            kind=NoticeKind.INVITATION_ACCEPTED,
            about=str(row.pk),
            subject=_("%(who)s a accepté votre invitation") % values,
            body=_("%(who)s (%(address)s) a accepté votre invitation et a maintenant un accès.") % values,
            path=console_page(row),
        )
