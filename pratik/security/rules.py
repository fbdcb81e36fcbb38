"""Who may act in whose name, and who may change who an account is."""

from django.utils.translation import gettext as _

REASON_AT_LEAST = 10


def impersonation_refusal(*, administrator, target):
    """Why this person may not act in the other's name, in a sentence; None when they may."""
    if not (administrator.is_active and administrator.is_administrator):
        return _("Seul un administrateur agit au nom d’un autre.")
    if administrator.pk == target.pk:
        return _("C’est votre propre compte.")
    if target.is_administrator:
        return _("On n’agit pas au nom d’un autre administrateur.")
    if not target.is_active:
        return _("Ce compte est fermé.")
    return None


def identity_refusal(*, is_administrator):
    """Why somebody may not change the address, the type or the role of an account, be it their own."""
    if is_administrator:
        return None
    return _("Seul un administrateur change l’adresse, le type ou le rôle d’un compte.")


def rescue_refusal(*, administrator, target):
    """Why this person may not take the other's second factor away; None when they may.

    One administrator alone does not get into the account of another: that takes access to the server.
    """
    if not administrator.is_administrator:
        return _("Seul un administrateur retire le second facteur d’un autre.")
    if target.is_administrator:
        return _(
            "On ne retire pas d’ici le second facteur d’un autre administrateur\u00a0: cela se fait sur le"
            " serveur, par «\u00a0manage.py rescue_account\u00a0»."
        )
    return None


def address_refusal(*, is_own):
    """Why the address of an administrator's account is not changed; they change their own."""
    if is_own:
        return None
    return _(
        "On ne change pas d’ici l’adresse d’un autre administrateur\u00a0: il le fait lui-même, ou cela se"
        " fait sur le serveur, par «\u00a0manage.py rescue_account\u00a0»."
    )
