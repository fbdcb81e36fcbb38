"""What is said to whom about their data."""

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft


def _day(day):
    return date_format(day, "SHORT_DATE_FORMAT")


def received(request):
    """Tells a person that their request arrived and until when it is answered."""
    with translation.override(request.user.language):
        values = {"day": _day(request.received_on), "due": _day(request.due_on)}
        return Draft(
            recipient=request.user,
            kind=NoticeKind.ERASURE_RECEIVED,
            about=str(request.pk),
            subject=_("Votre demande d’effacement est enregistrée"),
            body=_(
                "Votre demande du %(day)s est enregistrée. Nous y répondons au plus tard le %(due)s."
                " D’ici là, vous pouvez la retirer depuis « Mes données »."
            )
            % values,
            path=request.get_absolute_url(),
        )


def extended(request, reason):
    """Tells a person that the answer takes longer, why, and until when (GDPR, article 12(3))."""
    with translation.override(request.user.language):
        values = {"due": _day(request.due_on), "why": reason}
        return Draft(
            recipient=request.user,
            kind=NoticeKind.ERASURE_ANSWERED,
            about=f"{request.pk}:extended",
            subject=_("Le délai de réponse à votre demande d’effacement est prolongé"),
            body=_("Nous répondrons à votre demande d’effacement au plus tard le %(due)s. Motif : %(why)s")
            % values,
            path=request.get_absolute_url(),
        )


def refused(request, reason):
    """Tells a person that their data are not erased, why, and to whom they may complain (article 12(4))."""
    with translation.override(request.user.language):
        return Draft(
            recipient=request.user,
            kind=NoticeKind.ERASURE_ANSWERED,
            about=f"{request.pk}:refused",
            subject=_("Votre demande d’effacement est refusée"),
            body=_(
                "Votre demande d’effacement est refusée. Motif : %(why)s\n\nVous pouvez adresser une"
                " réclamation à la CNIL (www.cnil.fr) ou saisir un juge."
            )
            % {"why": reason},
            path=request.get_absolute_url(),
        )


def to_decide(request, recipient):
    """Tells an administrator that a request arrived."""
    with translation.override(recipient.language):
        values = {"request": str(request), "due": _day(request.due_on)}
        return Draft(
            recipient=recipient,
            kind=NoticeKind.ERASURE_TO_DECIDE,
            about=str(request.pk),
            subject=_("Demande d’effacement à traiter"),
            body=_("%(request)s. La réponse est due le %(due)s.") % values,
            path=console_page(request),
        )


def due_soon(request, recipient, days):
    """Reminds an administrator of a request whose deadline is near, or past."""
    with translation.override(recipient.language):
        values = {"request": str(request), "due": _day(request.due_on), "days": abs(days)}
        if days < 0:
            late = ngettext(
                "%(request)s. La réponse était due le %(due)s : %(days)d jour de retard.",
                "%(request)s. La réponse était due le %(due)s : %(days)d jours de retard.",
                -days,
            )
        else:
            late = ngettext(
                "%(request)s. La réponse est due le %(due)s : il reste %(days)d jour.",
                "%(request)s. La réponse est due le %(due)s : il reste %(days)d jours.",
                days,
            )
        return Draft(
            recipient=recipient,
            kind=NoticeKind.ERASURE_TO_DECIDE,
            about=f"{request.pk}:{'late' if days < 0 else 'near'}:{request.due_on}",
            subject=_("Une demande d’effacement attend votre réponse"),
            body=late % values,
            path=console_page(request),
        )


def expiring(user, last_used_on, erased_from):
    """Warns a person that their unused account will be erased, and how to keep it."""
    with translation.override(user.language):
        values = {"last": _day(last_used_on), "day": _day(erased_from), "address": user.email}
        return Draft(
            recipient=user,
            kind=NoticeKind.ACCOUNT_EXPIRING,
            about=str(last_used_on),
            subject=_("Votre compte PRATIK sera bientôt effacé"),
            body=_(
                "Votre compte %(address)s n’a pas servi depuis le %(last)s. Sans connexion de votre part, il"
                " sera fermé et vos données effacées à partir du %(day)s. Pour le garder, connectez-vous une"
                " fois avant cette date."
            )
            % values,
            path=console_page(user),
        )


def erased(address, language, kept):
    """The last e-mail to somebody whose data are erased: what was done, what stays and why; `kept` is what
    the erasure left as it was.

    It is not kept as a notice, since a notice would name the person again.
    """
    with translation.override(language):
        context = {"language": language, "site": settings.SITE_URL.rstrip("/"), "stays": what_stays(kept)}
        mail = EmailMultiAlternatives(
            subject=_("Vos données ont été effacées de PRATIK"),
            body=render_to_string("privacy/erased.txt", context),
            to=[address],
        )
        mail.attach_alternative(render_to_string("privacy/erased.html", context), "text/html")
    return mail


def what_stays(kept):
    """What an erasure leaves, and why: told to the person and kept with their request."""
    told = _(
        "Tout ce qui vous identifie a été effacé, historique et fichiers compris. Restent, sans votre nom :"
        " les opérations du journal et les fiches des organisations que vous avez tenues (preuve de ce qui a"
        " été fait, RGPD, article 17(3)(e)), les totaux, et cette demande pendant cinq ans (code civil,"
        " article 2224)."
    )
    return " ".join(filter(None, (told, exception(kept))))


def exception(kept):
    """Which signed papers an erasure leaves as they are, and until when, in a sentence; nothing for none."""
    if not kept.number:
        return ""
    papers = [_("%(paper)s (jusqu’au %(day)s)") % {"paper": row, "day": _day(day)} for row, day in kept.last]
    if kept.more:
        papers.append(
            ngettext(
                "et %(number)d autre, au plus tard à cette date",
                "et %(number)d autres, au plus tard à cette date",
                kept.more,
            )
            % {"number": kept.more}
        )
    return ngettext(
        "Fait exception un document signé, qui garde votre nom parce qu’il prouve ce qui a été convenu (RGPD,"
        " article 17(3)(b) et (e) ; code civil, article 2224) et que ne voient plus que ses autres parties et"
        " l’équipe de PRATIK : %(papers)s.",
        "Font exception des documents signés, qui gardent votre nom parce qu’ils prouvent ce qui a été"
        " convenu (RGPD, article 17(3)(b) et (e) ; code civil, article 2224) et que ne voient plus que leurs"
        " autres parties et l’équipe de PRATIK : %(papers)s.",
        kept.number,
    ) % {"papers": ", ".join(papers)}
