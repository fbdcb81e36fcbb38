"""The link at the foot of an e-mail by which its reader wants no more of them, without signing in."""

from dataclasses import dataclass

from django.core.signing import BadSignature, Signer

from pratik.accounts.models import User

from ..enums import TOPIC_OF, Topic
from ..rules import OPTIONAL_TOPICS

# Signed under a salt of its own, so that no other signature of the site serves here, and without an end: who
# opens an old e-mail may still want no more of them (RFC 8058 wants the link to work as long as it is read).
_signer = Signer(salt="pratik.notifications.unsubscribing")


@dataclass(frozen=True)
class Unsubscription:
    """Whose link it is, and the topics of the e-mail that it stood in."""

    user: User
    topics: tuple


def unsubscribe_token(user, kinds):
    """The secret part of the link for an e-mail with notices of these kinds, or "" when none is optional."""
    topics = sorted({TOPIC_OF[kind] for kind in kinds} & set(OPTIONAL_TOPICS))
    return _signer.sign(f"{user.pk}.{'.'.join(topics)}") if topics else ""


def read_token(token):
    """What a link says, or None when it was cut short, made up, or the account is gone."""
    try:
        pk, *topics = _signer.unsign(token).split(".")
    except BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    # A topic may have been renamed since.
    known = tuple(Topic(topic) for topic in topics if topic in OPTIONAL_TOPICS)
    return Unsubscription(user, known) if user is not None and known else None
