"""What the law of internships speaks of: kinds, severities, numbers that change and rules."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class InternshipKind(models.TextChoices):
    """What a stay with a host is in the eyes of the law."""

    INTERNSHIP = "internship", _("Stage")
    WORK_PLACEMENT_PERIOD = "work_placement_period", _("Période de formation en milieu professionnel")
    OBSERVATION = "observation", _("Séquence d’observation")


# Observation is left out of articles L124-1 and following (2° of article L4153-1 of the code du travail).
WITH_AGREEMENT = frozenset({InternshipKind.INTERNSHIP, InternshipKind.WORK_PLACEMENT_PERIOD})


class Severity(models.TextChoices):
    """What a finding means for who decides."""

    BLOCK = "block", _("Bloque")
    WARN = "warn", _("Alerte")
    INFORM = "inform", _("Information")


SEVERITY_COLORS = {
    Severity.BLOCK: "danger",
    Severity.WARN: "warning",
    Severity.INFORM: "info",
}


class LegalCode(models.TextChoices):
    """The numbers of the law, each kept with the day from which it holds."""

    DURATION_CAP_HOURS = "duration_cap_hours", _("Durée maximale par organisme et année scolaire (heures)")
    HOURS_PER_DAY = "hours_per_day", _("Heures de présence qui valent un jour")
    DAYS_PER_MONTH = "days_per_month", _("Jours de présence qui valent un mois")
    STIPEND_THRESHOLD_HOURS = (
        "stipend_threshold_hours",
        _("Heures au-delà desquelles la gratification est due"),
    )
    STIPEND_HOURLY_MINIMUM = "stipend_hourly_minimum", _("Gratification minimale (€ par heure)")
    HOST_QUOTA_HEADCOUNT = (
        "host_quota_headcount",
        _("Effectif à partir duquel le plafond de stagiaires est une part"),
    )
    HOST_QUOTA_SHARE = "host_quota_share", _("Plafond de stagiaires (part de l’effectif)")
    HOST_QUOTA_SMALL = "host_quota_small", _("Plafond de stagiaires en dessous de cet effectif")
    PERIOD_QUOTA_HEADCOUNT = (
        "period_quota_headcount",
        _("PFMP : effectif à partir duquel le plafond relevé est une part"),
    )
    PERIOD_QUOTA_SHARE = "period_quota_share", _("PFMP : plafond relevé (part de l’effectif)")
    PERIOD_QUOTA_SMALL = "period_quota_small", _("PFMP : plafond relevé en dessous de cet effectif")
    TUTOR_MAX = "tutor_max", _("Stagiaires suivis à la fois par un tuteur")
    TEACHER_MAX = "teacher_max", _("Stagiaires suivis à la fois par un enseignant référent")
    COOLING_OFF_DIVISOR = (
        "cooling_off_divisor",
        _("Délai de carence : la durée du stage précédent divisée par ce nombre"),
    )
    DAY_HOURS = "day_hours", _("Adultes : heures par jour")
    WEEK_HOURS = "week_hours", _("Adultes : heures par semaine")
    ADULT_AGE = "adult_age", _("Âge de la majorité")
    MIDDLE_AGE = "middle_age", _("Âge à partir duquel valent les règles des 16-17 ans")
    YOUNG_DAY_HOURS = "young_day_hours", _("Moins de 16 ans : heures par jour")
    YOUNG_WEEK_HOURS = "young_week_hours", _("Moins de 16 ans : heures par semaine")
    YOUNG_FROM_HOUR = "young_from_hour", _("Moins de 16 ans : pas avant (heure)")
    YOUNG_UNTIL_HOUR = "young_until_hour", _("Moins de 16 ans : pas après (heure)")
    YOUNG_DAILY_REST_HOURS = "young_daily_rest_hours", _("Moins de 16 ans : repos entre deux jours (heures)")
    MINOR_DAY_HOURS = "minor_day_hours", _("16-17 ans : heures par jour")
    MINOR_WEEK_HOURS = "minor_week_hours", _("16-17 ans : heures par semaine")
    MINOR_FROM_HOUR = "minor_from_hour", _("16-17 ans : pas avant (heure)")
    MINOR_UNTIL_HOUR = "minor_until_hour", _("16-17 ans : pas après (heure)")
    MINOR_DAILY_REST_HOURS = "minor_daily_rest_hours", _("16-17 ans : repos entre deux jours (heures)")
    MINOR_STRETCH_HOURS = "minor_stretch_hours", _("Mineurs : heures de suite sans pause")
    MINOR_BREAK_MINUTES = "minor_break_minutes", _("Mineurs : durée de la pause (minutes)")
    REST_DAYS = "rest_days", _("Mineurs : jours de repos de suite, dimanche compris")
    OBSERVATION_DAYS = "observation_days", _("Séquence d’observation : jours au plus")
    OBSERVATION_DAYS_COLLEGE = (
        "observation_days_college",
        _("Séquence d’observation au collège : jours au plus"),
    )
    CONSENT_AGE = "consent_age", _("Âge auquel on consent seul à l’usage de ses données")


# What an education authority may set, and need not (article R124-11).
OPTIONAL_CODES = frozenset(
    {LegalCode.PERIOD_QUOTA_HEADCOUNT, LegalCode.PERIOD_QUOTA_SHARE, LegalCode.PERIOD_QUOTA_SMALL}
)


class RuleCode(models.TextChoices):
    """The rules that a placement is held against, in the order in which they are told."""

    PARAMETERS = "parameters", _("Paramètres manquants")
    KIND = "kind", _("Nature du stage")
    OVERLAP = "overlap", _("Un seul stage à la fois")
    DURATION = "duration", _("Durée maximale")
    STIPEND = "stipend", _("Gratification")
    HOST_QUOTA = "host_quota", _("Nombre de stagiaires de l’organisme")
    TUTOR = "tutor", _("Stagiaires par tuteur")
    TEACHER = "teacher", _("Stagiaires par enseignant référent")
    COOLING_OFF = "cooling_off", _("Délai de carence")
    WORKING_TIME = "working_time", _("Durées maximales de présence")
    AGE = "age", _("Âge du stagiaire")
    MINOR_DAY = "minor_day", _("Mineurs : durée du jour")
    MINOR_WEEK = "minor_week", _("Mineurs : durée de la semaine")
    MINOR_NIGHT = "minor_night", _("Mineurs : pas la nuit")
    MINOR_REST = "minor_rest", _("Mineurs : repos de la semaine")
    MINOR_DAILY_REST = "minor_daily_rest", _("Mineurs : repos entre deux jours")
    MINOR_BREAK = "minor_break", _("Mineurs : pause")
    MINOR_HOLIDAY = "minor_holiday", _("Mineurs : jours fériés")
    LEGAL_REPRESENTATIVE = "legal_representative", _("Représentant légal")
    MENTIONS = "mentions", _("Mentions de la convention")
    OBSERVATION = "observation", _("Durée d’une séquence d’observation")
