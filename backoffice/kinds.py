"""The kinds of file that PRATIK reads, by the names they have on the command line."""

from .calendars.resources import CalendarResource
from .internships.resources import OfferResource
from .partners.resources import CompanyResource
from .schools.resources import ProgramManagerResource, SchoolResource

KINDS = {
    resource.kind: resource
    for resource in (
        SchoolResource,
        CompanyResource,
        ProgramManagerResource,
        CalendarResource,
        OfferResource,
    )
}
