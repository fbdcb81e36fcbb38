"""Who may do what: one table, role × model × verb. Rows are another matter (`visible_to`, `editable_by`).

Verbs are Django's (view, add, change, delete) with `import` and `export`. What a workflow allows is in the
workflow's own table. Read-only roles are derived (`TWINS`): the auditor sees and exports whatever an
administrator sees.
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
    "internships.internshipoffer",
)


LISTINGS = ("living.housingoffer", "living.carpooloffer")
PLACE_REQUESTS = ("living.housingrequest", "living.carpoolrequest")
RECOMMENDATIONS = ("recommendations.internrecommendation", "recommendations.recommendedstudent")


def _all(models, verbs):
    return dict.fromkeys(models, verbs)


SUPERVISORS = ("internships.hosttutor", "internships.referentteacher")
ENROLMENTS = {"schools.studentenrolment": SEE | {"add", "change"}}
# Who looks after placements types them and words them; papers are made of them, and nobody removes one.
PLACEMENTS = {"internships.placement": SEE | {"add", "change"}, "internships.placementpaper": SEE}
PLACEMENTS_SEEN = _all(PLACEMENTS, SEE)


# What those who act for an organisation have besides.
MEMBER = {
    "joining.joinrequest": SEE,
    "joining.organisationdraft": VIEW,
    "joining.invitation": SEE | {"add"},
}

# What everyone with an account has: their own account, what they are told, what they did.
# The nomenclatures are public, and forms choose from them.
OWN = {
    "accounts.user": VIEW | {"change"},
    "notifications.notice": SEE,
    "core.operation": SEE,
    "verification.verificationdocument": VIEW,
    **_all(("reference.commune", "reference.activity"), VIEW),
    "law.legalparameter": VIEW,
}

TABLE = {
    Role.ADMINISTRATOR: {
        **_all(REFERENCE, KEEP),
        **_all((*PERSONAL_PROFILES, *ORGANISATIONS, *MEMBERSHIPS), KEEP),
        **_all(BY_FILE, KEEP_BY_FILE),
        "accounts.user": SEE | {"change"},
        "joining.joinrequest": SEE,
        "joining.organisationdraft": CORRECT,
        "joining.invitation": SEE | {"add"},
        "notifications.notice": SEE,
        "notifications.outgoingmail": SEE,
        "core.operation": SEE,
        "privacy.erasurerequest": SEE | {"add"},
        "privacy.retentionrun": SEE,
        "security.accessevent": SEE,
        "security.impersonation": SEE,
        "verification.verificationdocument": CORRECT,
        "verification.requirement": KEEP,
        **_all(LISTINGS, CORRECT),
        **_all(PLACE_REQUESTS, SEE),
        "internships.application": SEE,
        "living.costceiling": KEEP,
        "law.legalparameter": KEEP,
        "papers.papertemplate": KEEP,
        "django_q.schedule": SEE,
        "django_q.failure": SEE,
        "tracking.follow": SEE,
        **_all(RECOMMENDATIONS, SEE),
        **PLACEMENTS,
        **_all(SUPERVISORS, KEEP),
        **ENROLMENTS,
    },
    Role.EDITOR: {
        **_all(REFERENCE, SEE),
        **_all((*PERSONAL_PROFILES, *ORGANISATIONS, *MEMBERSHIPS), KEEP),
        **_all(BY_FILE, KEEP_BY_FILE),
        "accounts.user": SEE | {"change"},
        "joining.joinrequest": SEE,
        "joining.organisationdraft": CORRECT,
        "joining.invitation": SEE | {"add"},
        "notifications.notice": SEE,
        "notifications.outgoingmail": SEE,
        "core.operation": SEE,
        "privacy.retentionrun": SEE,
        **_all(LISTINGS, CORRECT),
        **_all(PLACE_REQUESTS, SEE),
        "internships.application": SEE,
        "living.costceiling": SEE,
        "law.legalparameter": SEE,
        "papers.papertemplate": KEEP,
        "tracking.follow": SEE,
        **_all(RECOMMENDATIONS, SEE),
        **PLACEMENTS,
        **_all(SUPERVISORS, KEEP),
        **ENROLMENTS,
    },
    Role.VERIFIER: {
        **_all((*REFERENCE, *ORGANISATIONS, *MEMBERSHIPS, *BY_FILE), SEE),
        **_all(PERSONAL_PROFILES, CORRECT),
        "accounts.user": SEE | {"change"},
        "joining.joinrequest": SEE,
        "joining.organisationdraft": CORRECT,
        "joining.invitation": SEE,
        "notifications.notice": SEE,
        "core.operation": SEE,
        "privacy.retentionrun": SEE,
        "verification.verificationdocument": CORRECT,
        "verification.requirement": SEE,
        **_all(LISTINGS, CORRECT),
        **_all(PLACE_REQUESTS, SEE),
        "internships.application": SEE,
        "living.costceiling": SEE,
        "law.legalparameter": SEE,
        "papers.papertemplate": SEE,
        "tracking.follow": SEE,
        # Who is who is read from papers; no agreement, nor what companies say of anybody, is needed for it.
        **_all((*SUPERVISORS, *ENROLMENTS), SEE),
    },
    Role.SCHOOL: {
        **OWN,
        **MEMBER,
        "schools.schoolprofile": CORRECT,
        "schools.schoolmembership": VIEW | {"change"},
        "schools.programmanager": KEEP_BY_FILE,
        "partners.companyprofile": VIEW,
        "calendars.internshipcalendar": KEEP_BY_FILE,
        "internships.application": SEE,
        **PLACEMENTS,
        **_all(SUPERVISORS, KEEP),
        **ENROLMENTS,
    },
    Role.COMPANY: {
        **OWN,
        **MEMBER,
        "partners.companyprofile": CORRECT,
        "partners.companymembership": VIEW | {"change"},
        "internships.internshipoffer": KEEP_BY_FILE,
        "internships.application": SEE,
        "tracking.follow": CORRECT,
        "recommendations.internrecommendation": KEEP,
        "recommendations.recommendedstudent": SEE,
        **PLACEMENTS_SEEN,
        "internships.placement": CORRECT,
        "internships.hosttutor": KEEP,
        "internships.referentteacher": SEE,
    },
    Role.RECRUITER: {
        **OWN,
        **MEMBER,
        "partners.recruiterprofile": CORRECT,
        "partners.recruitermembership": VIEW | {"change"},
    },
    Role.PARTNER: {
        **OWN,
        **MEMBER,
        "partners.partnerprofile": CORRECT,
        "partners.partnermembership": VIEW | {"change"},
    },
    Role.TRAINING_CENTER: {
        **OWN,
        **MEMBER,
        "schools.trainingcenterprofile": CORRECT,
        "schools.trainingcentermembership": VIEW | {"change"},
    },
    Role.STUDENT: {
        **OWN,
        "accounts.studentprofile": CORRECT,
        **_all(PLACE_REQUESTS, SEE),
        "internships.application": SEE,
        "tracking.follow": VIEW | {"change"},
        "recommendations.internrecommendation": SEE,
        **PLACEMENTS_SEEN,
        **ENROLMENTS,
    },
    Role.LANDLORD: {
        **OWN,
        "accounts.landlordprofile": CORRECT,
        "living.housingoffer": KEEP,
        "living.housingrequest": SEE,
    },
    Role.DRIVER: {
        **OWN,
        "accounts.driverprofile": CORRECT,
        "living.carpooloffer": KEEP,
        "living.carpoolrequest": SEE,
    },
}
# A role that only looks → the role that it looks over the shoulder of.
TWINS = {Role.AUDITOR: Role.ADMINISTRATOR}


def read_only(rights):
    """What is left of a role's rights to somebody who only looks: seeing, and exporting what is seen."""
    return {model: verbs & SEE for model, verbs in rights.items() if verbs & VIEW}


TABLE |= {twin: read_only(TABLE[role]) for twin, role in TWINS.items()}


def verbs_of(role, label):
    """The verbs that a role has on a model, named as `app.model`."""
    return TABLE.get(role, {}).get(label, frozenset())


@cache
def may_import(role):
    """Whether there is anything that a role brings by file."""
    return any("import" in verbs for verbs in TABLE.get(role, {}).values())


@cache
def granted(role):
    """Every right of a role, as Django names them."""
    return {
        f"{label.split('.')[0]}.{verb}_{label.split('.')[1]}"
        for label, verbs in TABLE.get(role, {}).items()
        for verb in verbs
    }
