"""What is said to whom about recommendations. What a company wrote is read on its page, not in a notice."""

from django.utils import translation
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from pratik.core.calendar import CAYENNE
from pratik.core.links import console_page
from pratik.notifications.enums import NoticeKind
from pratik.notifications.services import Draft

# Which acts are told to the person, and which to the company.
TO_STUDENT = frozenset({"propose", "retract", "feature"})
TO_COMPANY = frozenset({"accept", "decline", "withdraw"})


def _draft(recipient, kind, row, operation, subject, body):
    # What is taken back and sent again the same day is told once.
    is_sent = kind == NoticeKind.RECOMMENDATION_PROPOSED
    occasion = localdate(operation.started_at, CAYENNE) if is_sent else operation.pk
    return Draft(
        recipient=recipient,
        kind=kind,
        about=f"{row.pk}:{occasion}",
        subject=subject,
        body=body,
        path=console_page(row),
    )


def to_student(row, operation):
    """Tells a student that a company recommends them, no longer does, or that the team puts it forward."""
    recipient = row.student.user
    with translation.override(recipient.language):
        values = {"company": row.company.name, "why": operation.reason}
        kind, subject, body = {
            "propose": (
                NoticeKind.RECOMMENDATION_PROPOSED,
                _("%(company)s vous recommande"),
                _(
                    "%(company)s a écrit une recommandation après votre stage. Lisez-la, puis dites si vous"
                    " voulez qu’on la voie, et qui peut la voir. Sans votre accord, personne ne la lit."
                ),
            ),
            "retract": (
                NoticeKind.RECOMMENDATION_WITHDRAWN,
                _("%(company)s retire sa recommandation"),
                _(
                    "%(company)s a retiré la recommandation écrite après votre stage : plus personne ne la"
                    " lit. Motif : %(why)s"
                ),
            ),
            "feature": (
                NoticeKind.RECOMMENDATION_FEATURED,
                _("Votre recommandation est mise en avant"),
                _(
                    "L’équipe PRATIK a mis en avant, sur le site, la recommandation de %(company)s. Vous"
                    " pouvez retirer votre accord à tout moment."
                ),
            ),
        }[operation.verb]
        return _draft(recipient, kind, row, operation, subject % values, body % values)


def to_company(row, recipient, operation):
    """Tells a member of the company what the student answered, or that they took their agreement back."""
    with translation.override(recipient.language):
        values = {"student": row.student.user}
        kind, subject, body = {
            "accept": (
                NoticeKind.RECOMMENDATION_ANSWERED,
                _("%(student)s accepte votre recommandation"),
                _("%(student)s accepte la recommandation que vous avez écrite, et choisit qui la lit."),
            ),
            "decline": (
                NoticeKind.RECOMMENDATION_ANSWERED,
                _("%(student)s décline votre recommandation"),
                _(
                    "%(student)s ne souhaite pas que votre recommandation soit lue. Elle n’est visible que de"
                    " vous deux."
                ),
            ),
            "withdraw": (
                NoticeKind.RECOMMENDATION_WITHDRAWN,
                _("%(student)s retire son accord"),
                _(
                    "%(student)s ne souhaite plus que votre recommandation soit lue : elle a quitté le site"
                    " et les listes, et son PDF n’est plus reconnu."
                ),
            ),
        }[operation.verb]
        return _draft(recipient, kind, row, operation, subject % values, body % values)
