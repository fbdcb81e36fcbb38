"""A person's own profile on the home page: what it still lacks, and what others see of it."""

from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pratik.accounts import reports as accounts
from pratik.accounts.enums import Role
from pratik.accounts.models import DriverProfile, LandlordProfile, StudentProfile, User
from pratik.accounts.reports import EXPECTED_OF_ACCOUNT, completeness
from pratik.partners import reports as partners
from pratik.partners.models import CompanyProfile, PartnerProfile, RecruiterProfile
from pratik.schools import reports as schools
from pratik.schools.models import SchoolProfile, TrainingCenterProfile

from .parts import Action, Badge, console_url, day

EXPECTED = accounts.EXPECTED | partners.EXPECTED | schools.EXPECTED

# The profiles that the people of each role look after.
PROFILES = {
    Role.COMPANY: CompanyProfile,
    Role.RECRUITER: RecruiterProfile,
    Role.PARTNER: PartnerProfile,
    Role.TRAINING_CENTER: TrainingCenterProfile,
    Role.STUDENT: StudentProfile,
    Role.LANDLORD: LandlordProfile,
    Role.DRIVER: DriverProfile,
}
SHOWN = 3


@dataclass(frozen=True)
class Profile:
    """How complete a profile is, what it lacks in words, and what is to be known about it."""

    title: str
    kind: str
    url: str
    percent: int
    missing: tuple
    badge: Badge | None = None
    facts: tuple = ()
    links: tuple = ()


def profiles_of(user, today):
    """The profiles that the person looks after, at most three; none when the team has not opened any."""
    model = PROFILES[user.role]
    return [profile_of(row, today) for row in model.objects.editable_by(user)[:SHOWN]]


def profile_of(row, today=None, links=()):
    """One profile as the page shows it."""
    found = completeness(row, EXPECTED[type(row)])
    badge, facts, own_links = _told(row, today)
    return Profile(
        title=str(row),
        kind=capfirst(row._meta.verbose_name),
        url=console_url(type(row), "change", row.pk),
        percent=found.percent,
        missing=tuple(capfirst(field.verbose_name) for field in found.missing),
        badge=badge,
        facts=facts,
        links=(*own_links, *links),
    )


def account_profile(user):
    """The person's own account, as the page shows it."""
    found = completeness(user, EXPECTED_OF_ACCOUNT)
    return Profile(
        title=user.email,
        kind=_("Mon compte"),
        url=console_url(User, "change", user.pk),
        percent=found.percent,
        missing=tuple(capfirst(field.verbose_name) for field in found.missing),
    )


def _told(row, today):
    match row:
        case CompanyProfile():
            return _of_company(row)
        case StudentProfile():
            return _of_student(row)
        case DriverProfile() if row.licence_expires_on and row.licence_expires_on < today:
            fact = _("La validité de votre permis a pris fin le %(day)s\u00a0: mettez la date à jour.")
            return None, (fact % {"day": day(row.licence_expires_on)},), ()
        case SchoolProfile() if not row.is_visible:
            return Badge(_("Hors ligne"), "warn"), (_("L’établissement n’est pas montré sur le site."),), ()
    return None, (), ()


def _of_company(row):
    if not row.is_partner:
        fact = _("L’entreprise n’est pas partenaire\u00a0: elle ne paraît pas sur la page des partenaires.")
        return Badge(row.get_partnership_display()), (fact,), ()
    badge = Badge(row.get_partnership_display(), "good")
    if not row.is_public:
        return badge, (_("Vous avez choisi de ne pas paraître sur la page des partenaires."),), ()
    link = Action(_("Voir la page publique"), row.get_absolute_url(), "open_in_new")
    return badge, (_("L’entreprise paraît sur la page des partenaires."),), (link,)


def _of_student(row):
    if row.is_public:
        return Badge(_("Visible"), "good"), (_("Les entreprises peuvent voir votre profil."),), ()
    fact = _("Votre profil n’est montré à personne. Vous pouvez en décider autrement à tout moment.")
    return Badge(_("Privé")), (fact,), ()
