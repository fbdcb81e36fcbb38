"""What lodgings and trips have in common: somebody offers places, students ask for them."""

from collections import Counter

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pratik.accounts.enums import Role
from pratik.core.calendar import today
from pratik.core.contacts import validate_without_contact
from pratik.core.models import BusinessModel

from ..enums import LIVE_STATES, OFFER_COLORS, REQUEST_COLORS, OfferState, RequestState


class Offer(BusinessModel):
    """What somebody offers to students: so many places, on some days.

    A kind names the role of its owners, the columns of the owner and of the number of places, and the public
    texts, in which nobody is to be reached.
    """

    owner_role: Role
    owner_field = ""
    capacity_field = ""
    public_texts: tuple[str, ...] = ()
    # What students who have a place counted on: they are told when it changes.
    promised_fields: tuple[str, ...] = ()
    is_undoable = False

    description = models.TextField(gettext_lazy("description"), blank=True, max_length=4000)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=OfferState.choices,
        default=OfferState.DRAFT,
        editable=False,
        db_index=True,
    )
    submitted_at = models.DateTimeField(gettext_lazy("proposée le"), null=True, editable=False)
    published_at = models.DateTimeField(gettext_lazy("publiée le"), null=True, editable=False)
    search_text = models.CharField(max_length=500, editable=False, default="")

    class Meta:
        abstract = True

    def clean(self):
        """Whose listing it is, that nobody is reached by its public texts, and that it still has room for
        those who were accepted. Two queries at most for a listing that exists already.
        """
        owner = self.owner if self.owner_id else None
        if owner is not None and owner.role != self.owner_role:
            raise ValidationError(
                {
                    self.owner_field: _("Ce compte n’est pas du type « %(kind)s ».")
                    % {"kind": self.owner_role.label}
                },
                code="wrong_owner",
            )
        errors = {}
        for name in self.public_texts:
            try:
                validate_without_contact(getattr(self, name))
            except ValidationError as error:
                errors[name] = error
        if errors:
            raise ValidationError(errors)
        if self.pk is not None:
            self._refuse_leaving_out()

    def _refuse_leaving_out(self):
        coming = [row for row in self.requests.accepted() if row.until_on >= today()]
        if not coming:
            return
        before = type(self).objects.get(pk=self.pk)
        missing = [row for row in coming if self.leaves_out(row, before, today())]
        if missing:
            raise ValidationError(
                ngettext(
                    "Ces jours laissent de côté %(number)d demande acceptée : refusez-la d’abord.",
                    "Ces jours laissent de côté %(number)d demandes acceptées : refusez-les d’abord.",
                    len(missing),
                )
                % {"number": len(missing)},
                code="leaves_out",
            )
        busiest = self.most_at_once(coming)
        if busiest > self.capacity:
            raise ValidationError(
                {
                    self.capacity_field: ngettext(
                        "%(number)d demande est déjà acceptée pour les mêmes jours.",
                        "%(number)d demandes sont déjà acceptées pour les mêmes jours.",
                        busiest,
                    )
                    % {"number": busiest}
                },
                code="too_few_places",
            )

    def deletion_refusal(self):
        """Only a draft is deleted; what was read by others is archived, so that its trace stays."""
        if self.state == OfferState.DRAFT:
            return None
        return _("Seul un brouillon se supprime : archivez cette annonce.")

    def edit_refusal(self):
        """What the team has read is not changed behind its back: only a draft is."""
        match self.state:
            case OfferState.DRAFT:
                return None
            case OfferState.ARCHIVED:
                return _("Cette annonce est archivée : elle ne se modifie plus.")
            case _:
                return _("Remettez d’abord cette annonce en brouillon ; elle sera relue avant de reparaître.")

    @property
    def owner(self):
        return getattr(self, self.owner_field)

    @property
    def owner_id(self):
        return getattr(self, f"{self.owner_field}_id")

    @property
    def capacity(self):
        """How many students there is room for on one day."""
        return getattr(self, self.capacity_field)

    @property
    def color(self):
        return OFFER_COLORS[self.state]

    @property
    def slug(self):
        return slugify(str(self))[:80] or "annonce"

    @property
    def is_online(self):
        """Whether visitors see it today; the owner must be loaded."""
        owner = self.owner
        return (
            self.state == OfferState.PUBLISHED
            and owner.is_active
            and owner.is_verified
            and not self.is_over_on(today())
        )

    def cost_refusal(self, ceiling):
        """Why what is asked for is not to be asked; None when it may be. Only trips have a ceiling."""
        return None

    def is_over_on(self, day):
        """Whether its last day has passed by then."""
        raise NotImplementedError

    def leaves_out(self, request, before, today):
        """Whether a request loses a day, not yet gone by, that it had in the listing as it was `before`."""
        raise NotImplementedError

    def days_of(self, request):
        """The days on which a request takes a place."""
        raise NotImplementedError

    def most_at_once(self, requests, days=None):
        """How many of these requests take a place on the busiest day (of these days, if given)."""
        taken = Counter(day for request in requests for day in self.days_of(request))
        return max((taken[day] for day in (taken if days is None else days)), default=0)

    def has_room_for(self, request, accepted):
        """Whether a place is free on each of the request's days, beside these accepted requests."""
        return self.most_at_once(accepted, self.days_of(request)) < self.capacity


def counted(verbose_name, most, help_text=""):
    """A column of places: one at least, `most` at most."""
    return models.PositiveSmallIntegerField(
        verbose_name,
        default=1,
        validators=[
            MinValueValidator(1, gettext_lazy("Indiquez au moins une place.")),
            MaxValueValidator(
                most, gettext_lazy("Ce nombre est trop grand : au plus %(limit_value)s places.")
            ),
        ],
        help_text=help_text,
    )


def euros(verbose_name, most, **options):
    """A column of money: euros and cents, never negative, `most` at most."""
    return models.DecimalField(
        verbose_name,
        max_digits=8,
        decimal_places=2,
        validators=[
            MinValueValidator(0, gettext_lazy("Un montant n’est pas négatif.")),
            MaxValueValidator(most, gettext_lazy("Ce montant est trop grand : vérifiez-le.")),
        ],
        **options,
    )


class Request(BusinessModel):
    """A student asks for a place for some days. `offer` is the listing, of whatever kind."""

    natural_key_fields = ("offer", "student", "created_at")
    is_undoable = False

    student = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        editable=False,
        related_name="%(class)ss",
        verbose_name=gettext_lazy("étudiant"),
    )
    from_on = models.DateField(gettext_lazy("du"))
    until_on = models.DateField(gettext_lazy("au"))
    message = models.TextField(gettext_lazy("message"), blank=True, max_length=2000)
    state = models.CharField(
        gettext_lazy("état"),
        max_length=10,
        choices=RequestState.choices,
        default=RequestState.REQUESTED,
        editable=False,
        db_index=True,
    )
    decided_at = models.DateTimeField(gettext_lazy("décidée le"), null=True, editable=False)
    answer = models.TextField(gettext_lazy("motif"), blank=True, default="", editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return f"{self.student} · {self.offer}"

    def edit_refusal(self):
        """Days are not changed behind the owner's back: the request is withdrawn and made again."""
        return _("Une demande ne se modifie pas : retirez-la, puis faites-en une autre.")

    def deletion_refusal(self):
        return _("Une demande ne se supprime pas : retirez-la.")

    @property
    def color(self):
        return REQUEST_COLORS[self.state]


def one_live_request(name):
    """The rule that a student asks once for a listing until that request is over."""
    return models.UniqueConstraint(
        fields=["offer", "student"],
        condition=Q(state__in=LIVE_STATES),
        name=name,
        violation_error_message=gettext_lazy("Vous avez déjà une demande en cours pour cette annonce."),
    )
