from django.db import models
from django.utils.translation import gettext_lazy as _


class RecommendationState(models.TextChoices):
    """Where a recommendation stands between the company that writes it and the person it speaks of."""

    DRAFT = "draft", _("Brouillon")
    PROPOSED = "proposed", _("Attend l’accord de l’étudiant")
    ACCEPTED = "accepted", _("Acceptée")
    DECLINED = "declined", _("Déclinée")
    WITHDRAWN = "withdrawn", _("Retirée")


RECOMMENDATION_COLORS = {
    RecommendationState.DRAFT: "default",
    RecommendationState.PROPOSED: "warning",
    RecommendationState.ACCEPTED: "success",
    RecommendationState.DECLINED: "default",
    RecommendationState.WITHDRAWN: "danger",
}


class Visibility(models.TextChoices):
    """Whom the person lets read an accepted recommendation."""

    COMPANIES = "companies", _("Les entreprises qui ont un compte")
    PUBLIC = "public", _("Tout le monde, sur le site")


class Rating(models.IntegerChoices):
    """How the internship went, as the company saw it."""

    ONE = 1, _("1 sur 5 : insuffisant")
    TWO = 2, _("2 sur 5 : passable")
    THREE = 3, _("3 sur 5 : satisfaisant")
    FOUR = 4, _("4 sur 5 : très satisfaisant")
    FIVE = 5, _("5 sur 5 : excellent")


class Strength(models.TextChoices):
    """What a company may say that somebody is good at; each is a column of a recommendation."""

    AUTONOMY = "autonomy", _("Autonomie")
    TEAMWORK = "teamwork", _("Esprit d’équipe")
    RIGOR = "rigor", _("Rigueur")
    CREATIVITY = "creativity", _("Créativité")
    PUNCTUALITY = "punctuality", _("Ponctualité")
