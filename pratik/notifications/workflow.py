from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import Role
from pratik.core.workflow import Transition, Workflow

from .enums import MailState

ADMINISTRATORS = frozenset({Role.ADMINISTRATOR})

# What the team may do with e-mails that have not left, or of which nobody knows. Sending itself moves them
# by `services.sending`. None is undone: an e-mail that left does not come back.
MAIL = Workflow(
    field="mail_state",
    states=MailState,
    transitions=(
        Transition(
            verb="hold",
            label=_("Retenir"),
            noun=_("E-mails retenus"),
            sources=frozenset({MailState.WAITING, MailState.DIGEST}),
            target=MailState.HELD,
            who=ADMINISTRATORS,
            question=_("Ces avis ne partiront pas par e-mail tant que vous ne les libérez pas."),
            question_one=_("Cet avis ne partira pas par e-mail tant que vous ne le libérez pas."),
            icon="pause",
            final=True,
        ),
        Transition(
            verb="release",
            label=_("Libérer"),
            noun=_("E-mails libérés"),
            sources=frozenset({MailState.HELD}),
            target=MailState.WAITING,
            who=ADMINISTRATORS,
            question=_("Ces avis partiront par e-mail au prochain envoi."),
            question_one=_("Cet avis partira par e-mail au prochain envoi."),
            icon="play_arrow",
            final=True,
        ),
        Transition(
            verb="discard",
            label=_("Écarter"),
            noun=_("E-mails écartés"),
            sources=frozenset({MailState.WAITING, MailState.DIGEST, MailState.HELD, MailState.FAILED}),
            target=MailState.DISCARDED,
            who=ADMINISTRATORS,
            question=_(
                "Ces avis ne partiront jamais par e-mail ; leurs destinataires les lisent dans la console."
            ),
            question_one=_(
                "Cet avis ne partira jamais par e-mail ; son destinataire le lit dans la console."
            ),
            needs_reason=True,
            danger=True,
            icon="delete_sweep",
            final=True,
        ),
        Transition(
            verb="send_again",
            label=_("Envoyer de nouveau"),
            noun=_("E-mails envoyés de nouveau"),
            sources=frozenset({MailState.FAILED, MailState.IN_DOUBT}),
            target=MailState.WAITING,
            who=ADMINISTRATORS,
            question=_(
                "Ces avis partiront au prochain envoi. Un envoi incertain a pu arriver : son destinataire le"
                " recevrait alors deux fois."
            ),
            question_one=_(
                "Cet avis partira au prochain envoi. Un envoi incertain a pu arriver : son destinataire le"
                " recevrait alors deux fois."
            ),
            icon="forward_to_inbox",
            final=True,
        ),
        Transition(
            verb="consider_sent",
            label=_("Tenir pour envoyé"),
            noun=_("E-mails tenus pour envoyés"),
            sources=frozenset({MailState.IN_DOUBT}),
            target=MailState.SENT,
            who=ADMINISTRATORS,
            question=_("Ces avis ne partiront plus : vous tenez leur e-mail pour arrivé."),
            question_one=_("Cet avis ne partira plus : vous tenez son e-mail pour arrivé."),
            icon="mark_email_read",
            final=True,
        ),
    ),
)
