"""Applications, enrolments, placements with their papers, recommendations and follows."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ..enums import Basis, Fate, Left, OnErasure
from .shape import BLANK, CLOSED, KEPT, LINK, Duty, Line, Rule

WITH_PLACEMENT = _("Cinq ans après la fin du stage ; ce qui est écrit part ensuite, ou avec le compte.")
# What a placement says of people: its student, their legal representative, those who sign for the others.
_PLACEMENT_TEXTS = (
    "host_representative",
    "host_representative_role",
    "school_representative",
    "school_representative_role",
    "student_address",
    "student_insurer",
    "student_policy",
    "social_protection",
    "supervision",
    "representative_first_name",
    "representative_last_name",
    "representative_relation",
    "representative_email",
    "representative_phone",
    "end_reason",
)
# Who is named by what is written on a placement, besides its student.
_PLACEMENT_NAMES = (
    "tutor__user",
    "teacher__user",
    "company__memberships__user",
    "school__memberships__user",
)

_PLACEMENT_ADDRESSES = ("tutor__email", "teacher__email")
_OF_PLACEMENT = {
    "named": tuple(f"placement__{name}" for name in _PLACEMENT_NAMES),
    "named_at": tuple(f"placement__{name}" for name in _PLACEMENT_ADDRESSES),
}
# Papers by which three parties bind themselves; a certificate is the student's to show, as long as they have
# an account.
_AGREED_ON_PAPER = ("agreement", "amendment")

LINES = (
    Line(
        model="internships.application",
        title=_("Vos candidatures"),
        purpose=_("Répondre pour vous à une offre de stage, et vous dire la suite que l’entreprise y donne."),
        basis=Basis.CONTRACT,
        kept=_(
            "Sans suite ou refusée : deux ans après la décision, CV compris. Retirée : de même, mais le CV"
            " est effacé aussitôt. Acceptée : aussi longtemps que le compte ; le lien reste ensuite, sans"
            " lettre, sans réponses et sans CV."
        ),
        source=_("CNIL : deux ans pour les candidats non retenus ; RGPD, article 5(1)(e)"),
        fields={
            "student": LINK,
            "letter": BLANK,
            "answers": BLANK,
            "interview_at": BLANK,
            "interview_place": BLANK,
            "refusal_text": BLANK,
            "decided_by": KEPT,
            "cv": BLANK,
            "cv_name": BLANK,
            "cv_sha256": BLANK,
        },
        people=("student__user",),
        unsaid=("cv",),
        mentions=("letter", "interview_place", "refusal_text"),
        named=("offer__company__memberships__user",),
        rules=(
            Rule(
                code="unsuccessful_applications",
                title=_("Candidatures sans suite depuis deux ans"),
                since=("decided_at",),
                months=24,
                fate=Fate.REMOVED,
                only={"state__in": ("refused", "withdrawn", "expired")},
                task="forget_applications",
            ),
        ),
    ),
    Line(
        model="schools.studentenrolment",
        title=_("Vos rattachements à des établissements"),
        purpose=_("Montrer vos candidatures et vos stages à l’établissement où vous êtes inscrit."),
        basis=Basis.PUBLIC_TASK,
        kept=_("L’année scolaire, puis deux ans ; le lien reste ensuite, sans adresse."),
        source=_("Code de l’éducation, article L124-1 ; RGPD, article 5(1)(e)"),
        fields={"student": LINK, "email": Left.ADDRESS, "refusal": BLANK},
        people=("student__user",),
        addresses=("email",),
        unsaid=("search_text",),
        mentions=("refusal",),
        named=("school__memberships__user",),
        rules=(
            Rule(
                code="old_enrolments",
                title=_("Rattachements terminés depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"state__in": ("refused", "ended")},
                never={"email__endswith": ".pratik.invalid"},
            ),
        ),
    ),
    *(
        Line(
            model=f"internships.{model}",
            title=title,
            purpose=_("Nommer dans la convention les deux personnes qui suivent un stagiaire."),
            basis=Basis.OBLIGATION,
            kept=_(
                "Aussi longtemps que la personne encadre des stagiaires, puis deux ans. Une convention signée"
                " garde son nom jusqu’à son terme."
            ),
            source=_("Code de l’éducation, articles L124-2, L124-9 et D124-4"),
            fields={
                "user": LINK,
                "first_name": BLANK,
                "last_name": Left.PSEUDONYM,
                "email": Left.ADDRESS,
                "phone": BLANK,
                "is_active": CLOSED,
            },
            people=("user",),
            addresses=("email",),
            rules=(
                Rule(
                    code=code,
                    title=rule,
                    since=("updated_at",),
                    months=24,
                    fate=Fate.ANONYMISED,
                    only={"is_active": False},
                    never={"email__endswith": ".pratik.invalid"},
                ),
            ),
        )
        for model, title, code, rule in (
            (
                "hosttutor",
                _("Vous, comme tuteur de stage"),
                "former_tutors",
                _("Tuteurs partis depuis deux ans"),
            ),
            (
                "referentteacher",
                _("Vous, comme enseignant référent"),
                "former_teachers",
                _("Enseignants référents partis depuis deux ans"),
            ),
        )
    ),
    Line(
        model="internships.placement",
        title=_("Vos stages"),
        purpose=_("Préparer votre stage, établir votre convention et votre attestation."),
        basis=Basis.OBLIGATION,
        kept=_(
            "Cinq ans après la fin, le temps de prouver ce qui était convenu ; le lien et les dates restent"
            " ensuite, sans les textes."
        ),
        source=_("Code de l’éducation, articles L124-1 et D124-4 ; code civil, article 2224"),
        fields={
            "student": LINK,
            "host_agreed_by": KEPT,
            "school_agreed_by": KEPT,
            **dict.fromkeys(_PLACEMENT_TEXTS, BLANK),
        },
        people=("student__user",),
        unsaid=("search_text",),
        mentions=("host_representative", "school_representative", "supervision", "end_reason"),
        named=_PLACEMENT_NAMES,
        named_at=_PLACEMENT_ADDRESSES,
        rules=(
            Rule(
                code="old_placements",
                title=_("Stages terminés depuis cinq ans"),
                since_day=("ended_on", "end_on"),
                months=60,
                fate=Fate.ANONYMISED,
                only={"state__in": ("completed", "interrupted", "cancelled")},
                never=dict.fromkeys(_PLACEMENT_TEXTS, ""),
                children={
                    "internships.placementbreak": "placement",
                    "internships.ruleoverride": "placement",
                },
            ),
        ),
    ),
    Line(
        model="internships.placementbreak",
        title=_("Les coupures de vos stages"),
        purpose=_("Compter les heures de présence."),
        basis=Basis.OBLIGATION,
        kept=WITH_PLACEMENT,
        source=_("Code de l’éducation, article D124-4 ; code civil, article 2224"),
        fields={"reason": BLANK},
        people=("placement__student__user",),
        mentions=("reason",),
        **_OF_PLACEMENT,
    ),
    Line(
        model="internships.ruleoverride",
        title=_("Les règles écartées pour vos stages"),
        purpose=_("Garder la raison d’une décision qui s’écarte d’une règle de droit."),
        basis=Basis.OBLIGATION,
        kept=WITH_PLACEMENT,
        source=_("RGPD, article 5(2) ; code civil, article 2224"),
        fields={"finding": BLANK, "reason": BLANK, "made_by": KEPT},
        people=("placement__student__user",),
        mentions=("finding", "reason"),
        **_OF_PLACEMENT,
    ),
    Line(
        model="internships.placementpaper",
        title=_("Vos conventions, avenants et attestations"),
        purpose=_("Vous remettre ces documents, les redonner à l’identique et permettre de les vérifier."),
        basis=Basis.OBLIGATION,
        kept=_(
            "Convention et avenants : cinq ans après le dernier jour du stage, copie signée comprise. Signés,"
            " ils prouvent ce qui a été convenu et restent jusque-là même si un compte est effacé, pour"
            " l’organisme d’accueil et l’établissement ; jamais signés, ils partent avec le compte."
            " Attestation : aussi longtemps que le compte, pour que vous puissiez la produire. Le numéro"
            " reste ensuite, sans les textes ni la copie signée."
        ),
        source=_(
            "Code de l’éducation, articles D124-4 et D124-9 ; code civil, article 2224 ; RGPD,"
            " article 17(3)(b) et (e)"
        ),
        fields={
            "values": BLANK,
            "changes": BLANK,
            "terms": BLANK,
            "agreed_by": KEPT,
            "filed_by": KEPT,
            "void_reason": BLANK,
            "file": BLANK,
            "file_name": BLANK,
            "sha256": BLANK,
        },
        people=("placement__student__user",),
        unsaid=("file", "body", "code"),
        mentions=("values", "changes", "terms", "void_reason"),
        **_OF_PLACEMENT,
        kept_under_duty=Duty(
            rows=Q(kind__in=_AGREED_ON_PAPER, signed_on__isnull=False)
            # An amendment that nobody signed binds nobody, whatever became of its agreement.
            | Q(kind="agreement")
            & (
                Q(placement__signed_on__isnull=False)
                | Q(placement__state__in=("signed", "running", "completed", "interrupted"))
            ),
            until="old_agreements",
        ),
        rules=(
            # Not a child of `old_placements`, which passes over an internship that an erasure has emptied.
            Rule(
                code="old_agreements",
                title=_("Conventions et avenants de stages terminés depuis cinq ans"),
                since_day=("placement__ended_on", "placement__end_on"),
                months=60,
                fate=Fate.ANONYMISED,
                only={"kind__in": _AGREED_ON_PAPER},
                never={"values": {}},
            ),
        ),
    ),
    Line(
        model="recommendations.internrecommendation",
        title=_("Les recommandations que des entreprises ont écrites sur vous"),
        purpose=_("Faire lire à d’autres, avec votre accord, ce qu’une entreprise dit de votre stage."),
        basis=Basis.CONSENT,
        kept=_(
            "Acceptée : jusqu’à ce que vous retiriez votre accord, au plus aussi longtemps que le compte."
            " Déclinée ou retirée : deux ans, puis sans les textes. Restée sans votre réponse, ou jamais"
            " envoyée : deux ans, puis supprimée."
        ),
        source=_("RGPD, articles 6(1)(a), 7(1) et 7(3)"),
        fields={
            "student": LINK,
            "placement": KEPT,
            "rating": KEPT,
            "skills_validated": BLANK,
            "recommended_domains": BLANK,
            "comment": BLANK,
            "author_name": BLANK,
            "author_role": BLANK,
            "withdrawal_reason": BLANK,
            "shows_full_name": CLOSED,
            "is_featured": CLOSED,
        },
        people=("student__user",),
        unsaid=("search_text", "skills_key", "domains_key"),
        mentions=("comment", "author_name", "withdrawal_reason"),
        named=("company__memberships__user",),
        rules=(
            Rule(
                code="old_recommendations",
                title=_("Recommandations déclinées ou retirées depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"state__in": ("declined", "withdrawn")},
                never={"comment": ""},
            ),
            # Nobody ever agreed to these: nothing has to be shown of them.
            Rule(
                code="unanswered_recommendations",
                title=_("Recommandations sans réponse, ou jamais envoyées, depuis deux ans"),
                since=("updated_at",),
                months=24,
                fate=Fate.REMOVED,
                only={"state__in": ("draft", "proposed")},
                task="forget_unanswered_recommendations",
            ),
        ),
    ),
    Line(
        model="tracking.follow",
        title=_("Les entreprises qui suivent votre parcours"),
        purpose=_(
            "Montrer à une entreprise, avec votre accord, votre niveau, votre domaine d’études et votre"
            " situation, et la prévenir quand ils changent."
        ),
        basis=Basis.CONSENT,
        kept=_(
            "Jusqu’à ce que vous retiriez votre accord : l’entreprise ne voit alors plus rien. La trace de"
            " l’accord et de son retrait reste aussi longtemps que le compte, puis sans nom ; le message de"
            " l’entreprise, deux ans après la fin."
        ),
        source=_("RGPD, articles 6(1)(a), 7(1) et 7(3)"),
        fields={"student": LINK, "message": BLANK},
        people=("student__user",),
        mentions=("message",),
        rules=(
            Rule(
                code="old_follows",
                title=_("Messages des suivis terminés depuis deux ans"),
                since=("closed_at",),
                months=24,
                fate=Fate.ANONYMISED,
                only={"closed_at__isnull": False},
                never={"message": ""},
            ),
        ),
    ),
    Line(
        model="tracking.profilechange",
        title=_("Ce qui a changé dans votre parcours"),
        purpose=_("Montrer ces changements aux entreprises à qui vous l’avez permis."),
        basis=Basis.CONSENT,
        kept=_("Trois ans, ou jusqu’à ce que plus aucune entreprise ne vous suive."),
        source=_("RGPD, articles 5(1)(e) et 6(1)(a)"),
        fields={"student": LINK, "before": BLANK, "after": BLANK},
        people=("student__user",),
        on_erasure=OnErasure.REMOVED,
        rules=(
            Rule(
                code="old_profile_changes",
                title=_("Changements de parcours de plus de trois ans"),
                since=("at",),
                months=36,
                fate=Fate.REMOVED,
            ),
        ),
    ),
)
