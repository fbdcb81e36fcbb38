from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from pratik.accounts.enums import AccountType
from pratik.accounts.models import Membership, Organisation
from pratik.accounts.querysets import OrganisationQuerySet
from pratik.core.fields import TextListField
from pratik.core.history import history
from pratik.core.text import fold
from pratik.reference.identifiers import validate_siret
from pratik.reference.models import Activity

from .enums import InstitutionKind, Partnership, SizeBand
from .querysets import CompanyQuerySet
from .workflow import PARTNERSHIP


class CompanyProfile(Organisation):
    """A company that may host interns: one site, known by its SIRET."""

    natural_key_fields = ("siret",)
    slug_source = "name"
    account_type = AccountType.COMPANY
    workflow = PARTNERSHIP

    siret = models.CharField(
        _("SIRET"),
        max_length=14,
        unique=True,
        validators=[validate_siret],
        error_messages={"unique": _("Une entreprise a déjà ce SIRET.")},
    )
    slug = models.SlugField(_("adresse de la page"), max_length=150, unique=True, editable=False)
    acronym = models.CharField(_("sigle"), max_length=100, blank=True)
    activity = models.ForeignKey(
        Activity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="companies",
        verbose_name=_("activité (NAF)"),
    )
    size_band = models.CharField(_("tranche d’effectif"), max_length=10, choices=SizeBand.choices, blank=True)
    headcount = models.PositiveIntegerField(
        _("effectif"),
        null=True,
        blank=True,
        help_text=_("Nombre exact de salariés : le nombre de stagiaires admis par semaine en dépend."),
    )
    created_on = models.DateField(_("date de création"), null=True, blank=True)
    partnership = models.CharField(
        _("partenariat"),
        max_length=10,
        choices=Partnership.choices,
        default=Partnership.NONE,
        editable=False,
        db_index=True,
    )
    partner_since = models.DateField(_("partenaire depuis"), null=True, blank=True, editable=False)
    partner_badge = models.BooleanField(
        _("badge de partenaire"),
        default=True,
        help_text=_("Montré sur le site tant que l’entreprise est partenaire."),
    )
    is_visible_on_partners_page = models.BooleanField(_("visible sur la page des partenaires"), default=True)
    total_interns_hosted = models.PositiveIntegerField(_("stagiaires accueillis"), default=0, editable=False)
    average_rating = models.DecimalField(
        _("note moyenne"), max_digits=3, decimal_places=2, null=True, blank=True, editable=False
    )

    objects = CompanyQuerySet.as_manager()
    history = history(excluded_fields=Organisation.derived_fields)

    class Meta:
        verbose_name = _("entreprise")
        verbose_name_plural = _("entreprises")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(average_rating=None) | (Q(average_rating__gte=1) & Q(average_rating__lte=5)),
                name="company_rating_one_to_five",
                violation_error_code="average_rating",
                violation_error_message=_("Une note va de 1 à 5."),
            )
        ]

    def searched(self):
        return (*super().searched(), fold(self.acronym))

    @property
    def headcount_floor(self):
        """How many people work there at least: the exact number, else where its band begins, else None."""
        if self.headcount is not None:
            return self.headcount
        return SizeBand(self.size_band).at_least if self.size_band else None

    @property
    def is_partner(self):
        return self.partnership == Partnership.PARTNER

    @property
    def is_public(self):
        """Whether visitors may see it."""
        return self.is_partner and self.is_visible_on_partners_page


class RecruiterProfile(Organisation):
    """A recruitment agency."""

    natural_key_fields = ("siret",)
    account_type = AccountType.RECRUITER

    siret = models.CharField(_("SIRET"), max_length=14, unique=True, validators=[validate_siret])
    specialities = TextListField(_("spécialités"))
    total_placements = models.PositiveIntegerField(_("placements réalisés"), default=0, editable=False)

    objects = OrganisationQuerySet.as_manager()
    history = history(excluded_fields=Organisation.derived_fields)

    class Meta:
        verbose_name = _("cabinet de recrutement")
        verbose_name_plural = _("cabinets de recrutement")
        ordering = ["sort_name", "pk"]


class PartnerProfile(Organisation):
    """An institutional partner: a local authority, a chamber, a service of the State."""

    natural_key_fields = ("siret",)
    account_type = AccountType.PARTNER

    siret = models.CharField(_("SIRET"), max_length=14, unique=True, validators=[validate_siret])
    institution_kind = models.CharField(
        _("nature"), max_length=20, choices=InstitutionKind.choices, default=InstitutionKind.OTHER
    )
    mission = models.TextField(_("mission"), blank=True, max_length=2000)
    agreement_start_on = models.DateField(_("début du partenariat"), null=True, blank=True)
    agreement_end_on = models.DateField(_("fin du partenariat"), null=True, blank=True)

    objects = OrganisationQuerySet.as_manager()
    history = history(excluded_fields=Organisation.derived_fields)

    class Meta:
        verbose_name = _("partenaire institutionnel")
        verbose_name_plural = _("partenaires institutionnels")
        ordering = ["sort_name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(agreement_end_on__gt=F("agreement_start_on")),
                name="partner_agreement_ends_after_start",
                violation_error_code="agreement_end_on",
                violation_error_message=_("Le partenariat finit avant d’avoir commencé."),
            )
        ]


class CompanyMembership(Membership):
    """An account's place in a company."""

    natural_key_fields = ("organisation", "user")
    organisation = models.ForeignKey(
        CompanyProfile, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("entreprise")
    )
    history = history()

    class Meta:
        verbose_name = _("membre d’une entreprise")
        verbose_name_plural = _("membres d’entreprises")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="company_member_once")]


class RecruiterMembership(Membership):
    """An account's place in a recruitment agency."""

    natural_key_fields = ("organisation", "user")
    organisation = models.ForeignKey(
        RecruiterProfile, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("cabinet")
    )
    history = history()

    class Meta:
        verbose_name = _("membre d’un cabinet de recrutement")
        verbose_name_plural = _("membres de cabinets de recrutement")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="recruiter_member_once")]


class PartnerMembership(Membership):
    """An account's place in an institutional partner."""

    natural_key_fields = ("organisation", "user")
    organisation = models.ForeignKey(
        PartnerProfile, on_delete=models.PROTECT, related_name="memberships", verbose_name=_("partenaire")
    )
    history = history()

    class Meta:
        verbose_name = _("membre d’un partenaire institutionnel")
        verbose_name_plural = _("membres de partenaires institutionnels")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["organisation", "user"], name="partner_member_once")]
