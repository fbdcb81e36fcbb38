"""What the pages of the site show: each subject is made of rows of these models."""

from pratik.accounts.models import User
from pratik.calendars.models import InternshipCalendar
from pratik.internships.models import InternshipOffer
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingPhoto, HousingRequest
from pratik.partners.models import CompanyProfile
from pratik.reference.models import Activity, ActivitySection, Commune, SchoolHoliday
from pratik.schools.models import ProgramManager, SchoolProfile

CALENDARS = frozenset({InternshipCalendar, SchoolProfile, ProgramManager, Commune, SchoolHoliday})
PARTNERS = frozenset({CompanyProfile, Activity, ActivitySection, Commune})
OFFERS = frozenset({InternshipOffer}) | PARTNERS
# Who offers must be verified, and who asks takes places.
LODGINGS = frozenset({HousingOffer, HousingPhoto, HousingRequest, User, Commune})
TRIPS = frozenset({CarpoolOffer, CarpoolRequest, User, Commune})
EVERYTHING = CALENDARS | PARTNERS | OFFERS | LODGINGS | TRIPS
