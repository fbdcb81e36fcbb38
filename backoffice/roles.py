"""Who may do what: one table, role × model × verb. Rows are another matter (`visible_to`, `editable_by`).

Verbs are Django's (view, add, change, delete) with `import` and `export`. What a workflow allows is in the
workflow's own table. The read-only auditor is derived: sees and exports whatever an administrator sees.
"""

from functools import cache

from pratik.accounts.enums import Role

VIEW = frozenset({"view"})
SEE = VIEW | {"export"}
CORRECT = SEE | {"change"}
KEEP = SEE | {"add", "change", "delete"}
KEEP_BY_FILE = KEEP | {"import"}

REFERENCE = (
    "reference.commune",
    "reference.postcode",
    "reference.activitysection",
    "reference.activity",
    "reference.publicholiday",
    "reference.schoolholiday",
)
PERSONAL_PROFILES = ("accounts.studentprofile", "accounts.landlordprofile", "accounts.driverprofile")
ORGANISATIONS = (
    "partners.recruiterprofile",
    "partners.partnerprofile",
    "schools.trainingcenterprofile",
)
MEMBERSHIPS = (
    "partners.companymembership",
    "partners.recruitermembership",
    "partners.partnermembership",
    "schools.schoolmembership",
    "schools.trainingcentermembership",
)
BY_FILE = (
    "partners.companyprofile",
    "schools.schoolprofile",
    "schools.programmanager",
    "calendars.internshipcalendar",
)


def _all(models, verbs):
    return dict.fromkeys(models, verbs)


# What everyone with an account has: their own account, what they are told, what they did.
# The nomenclatures are public, and forms choose from them.
OWN = {
    "accounts.user": VIEW | {"change"},
    "notifications.notice": SEE,
    "core.operation": SEE,
    **_all(("reference.commune", "reference.activity"), VIEW),
}

TABLE = {
    Role.ADMINISTRATOR: {
        **_all(REFERENCE, KEEP),
        **_all((*PERSONAL_PROFILES, *ORGANISATIONS, *MEMBERSHIPS), KEEP),
        **_all(BY_FILE, KEEP_BY_FILE),
        "accounts.user": SEE | {"add", "change"},
        "notifications.notice": SEE,
        "core.operation": SEE,
        "django_q.schedule": SEE,
        "django_q.failure": SEE,
    },
    Role.EDITOR: {
        **_all(REFERENCE, SEE),
        **_all((*PERSONAL_PROFILES, *ORGANISATIONS, *MEMBERSHIPS), KEEP),
        **_all(BY_FILE, KEEP_BY_FILE),
        "accounts.user": SEE | {"add", "change"},
        "notifications.notice": SEE,
        "core.operation": SEE,
    },
    Role.VERIFIER: {
        **_all((*REFERENCE, *ORGANISATIONS, *MEMBERSHIPS, *BY_FILE), SEE),
        **_all(PERSONAL_PROFILES, CORRECT),
        "accounts.user": SEE | {"change"},
        "notifications.notice": SEE,
        "core.operation": SEE,
    },
    Role.SCHOOL: {
        **OWN,
        "schools.schoolprofile": CORRECT,
        "schools.schoolmembership": VIEW,
        "schools.programmanager": KEEP_BY_FILE,
        "calendars.internshipcalendar": KEEP_BY_FILE,
    },
    Role.COMPANY: {**OWN, "partners.companyprofile": CORRECT, "partners.companymembership": VIEW},
    Role.RECRUITER: {**OWN, "partners.recruiterprofile": CORRECT, "partners.recruitermembership": VIEW},
    Role.PARTNER: {**OWN, "partners.partnerprofile": CORRECT, "partners.partnermembership": VIEW},
    Role.TRAINING_CENTER: {
        **OWN,
        "schools.trainingcenterprofile": CORRECT,
        "schools.trainingcentermembership": VIEW,
    },
    Role.STUDENT: {**OWN, "accounts.studentprofile": CORRECT},
    Role.LANDLORD: {**OWN, "accounts.landlordprofile": CORRECT},
    Role.DRIVER: {**OWN, "accounts.driverprofile": CORRECT},
}
TABLE[Role.AUDITOR] = {
    model: verbs & SEE for model, verbs in TABLE[Role.ADMINISTRATOR].items() if verbs & VIEW
}


def verbs_of(role, label):
    """The verbs that a role has on a model, named as `app.model`."""
    return TABLE.get(role, {}).get(label, frozenset())


@cache
def granted(role):
    """Every right of a role, as Django names them."""
    return {
        f"{label.split('.')[0]}.{verb}_{label.split('.')[1]}"
        for label, verbs in TABLE.get(role, {}).items()
        for verb in verbs
    }
