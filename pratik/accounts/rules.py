"""Pure rules of accounts: what may become of one."""

from django.utils.translation import gettext as _


def last_administrator_refusal(others):
    """Why an administrator's account stays open and an administrator's; None while `others`, so many active
    administrators, are left to manage the platform.
    """
    if others:
        return None
    return _("C’est le dernier administrateur actif : nommez-en un autre d’abord.")
