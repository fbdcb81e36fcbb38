"""The console's rooms; importing one registers its pages."""

from .accounts import admin as accounts
from .calendars import admin as calendars
from .core import admin as core
from .notifications import admin as notifications
from .partners import admin as partners
from .reference import admin as reference
from .schools import admin as schools

__all__ = ["accounts", "calendars", "core", "notifications", "partners", "reference", "schools"]
