"""Lodgings, trips, and what was asked of them."""

from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, Left
from .shape import BLANK, LINK, RGPD_5_1_E, Line, Rule

LINES = (
    Line(
        model="living.housingoffer",
        title=_("Vos logements"),
        purpose=_("Proposer un logement à des stagiaires."),
        basis=Basis.CONTRACT,
        kept=_(
            "Deux ans après l’archivage ; l’annonce reste ensuite, sans adresse, sans texte et sans photo."
        ),
        source=RGPD_5_1_E,
        fields={
            "landlord": LINK,
            "title": Left.PSEUDONYM,
            "neighbourhood": BLANK,
            "address": BLANK,
            "description": BLANK,
        },
        people=("landlord",),
        unsaid=("search_text",),
        mentions=("title", "description"),
        rules=(
            Rule(
                code="old_lodgings",
                title=_("Logements archivés depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"state": "archived"},
                never={"address": ""},
                also="pratik.living.services.forget_photos_of",
            ),
        ),
    ),
    Line(
        model="living.carpooloffer",
        title=_("Vos trajets partagés"),
        purpose=_("Proposer des trajets à des stagiaires."),
        basis=Basis.CONTRACT,
        kept=_("Deux ans après l’archivage ; l’annonce reste ensuite, sans lieu ni texte."),
        source=RGPD_5_1_E,
        fields={
            "driver": LINK,
            "meeting_point": BLANK,
            "destination_point": BLANK,
            "description": BLANK,
        },
        people=("driver",),
        unsaid=("search_text",),
        mentions=("description",),
        rules=(
            Rule(
                code="old_trips",
                title=_("Trajets archivés depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"state": "archived"},
                never={"meeting_point": "", "destination_point": "", "description": ""},
            ),
        ),
    ),
    *(
        Line(
            model=f"living.{model}",
            title=title,
            purpose=_(
                "Vous trouver une place, et dire à la personne qui l’offre qui la demande ; à celle qui"
                " l’accorde, comment vous joindre."
            ),
            basis=Basis.CONTRACT,
            kept=_("Deux ans après la réponse ; le lien reste ensuite, sans les messages."),
            source=RGPD_5_1_E,
            fields={"student": LINK, "message": BLANK, "answer": BLANK},
            people=("student",),
            mentions=("message", "answer"),
            rules=(
                Rule(
                    code=code,
                    title=rule,
                    since=("decided_at",),
                    months=24,
                    fate=Fate.ANONYMISED,
                    only={"decided_at__isnull": False},
                    never={"message": "", "answer": ""},
                ),
            ),
        )
        for model, title, code, rule in (
            (
                "housingrequest",
                _("Vos demandes de logement"),
                "old_lodging_requests",
                _("Demandes de logement closes depuis deux ans"),
            ),
            (
                "carpoolrequest",
                _("Vos demandes de trajet"),
                "old_trip_requests",
                _("Demandes de trajet closes depuis deux ans"),
            ),
        )
    ),
)
