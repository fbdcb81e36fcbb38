"""What a template may name, and what the law wants it to say.

Each kind of document has its fields: a name that stands between braces in the template, a label for people
and an example for the preview. Areas above add theirs by `register_fields`.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from pratik.core.text import fold

from . import markup
from .enums import PaperKind


@dataclass(frozen=True)
class Field:
    """What may stand between braces: `{{ student_name }}`."""

    name: str
    label: str
    example: object


def _fields(table):
    return {name: Field(name, label, example) for name, (label, example) in table.items()}


# The three parties, the placement and who follows it.
_PLACEMENT = _fields(
    {
        "paper_date": (_("date du document"), "12 janvier 2026"),
        "paper_number": (_("numéro du document"), "C-2026-000123"),
        "school_year": (_("année scolaire"), "2025-2026"),
        "school_name": (_("établissement"), "Lycée polyvalent Lama-Prévot"),
        "school_uai": (_("établissement : UAI"), "9730309S"),
        "school_address": (
            _("établissement : adresse"),
            "Route de Montjoly, 97354 Rémire-Montjoly",
        ),
        "school_phone": (_("établissement : téléphone"), "0594 38 00 00"),
        "school_email": (_("établissement : e-mail"), "stages@lycee.example"),
        "school_representative": (_("établissement : qui le représente"), "Solange Ho-A-Chuck"),
        "school_representative_role": (_("établissement : qualité de qui le représente"), "proviseure"),
        "host_name": (_("organisme d’accueil"), "SARL Énergies du Maroni"),
        "host_siret": (_("organisme d’accueil : SIRET"), "732 829 320 00074"),
        "host_activity": (_("organisme d’accueil : activité"), "Travaux d’installation électrique"),
        "host_address": (
            _("organisme d’accueil : adresse"),
            "12 rue de l’Œuvre, 97320 Saint-Laurent-du-Maroni",
        ),
        "host_phone": (_("organisme d’accueil : téléphone"), "0594 34 00 00"),
        "host_email": (_("organisme d’accueil : e-mail"), "contact@energies.example"),
        "host_representative": (_("organisme d’accueil : qui le représente"), "Aïcha N’Guyen"),
        "host_representative_role": (_("organisme d’accueil : qualité de qui le représente"), "gérante"),
        "student_name": (_("stagiaire"), "Maëlys Apatou"),
        "student_born_on": (_("stagiaire : date de naissance"), "3 mars 2009"),
        "student_address": (_("stagiaire : adresse"), "4 avenue des Palétuviers, 97300 Cayenne"),
        "student_phone": (_("stagiaire : téléphone"), "0694 20 00 00"),
        "student_email": (_("stagiaire : e-mail"), "maelys@etudiante.example"),
        "student_class": (_("stagiaire : classe ou promotion"), "1re MELEC 2"),
        "legal_representative": (_("représentant légal du stagiaire mineur"), "Jean-Noël Apatou"),
        "legal_representative_relation": (_("représentant légal : lien"), "père"),
        "legal_representative_phone": (_("représentant légal : téléphone"), "0694 21 00 00"),
        "legal_representative_email": (_("représentant légal : e-mail"), "jn.apatou@parent.example"),
        "program_name": (
            _("formation : intitulé complet"),
            "Baccalauréat professionnel Métiers de l’électricité et de ses environnements connectés",
        ),
        "program_level": (_("formation : niveau et diplôme"), "1re bac pro"),
        "program_hours": (_("formation : volume horaire"), "840 heures par année d’enseignement"),
        "tutor_name": (_("tuteur"), "Rodrigue Étienne"),
        "tutor_role": (_("tuteur : fonction"), "chef d’équipe"),
        "tutor_phone": (_("tuteur : téléphone"), "0694 22 00 00"),
        "tutor_email": (_("tuteur : e-mail"), "r.etienne@energies.example"),
        "teacher_name": (_("enseignant référent"), "Marie-Ève Lœwen"),
        "teacher_subject": (_("enseignant référent : discipline"), "génie électrique"),
        "teacher_phone": (_("enseignant référent : téléphone"), "0694 23 00 00"),
        "teacher_email": (_("enseignant référent : e-mail"), "me.loewen@lycee.example"),
        "internship_kind": (
            _("nature : stage, PFMP, observation"),
            "période de formation en milieu professionnel",
        ),
        "post": (_("poste occupé"), "aide-électricienne"),
        "work_address": (_("lieu du stage"), "12 rue de l’Œuvre, 97320 Saint-Laurent-du-Maroni"),
        "remote_share": (_("part à distance (vide : aucune)"), ""),
        "start_on": (_("premier jour"), "2 février 2026"),
        "end_on": (_("dernier jour"), "27 mars 2026"),
        "breaks": (_("interruptions prévues (vide : aucune)"), "du 16 au 20 février 2026"),
        "hours": (_("durée totale : heures de présence"), "245 heures"),
        "days": (_("durée totale : jours de présence, 7 heures valant un jour"), "35 jours"),
        "weekly_hours": (_("durée hebdomadaire de présence"), "35 heures"),
        "schedule": (
            _("horaires de la semaine (tableau)"),
            [
                ["Jour", "Matin", "Après-midi", "Heures"],
                ["Lundi", "07:30 – 12:00", "13:30 – 16:00", "7 h"],
                ["Mardi", "07:30 – 12:00", "13:30 – 16:00", "7 h"],
                ["Mercredi", "07:30 – 12:00", "13:30 – 16:00", "7 h"],
                ["Jeudi", "07:30 – 12:00", "13:30 – 16:00", "7 h"],
                ["Vendredi", "07:30 – 12:00", "13:30 – 16:00", "7 h"],
            ],
        ),
        "unusual_hours": (_("présence la nuit, le dimanche ou un jour férié (vide : aucune)"), ""),
        "activities": (
            _("activités confiées"),
            [
                "Poser des chemins de câbles et raccorder des appareillages",
                "Contrôler et mettre en service une installation",
                "Lire un schéma et tenir à jour le dossier de chantier",
            ],
        ),
        "skills": (
            _("compétences à acquérir ou à développer"),
            ["Organiser une intervention", "Réaliser une installation", "Communiquer avec un client"],
        ),
        "supervision": (
            _("encadrement et suivi"),
            "Le tuteur fait le point chaque vendredi avec la stagiaire. L’enseignante référente l’appelle"
            " chaque semaine et se rend sur place au moins une fois.",
        ),
        "stipend_hourly": (_("gratification horaire (vide : aucune)"), "4,50 €"),
        "stipend_total": (_("gratification totale prévue (vide : aucune)"), "1 102,50 €"),
        "stipend_terms": (
            _("versement de la gratification (vide : aucune)"),
            "à la fin de chaque mois, par virement",
        ),
        "benefits": (
            _("avantages : restauration, transport… (vide : aucun)"),
            ["Titres-restaurant de 8 €", "Prise en charge de la moitié de l’abonnement de transport"],
        ),
        "social_protection": (
            _("protection sociale et accidents du travail"),
            "Régime général de sécurité sociale, comme ayant droit",
        ),
        "liability_insurance": (
            _("assurance de responsabilité civile du stagiaire"),
            "MAIF, contrat no 1234567 A",
        ),
        "absence_rules": (
            _("absences et congés autorisés"),
            "Examens, convocations de l’établissement et rendez-vous médicaux, sur justificatif.",
        ),
        "interruption_validation": (
            _("validation en cas d’interruption"),
            "La période peut être complétée avant la fin de l’année scolaire, selon la décision de l’équipe"
            " pédagogique.",
        ),
        "internal_rules": (
            _("clauses du règlement intérieur applicables (vide : pas de règlement)"),
            "Port des équipements de protection individuelle sur chantier ; interdiction de fumer dans les"
            " véhicules.",
        ),
    }
)

_AMENDMENT = _fields(
    {
        "agreement_number": (_("convention modifiée : numéro"), "C-2026-000123"),
        "agreement_signed_on": (_("convention modifiée : date de signature"), "16 janvier 2026"),
        "changes": (
            _("ce qui change (tableau : objet, avant, après)"),
            [
                ["Objet", "Avant", "Après"],
                ["Dernier jour", "27 mars 2026", "3 avril 2026"],
                ["Durée totale", "245 heures", "280 heures"],
            ],
        ),
        "change_reason": (_("motif de l’avenant"), "Prolongation demandée par les trois parties."),
    }
)

_CERTIFICATE = _fields(
    {
        "agreement_number": (_("convention : numéro"), "C-2026-000123"),
        "effective_start_on": (_("premier jour effectif"), "2 février 2026"),
        "effective_end_on": (_("dernier jour effectif"), "27 mars 2026"),
        "effective_hours": (_("durée effective : heures de présence"), "238 heures"),
        "effective_days": (_("durée effective : jours, 7 heures valant un jour"), "34 jours"),
        "effective_months": (_("durée effective : mois, 22 jours valant un mois"), "1 mois et 12 jours"),
        "absences": (_("absences (vide : aucune)"), "1 jour, pour raison médicale"),
        "stipend_paid": (_("gratification totale versée (vide : aucune)"), "1 071,00 €"),
    }
)

_RECOMMENDATION = _fields(
    {
        "paper_date": (_("date du document"), "30 mars 2026"),
        "student_name": (_("étudiant ou étudiante"), "Maëlys Apatou"),
        "program_name": (_("formation"), "Baccalauréat professionnel MELEC"),
        "school_name": (_("établissement"), "Lycée polyvalent Lama-Prévot"),
        "company_name": (_("entreprise"), "SARL Énergies du Maroni"),
        "company_siret": (_("entreprise : SIRET"), "732 829 320 00074"),
        "company_commune": (_("entreprise : commune"), "Saint-Laurent-du-Maroni"),
        "author_name": (_("qui recommande"), "Aïcha N’Guyen"),
        "author_role": (_("qui recommande : fonction"), "gérante"),
        "post": (_("poste occupé"), "aide-électricienne"),
        "start_on": (_("premier jour"), "2 février 2026"),
        "end_on": (_("dernier jour"), "27 mars 2026"),
        "rating": (_("appréciation, de 1 à 5"), "5 sur 5"),
        "strengths": (_("points forts"), ["Autonomie", "Esprit d’équipe", "Ponctualité"]),
        "skills_validated": (
            _("compétences validées"),
            ["Raccorder un tableau", "Mettre en service une installation"],
        ),
        "recommended_domains": (
            _("domaines recommandés"),
            ["Électricité du bâtiment", "Énergies renouvelables"],
        ),
        "comment": (
            _("commentaire"),
            "Maëlys a su prendre sa place dans l’équipe dès la première semaine. Elle travaille avec soin,"
            " pose les bonnes questions et va au bout de ce qu’elle commence.",
        ),
    }
)

_FIELDS = {
    PaperKind.AGREEMENT: dict(_PLACEMENT),
    PaperKind.AMENDMENT: {**_PLACEMENT, **_AMENDMENT},
    PaperKind.CERTIFICATE: {**_PLACEMENT, **_CERTIFICATE},
    PaperKind.RECOMMENDATION: dict(_RECOMMENDATION),
}


def register_fields(kind, fields):
    """Adds fields to a kind of document: {name: (label, example)}. Called from an area's `apps.ready`.

    Raises `ValueError` for a name that a template could not write, or that is taken already.
    """
    for name, (label, example) in fields.items():
        if not markup.FIELD_NAME.fullmatch(name) or name in _FIELDS[kind]:
            raise ValueError(f"{name!r} cannot be a field of {kind}.")
        _FIELDS[kind][name] = Field(name, label, example)


def fields_of(kind):
    """The fields that a template of this kind may name, in the order in which they are offered."""
    return list(_FIELDS[kind].values())


def preview_values(kind):
    """A full set of values that stand in for real ones: {name: example}."""
    return {field.name: field.example for field in fields_of(kind)}


def unknown_fields(kind, body):
    """What a template names and no field is called: [(line, name)], in order."""
    return [(line, name) for line, name in markup.named_fields(body) if name not in _FIELDS[kind]]


@dataclass(frozen=True)
class Mention:
    """Something that the law wants a kind of document to say.

    A template says it when it names all of `fields`, all of `words` stand in its text and, when it is to be
    `signed`, it has a place for signatures. What is said only « le cas échéant » is left out of what a
    document must have while its first field has no value: a stipend that is given is said with how it is
    paid.
    """

    code: str
    article: str
    title: str
    fields: tuple = ()
    words: tuple = ()
    signed: bool = False
    if_any: bool = False


# Code de l’éducation, article D124-4, in its order.
_AGREEMENT_MENTIONS = (
    Mention(
        "program",
        "D124-4, 1°",
        _("intitulé complet de la formation et volume horaire"),
        ("program_name", "program_hours"),
    ),
    Mention(
        "supervisors",
        "D124-4, 2°",
        _("noms de l’enseignant référent et du tuteur"),
        ("teacher_name", "tutor_name"),
    ),
    Mention("skills", "D124-4, 3°", _("compétences à acquérir ou à développer"), ("skills",)),
    Mention("activities", "D124-4, 4°", _("activités confiées"), ("activities",)),
    Mention("dates", "D124-4, 5°", _("dates et durée totale"), ("start_on", "end_on", "hours")),
    Mention(
        "weekly_hours",
        "D124-4, 6°",
        _("durée hebdomadaire de présence"),
        ("weekly_hours",),
    ),
    Mention(
        "unusual_hours",
        "D124-4, 6°",
        _("présence la nuit, le dimanche ou un jour férié, le cas échéant"),
        ("unusual_hours",),
        if_any=True,
    ),
    Mention("supervision", "D124-4, 7°", _("conditions de l’encadrement et du suivi"), ("supervision",)),
    Mention(
        "stipend",
        "D124-4, 8°",
        _("montant et versement de la gratification, le cas échéant"),
        ("stipend_hourly", "stipend_terms"),
        if_any=True,
    ),
    Mention(
        "social_protection",
        "D124-4, 9°",
        _("protection sociale et accidents du travail"),
        ("social_protection",),
    ),
    Mention(
        "liability_insurance",
        "D124-4, 9°",
        _("assurance de responsabilité civile, le cas échéant"),
        ("liability_insurance",),
        if_any=True,
    ),
    Mention("absence_rules", "D124-4, 10°", _("conditions d’absence et congés"), ("absence_rules",)),
    Mention(
        "termination",
        "D124-4, 11°",
        _("suspension et résiliation de la convention"),
        words=("suspension", "résiliation"),
    ),
    Mention(
        "interruption",
        "D124-4, 12°",
        _("validation du stage en cas d’interruption"),
        ("interruption_validation",),
    ),
    Mention("benefits", "D124-4, 13°", _("avantages offerts, le cas échéant"), ("benefits",), if_any=True),
    Mention(
        "internal_rules",
        "D124-4, 14°",
        _("clauses du règlement intérieur applicables, lorsqu’il existe"),
        ("internal_rules",),
        if_any=True,
    ),
    Mention(
        "certificate",
        "D124-4, 15°",
        _("délivrance de l’attestation de stage"),
        words=("attestation",),
    ),
    Mention(
        "parties",
        "D124-4",
        _("les parties et leurs signatures"),
        ("school_name", "host_name", "student_name"),
        signed=True,
    ),
)
_CERTIFICATE_MENTIONS = (
    Mention(
        "duration",
        "D124-9",
        _("durée effective totale du stage"),
        ("effective_hours",),
    ),
    Mention(
        "stipend_paid",
        "D124-9",
        _("gratification totale versée, le cas échéant"),
        ("stipend_paid",),
        if_any=True,
    ),
    Mention("parties", "D124-9", _("le stagiaire et l’organisme d’accueil"), ("student_name", "host_name")),
)
MENTIONS = {
    PaperKind.AGREEMENT: _AGREEMENT_MENTIONS,
    PaperKind.CERTIFICATE: _CERTIFICATE_MENTIONS,
}


def missing_mentions(kind, body, values=None):
    """Which of the mentions that the law wants does this template not carry? A list of `Mention`.

    With `values`, also those whose fields it names but for which there is nothing to say. The law wants
    mentions of agreements (code de l’éducation, D124-4) and of certificates (D124-9) only.
    """
    named = {name for _line, name in markup.named_fields(body)}
    text = fold(body)
    has_signatures = markup.has_signatures(body)

    def carries(mention):
        return (
            named.issuperset(mention.fields)
            and all(fold(word) in text for word in mention.words)
            and (has_signatures or not mention.signed)
        )

    unsaid = () if values is None else blank_mentions(kind, values)
    return [mention for mention in MENTIONS.get(kind, ()) if mention in unsaid or not carries(mention)]


def blank_mentions(kind, values):
    """Which of the mentions that the law wants of a kind of document these values have nothing to say for,
    whatever its template. A list of `Mention`.
    """

    def is_wanted(mention):
        return not (mention.if_any and is_blank(values.get(mention.fields[0])))

    return [
        mention
        for mention in MENTIONS.get(kind, ())
        if any(is_blank(values.get(name)) for name in mention.fields) and is_wanted(mention)
    ]


def in_words(mentions):
    """Mentions in words: [« activités confiées (D124-4, 4°) », …]."""
    return [
        _("%(title)s (%(article)s)") % {"title": mention.title, "article": mention.article}
        for mention in mentions
    ]


def is_blank(value):
    """Whether a value says nothing: an empty text, list or table, or spaces only."""
    if isinstance(value, list | tuple):
        return all(map(is_blank, value))
    return value is None or not str(value).strip()
