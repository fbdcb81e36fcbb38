"""Lodgings and trips: what the team has to read, what owners have to answer, where students stand."""

from django.urls import reverse
from django.utils.translation import gettext as _

from pratik.accounts.enums import Role
from pratik.living.enums import LIVE_STATES, OFFER_COLORS, REQUEST_COLORS, OfferState, RequestState
from pratik.living.models import CarpoolOffer, CarpoolRequest, HousingOffer, HousingRequest
from pratik.living.reports import offers_to_read, requests_to_answer

from .parts import SHOWN, Action, Badge, Block, Item, console_url, day, first_of, list_url, since

TONES = {"success": "good", "danger": "bad", "warning": "warn", "info": "info", "default": "plain"}
# The kinds of listing and of request of each owner.
OWN = {Role.LANDLORD: (HousingOffer, HousingRequest), Role.DRIVER: (CarpoolOffer, CarpoolRequest)}
ICONS = {HousingOffer: "bed", CarpoolOffer: "directions_car"}


def listings_blocks(user, today):
    """The listings that the team has to read, those that wait longest first."""
    return [
        _to_read(
            HousingOffer, user, today, _("Logements à examiner"), _("Aucun logement n’attend d’être examiné.")
        ),
        _to_read(
            CarpoolOffer, user, today, _("Trajets à examiner"), _("Aucun trajet n’attend d’être examiné.")
        ),
    ]


def _to_read(model, user, today, title, empty):
    rows, number = first_of(offers_to_read(model, user))
    return Block(
        title=title,
        icon=ICONS[model],
        items=[
            Item(
                title=str(row),
                url=console_url(model, "change", row.pk),
                details=(str(row.owner), since(row.submitted_at, today)),
                badge=None if row.owner.is_verified else Badge(_("Compte non vérifié"), "warn"),
            )
            for row in rows
        ],
        number=number,
        empty=empty,
        more=Action(
            _("Voir ces annonces"), list_url(model, state__exact=OfferState.SUBMITTED.value), ICONS[model]
        ),
    )


def own_blocks(user, today):
    """What a landlord, a driver or a student wants to see of their own; nothing for anybody else."""
    if user.role == Role.STUDENT:
        return [_asked(user)]
    if user.role not in OWN:
        return []
    offers, requests = OWN[user.role]
    return [_to_answer(requests, user, today), _listings(offers, user)]


def _to_answer(model, user, today):
    rows, number = first_of(requests_to_answer(model, user))
    return Block(
        title=_("Demandes à traiter"),
        icon="key",
        items=[
            Item(
                title=str(row.student),
                url=console_url(model, "change", row.pk),
                details=(str(row.offer), _days(row), since(row.created_at, today)),
                badge=Badge(_("À répondre"), "warn"),
            )
            for row in rows
        ],
        number=number,
        empty=_("Aucune demande n’attend votre réponse."),
        more=Action(
            _("Voir ces demandes"), list_url(model, state__exact=RequestState.REQUESTED.value), "key"
        ),
    )


def _listings(model, user):
    own = model.objects.of(user).exclude(state=OfferState.ARCHIVED).with_names()
    rows, number = first_of(own.order_by("-updated_at", "-pk"))
    return Block(
        title=_("Mes annonces"),
        icon=ICONS[model],
        items=[
            Item(title=str(row), url=console_url(model, "change", row.pk), badge=_standing(row))
            for row in rows
        ]
        or [
            Item(
                title=_("Créer une annonce"),
                url=console_url(model, "add"),
                details=(_("elle paraîtra une fois relue par l’équipe PRATIK"),),
            )
        ],
        number=number,
        empty="",
        more=Action(_("Toutes mes annonces"), list_url(model), ICONS[model]),
    )


def _standing(row):
    """Whether visitors see a listing, else where it stands."""
    if row.is_online:
        return Badge(_("En ligne"), "good")
    if row.state == OfferState.PUBLISHED:
        return Badge(_("Hors ligne"), "bad")
    return Badge(row.get_state_display(), TONES[OFFER_COLORS[row.state]])


def _asked(user):
    """A student's last requests of both kinds."""
    rows = [
        row
        for model in (HousingRequest, CarpoolRequest)
        for row in model.objects.visible_to(user).with_names()[:SHOWN]
    ]
    # What is still going on comes first.
    rows.sort(key=lambda row: (row.state in LIVE_STATES, row.created_at), reverse=True)
    return Block(
        title=_("Mes demandes de logement et de trajet"),
        icon="key",
        items=[
            Item(
                title=str(row.offer),
                url=console_url(type(row), "change", row.pk),
                details=(_days(row),),
                badge=Badge(row.get_state_display(), TONES[REQUEST_COLORS[row.state]]),
            )
            for row in rows[:SHOWN]
        ]
        or [
            Item(title=_("Chercher un logement"), url=reverse("public:lodgings")),
            Item(title=_("Chercher un trajet"), url=reverse("public:trips")),
        ],
        empty="",
    )


def _days(row):
    return _("du %(start)s au %(end)s") % {"start": day(row.from_on), "end": day(row.until_on)}
