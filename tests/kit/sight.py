"""What a stranger's row is to each role, written by hand rather than asked of the code.

The querysets of the areas are held against this table.
"""

from django_q.models import Failure, Schedule

from pratik.accounts.enums import KEEPERS, STAFF_ROLES, Role
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.calendars.models import InternshipCalendar
from pratik.core.models import Operation
from pratik.internships.models import (
    Application,
    HostTutor,
    InternshipOffer,
    Placement,
    PlacementPaper,
    ReferentTeacher,
)
from pratik.joining.models import Invitation, JoinRequest, OrganisationDraft
from pratik.law.models import LegalParameter
from pratik.living.models import CarpoolOffer, CarpoolRequest, CostCeiling, HousingOffer, HousingRequest
from pratik.notifications.models import Notice, OutgoingMail
from pratik.papers.models import PaperTemplate
from pratik.partners.models import (
    CompanyMembership,
    CompanyProfile,
    PartnerMembership,
    PartnerProfile,
    RecruiterMembership,
    RecruiterProfile,
)
from pratik.privacy.models import ErasureRequest, RetentionRun
from pratik.recommendations.models import InternRecommendation, RecommendedStudent
from pratik.reference.models import (
    Activity,
    ActivitySection,
    Commune,
    Postcode,
    PublicHoliday,
    SchoolHoliday,
)
from pratik.schools.models import (
    ProgramManager,
    SchoolMembership,
    SchoolProfile,
    StudentEnrolment,
    TrainingCenterMembership,
    TrainingCenterProfile,
)
from pratik.security.models import AccessEvent, Impersonation
from pratik.tracking.models import Follow
from pratik.verification.models import Requirement, VerificationDocument

EVERYONE = frozenset(Role)
TEAM = STAFF_ROLES
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
VERIFIERS = KEEPERS | {Role.VERIFIER}
CONTROL = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
CHECKERS = frozenset({Role.ADMINISTRATOR, Role.VERIFIER})
NOBODY = frozenset()

# Who sees a row that is not their own and that nobody has published, and who may change it.
OF_A_STRANGER = {
    # Nomenclatures are public; administrators keep them.
    Commune: (EVERYONE, ADMINISTRATOR),
    Postcode: (EVERYONE, ADMINISTRATOR),
    Activity: (EVERYONE, ADMINISTRATOR),
    ActivitySection: (EVERYONE, ADMINISTRATOR),
    PublicHoliday: (EVERYONE, ADMINISTRATOR),
    SchoolHoliday: (EVERYONE, ADMINISTRATOR),
    # People are the team's to look after, and no one else's.
    User: (TEAM, VERIFIERS),
    StudentProfile: (TEAM, VERIFIERS),
    LandlordProfile: (TEAM, VERIFIERS),
    DriverProfile: (TEAM, VERIFIERS),
    # A school is named on the site; the members of another one do not meet it in the console.
    SchoolProfile: (EVERYONE - {Role.SCHOOL}, KEEPERS),
    # Any company may host a student: schools choose among all.
    CompanyProfile: (TEAM | {Role.SCHOOL}, KEEPERS),
    RecruiterProfile: (TEAM, KEEPERS),
    PartnerProfile: (TEAM, KEEPERS),
    TrainingCenterProfile: (TEAM, KEEPERS),
    SchoolMembership: (TEAM, KEEPERS),
    CompanyMembership: (TEAM, KEEPERS),
    RecruiterMembership: (TEAM, KEEPERS),
    PartnerMembership: (TEAM, KEEPERS),
    TrainingCenterMembership: (TEAM, KEEPERS),
    ProgramManager: (TEAM, KEEPERS),
    StudentEnrolment: (TEAM, KEEPERS),
    HostTutor: (TEAM, KEEPERS),
    ReferentTeacher: (TEAM, KEEPERS),
    InternshipCalendar: (TEAM, KEEPERS),
    JoinRequest: (TEAM, VERIFIERS),
    OrganisationDraft: (TEAM, VERIFIERS),
    Invitation: (TEAM, KEEPERS),
    Notice: (TEAM, NOBODY),
    OutgoingMail: (TEAM, ADMINISTRATOR),
    Operation: (TEAM, KEEPERS),
    RetentionRun: (TEAM, NOBODY),
    # What says who did what, and who wants to leave, is for those who answer for it.
    AccessEvent: (CONTROL, NOBODY),
    Impersonation: (CONTROL, NOBODY),
    ErasureRequest: (CONTROL, ADMINISTRATOR),
    # Papers are their owner's and the team's. What is asked (here of students) they know whom it is asked of.
    VerificationDocument: (TEAM, CHECKERS),
    Requirement: (TEAM | {Role.STUDENT}, ADMINISTRATOR),
    # A draft is its owner's and the team's. Who asks for a place is answered by the owner, not by the team.
    HousingOffer: (TEAM, VERIFIERS),
    CarpoolOffer: (TEAM, VERIFIERS),
    HousingRequest: (TEAM, NOBODY),
    CarpoolRequest: (TEAM, NOBODY),
    CostCeiling: (EVERYONE, ADMINISTRATOR),
    LegalParameter: (EVERYONE, ADMINISTRATOR),
    PaperTemplate: (TEAM, KEEPERS),
    # A draft is its company's and the team's to mend; applications are answered by companies alone.
    InternshipOffer: (TEAM, KEEPERS),
    Application: (TEAM, NOBODY),
    # What three parties agree to is theirs; the team's keepers help the schools.
    Placement: (TEAM, KEEPERS),
    PlacementPaper: (TEAM, KEEPERS),
    # What a student agrees to is between them and the company; the team looks on.
    Follow: (TEAM, NOBODY),
    # What a company wrote is the company's and the person's; who has not agreed is recommended to nobody.
    InternRecommendation: (TEAM, NOBODY),
    RecommendedStudent: (NOBODY, NOBODY),
    # The queue's own tables have no scope: the right to the page decides alone.
    Schedule: (EVERYONE, NOBODY),
    Failure: (EVERYONE, NOBODY),
}
# What a role reads of itself and others write: schools and hosts say what a student's internship is.
READ_ONLY = {Role.STUDENT: {Placement, PlacementPaper}}
# One's own rows are always seen. These are not one's own to change: a journal is changed by nobody, a paper
# is sent anew, and who belongs to an organisation is decided by its managers.
NOT_CHANGED_BY_ONESELF = {
    AccessEvent,
    VerificationDocument,
    Impersonation,
    SchoolMembership,
    CompanyMembership,
    RecruiterMembership,
    PartnerMembership,
    TrainingCenterMembership,
    RecommendedStudent,
}
