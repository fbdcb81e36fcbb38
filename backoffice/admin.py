"""The console's rooms; importing one registers its pages."""

from .accounts import admin as accounts
from .calendars import admin as calendars
from .core import admin as core
from .internships import admin as internships
from .joining import admin as joining
from .law import admin as law
from .living import admin as living
from .notifications import admin as notifications
from .papers import admin as papers
from .partners import admin as partners
from .privacy import admin as privacy
from .recommendations import admin as recommendations
from .reference import admin as reference
from .schools import admin as schools
from .security import admin as security
from .tracking import admin as tracking
from .verification import admin as verification

__all__ = [
    "accounts",
    "calendars",
    "core",
    "internships",
    "joining",
    "law",
    "living",
    "notifications",
    "papers",
    "partners",
    "privacy",
    "recommendations",
    "reference",
    "schools",
    "security",
    "tracking",
    "verification",
]
