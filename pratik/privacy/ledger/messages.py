"""What people were told, what they asked for, and what was done."""

from django.utils.translation import gettext_lazy as _

from pratik.core.enums import RUNS_UNDER_WAY
from pratik.notifications.enums import UNSETTLED

from ..enums import Basis, Fate, Left, OnErasure, Said
from .shape import BLANK, KEPT, LINK, RGPD_5_1_E, WITH_ACCOUNT, Line, Rule

LINES = (
    Line(
        model="notifications.notice",
        title=_("Ce qui vous a été dit"),
        purpose=_("Vous tenir au courant de ce qui vous concerne."),
        basis=Basis.CONTRACT,
        kept=_("Six mois après lecture."),
        source=RGPD_5_1_E,
        fields={"recipient": LINK, "subject": BLANK, "body": BLANK, "search_text": BLANK},
        people=("recipient",),
        on_erasure=OnErasure.REMOVED,
        unsaid=("search_text", "key"),
        mentions=("subject", "body"),
        rules=(
            Rule(
                code="read_notices",
                title=_("Avis lus depuis six mois"),
                since=("read_at",),
                months=6,
                fate=Fate.REMOVED,
                only={"read_at__isnull": False},
                never={"mail_state__in": UNSETTLED},
                task="clean_up_notices",
            ),
        ),
    ),
    *(
        Line(
            model=model,
            title=title,
            purpose=_("Vous écrire comme vous le souhaitez, et quand vous le souhaitez."),
            basis=Basis.CONTRACT,
            kept=WITH_ACCOUNT,
            source=RGPD_5_1_E,
            fields={"user": LINK, **dict.fromkeys(columns, KEPT)},
            people=("user",),
            on_erasure=OnErasure.REMOVED,
        )
        for model, title, columns in (
            ("notifications.noticepreference", _("Comment vous voulez être prévenu"), ("topic", "mail")),
            (
                "notifications.quiethours",
                _("Les heures où vous ne voulez pas d’e-mail"),
                ("starts_at", "ends_at"),
            ),
        )
    ),
    Line(
        model="core.operation",
        title=_("Ce que vous avez fait"),
        purpose=_("Savoir qui a changé quoi, et pouvoir revenir en arrière."),
        basis=Basis.LEGITIMATE,
        kept=_("Aussi longtemps que ce qui a été changé ; votre nom en part avec votre compte."),
        source=_("RGPD, articles 5(1)(f), 5(2) et 32"),
        fields={
            "actor": LINK,
            "actor_label": Left.PSEUDONYM,
            "impersonator": KEPT,
            "reason": KEPT,
            "source_name": KEPT,
            "search_text": KEPT,
        },
        people=("actor",),
        unsaid=("search_text", "source_sha256"),
        said={"subject": Said.AS_MODEL, "verb": Said.AS_VERB, "counts": Said.NOT},
        whose={"actor_label": ("actor",)},
        mentions=("reason", "source_name"),
    ),
    Line(
        model="core.upload",
        title=_("Les fichiers que vous avez envoyés"),
        purpose=_("Montrer ce qu’un fichier changera avant de l’importer."),
        basis=Basis.CONTRACT,
        kept=_("Deux jours sans confirmation ; un fichier importé reste avec son opération."),
        source=RGPD_5_1_E,
        fields={"owner": LINK, "name": KEPT, "file": KEPT},
        people=("owner",),
        unsaid=("file",),
        mentions=("name",),
        rules=(
            Rule(
                code="abandoned_uploads",
                title=_("Fichiers jamais confirmés"),
                since=("created_at",),
                days=2,
                fate=Fate.REMOVED,
                only={"operation": None},
                never={"run__state__in": RUNS_UNDER_WAY},
                task="forget_abandoned_uploads",
            ),
        ),
    ),
    Line(
        model="core.importrun",
        title=_("Ce que deviennent vos longs fichiers"),
        purpose=_("Lire et écrire un long fichier sans vous faire attendre, et vous dire où il en est."),
        basis=Basis.CONTRACT,
        kept=_("Comme le fichier : deux jours sans confirmation, sinon avec l’opération."),
        source=RGPD_5_1_E,
        fields={
            "upload": LINK,
            "impersonator": KEPT,
            "address": KEPT,
            "device": KEPT,
            "headers": KEPT,
            "read_headers": KEPT,
            "notes": KEPT,
            "problems": KEPT,
            "error": KEPT,
            "counts": KEPT,
        },
        people=("upload__owner",),
        on_erasure=OnErasure.REMOVED,
        unsaid=("address", "device", "headers", "read_headers", "counts", "digest", "worker"),
        mentions=("notes", "problems"),
    ),
    Line(
        model="core.importrow",
        title=_("Les lignes de vos longs fichiers qui vous sont montrées"),
        purpose=_("Montrer ce qu’un fichier changera, et rendre les lignes refusées pour les corriger."),
        basis=Basis.CONTRACT,
        kept=_("Deux jours après la lecture ou l’écriture du fichier."),
        source=RGPD_5_1_E,
        fields={"run": LINK, "said": KEPT, "about": KEPT},
        people=("run__upload__owner",),
        on_erasure=OnErasure.REMOVED,
        unsaid=("said", "about"),
        mentions=("said",),
        rules=(
            Rule(
                code="shown_rows",
                title=_("Lignes de fichiers montrées avant l’import"),
                since=("run__finished_at",),
                days=2,
                fate=Fate.REMOVED,
                never={"run__state__in": RUNS_UNDER_WAY},
                task="forget_abandoned_uploads",
            ),
        ),
    ),
)
