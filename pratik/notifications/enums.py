from django.db import models
from django.utils.translation import gettext_lazy as _


class MailState(models.TextChoices):
    """What became of a notice by e-mail; `services.sending` tells who moves it on, and when."""

    WAITING = "waiting", _("À envoyer")
    DIGEST = "digest", _("Au prochain résumé")
    SENDING = "sending", _("En cours d’envoi")
    SENT = "sent", _("Envoyé")
    IN_DOUBT = "in_doubt", _("Envoi incertain")
    FAILED = "failed", _("Échec")
    HELD = "held", _("Retenu")
    DISCARDED = "discarded", _("Écarté")
    NOT_WANTED = "not_wanted", _("Non souhaité")


MAIL_COLORS = {
    MailState.WAITING: "warning",
    MailState.DIGEST: "info",
    MailState.SENDING: "info",
    MailState.SENT: "success",
    MailState.IN_DOUBT: "danger",
    MailState.FAILED: "danger",
    MailState.HELD: "warning",
    MailState.DISCARDED: "default",
    MailState.NOT_WANTED: "default",
}

# What has not left and is still to leave when nobody says otherwise.
TO_COME = frozenset({MailState.WAITING, MailState.DIGEST, MailState.HELD})
# Of these nobody knows yet that the person was told by e-mail, nor that they never will be.
UNSETTLED = TO_COME | {MailState.SENDING, MailState.IN_DOUBT}


class MailChoice(models.TextChoices):
    """How notices of one topic reach a person by e-mail; in the console they stand at once in any case."""

    NOW = "now", _("Tout de suite")
    DIGEST = "digest", _("Résumé du matin")
    NEVER = "never", _("Jamais")


class NoticeKind(models.TextChoices):
    """What a notice is about. The codes are part of deduplication keys: never rename one."""

    CALENDAR_PUBLISHED = "calendar_published", _("Stages à venir")
    OWN_CALENDAR_PUBLISHED = "own_calendar_published", _("Calendrier publié")
    OWN_CALENDAR_WITHDRAWN = "own_calendar_withdrawn", _("Calendrier retiré")
    CALENDAR_STARTING = "calendar_starting", _("Stages qui approchent")
    NEW_DEVICE = "new_device", _("Nouvel appareil")
    ACCOUNT_PROTECTION = "account_protection", _("Protection du compte")
    ERASURE_RECEIVED = "erasure_received", _("Demande d’effacement reçue")
    ERASURE_ANSWERED = "erasure_answered", _("Réponse à une demande d’effacement")
    ERASURE_TO_DECIDE = "erasure_to_decide", _("Demande d’effacement à traiter")
    ACCOUNT_EXPIRING = "account_expiring", _("Compte bientôt effacé")
    JOIN_REQUESTED = "join_requested", _("Demande d’adhésion")
    JOIN_ANSWERED = "join_answered", _("Réponse à une demande d’adhésion")
    DRAFT_SUBMITTED = "draft_submitted", _("Organisme à valider")
    DRAFT_ANSWERED = "draft_answered", _("Réponse sur un organisme")
    INVITATION_ACCEPTED = "invitation_accepted", _("Invitation acceptée")
    DOCUMENT_SUBMITTED = "document_submitted", _("Pièce à examiner")
    DOCUMENT_APPROVED = "document_approved", _("Pièce acceptée")
    DOCUMENT_REJECTED = "document_rejected", _("Pièce refusée")
    DOCUMENT_REOPENED = "document_reopened", _("Pièce de nouveau à l’examen")
    DOCUMENT_EXPIRING = "document_expiring", _("Pièce bientôt expirée")
    DOCUMENT_EXPIRED = "document_expired", _("Pièce expirée")
    BADGE_GIVEN = "badge_given", _("Compte vérifié")
    BADGE_WITHDRAWN = "badge_withdrawn", _("Vérification perdue")
    LISTING_SUBMITTED = "listing_submitted", _("Annonce à examiner")
    LISTING_DECIDED = "listing_decided", _("Suite donnée à une annonce")
    LISTING_OFFLINE = "listing_offline", _("Annonces hors ligne")
    LISTING_ONLINE = "listing_online", _("Annonces de nouveau en ligne")
    PLACE_ASKED = "place_asked", _("Demande de place")
    PLACE_ANSWERED = "place_answered", _("Réponse à une demande de place")
    PLACE_GIVEN_UP = "place_given_up", _("Place rendue")
    RECOMMENDATION_PROPOSED = "recommendation_proposed", _("Recommandation à lire")
    RECOMMENDATION_ANSWERED = "recommendation_answered", _("Réponse à une recommandation")
    RECOMMENDATION_WITHDRAWN = "recommendation_withdrawn", _("Recommandation retirée")
    RECOMMENDATION_FEATURED = "recommendation_featured", _("Recommandation mise en avant")
    FOLLOW_ASKED = "follow_asked", _("Demande de suivi")
    FOLLOW_ANSWERED = "follow_answered", _("Réponse à une demande de suivi")
    PROFILE_CHANGED = "profile_changed", _("Parcours qui évolue")
    ENROLMENT_ASKED = "enrolment_asked", _("Rattachement à confirmer")
    ENROLMENT_ANSWERED = "enrolment_answered", _("Suite donnée à un rattachement")
    OFFER_SUBMITTED = "offer_submitted", _("Offre à examiner")
    OFFER_DECIDED = "offer_decided", _("Suite donnée à une offre")
    OFFER_EXPIRING = "offer_expiring", _("Offre bientôt close")
    APPLICATION_RECEIVED = "application_received", _("Candidature reçue")
    APPLICATION_ANSWERED = "application_answered", _("Réponse à une candidature")
    APPLICATION_WITHDRAWN = "application_withdrawn", _("Candidature retirée")
    PLACEMENT_TO_DO = "placement_to_do", _("Stage qui attend quelque chose de vous")
    PLACEMENT_MOVED = "placement_moved", _("Stage qui avance")
    PLACEMENT_ENDED = "placement_ended", _("Stage annulé ou interrompu")
    PLACEMENT_PAPER = "placement_paper", _("Document de stage")
    HEADCOUNT_CHANGED = "headcount_changed", _("Effectif modifié par un organisme")
    IMPORT_READ = "import_read", _("Fichier à confirmer")
    IMPORT_ENDED = "import_ended", _("Import terminé ou arrêté")
    UNDO_ENDED = "undo_ended", _("Annulation terminée ou arrêtée")


class Topic(models.TextChoices):
    """What people choose about: notices of one topic reach them by e-mail the same way."""

    CALENDARS = "calendars", _("Calendriers de stage")
    OFFERS = "offers", _("Offres et candidatures")
    PLACEMENTS = "placements", _("Stages et conventions")
    RECOMMENDATIONS = "recommendations", _("Recommandations")
    TRACKING = "tracking", _("Suivi des parcours")
    LIVING = "living", _("Logement et covoiturage")
    PAPERS = "papers", _("Pièces justificatives")
    ORGANISATIONS = "organisations", _("Organismes et invitations")
    IMPORTS = "imports", _("Imports et annulations")
    DATA_REQUESTS = "data_requests", _("Demandes d’effacement à traiter")
    OWN_DATA = "own_data", _("Mes données personnelles")
    SECURITY = "security", _("Sécurité du compte")


# Each kind of notice has its topic here.
TOPIC_OF = {
    NoticeKind.CALENDAR_PUBLISHED: Topic.CALENDARS,
    NoticeKind.OWN_CALENDAR_PUBLISHED: Topic.CALENDARS,
    NoticeKind.OWN_CALENDAR_WITHDRAWN: Topic.CALENDARS,
    NoticeKind.CALENDAR_STARTING: Topic.CALENDARS,
    NoticeKind.OFFER_SUBMITTED: Topic.OFFERS,
    NoticeKind.OFFER_DECIDED: Topic.OFFERS,
    NoticeKind.OFFER_EXPIRING: Topic.OFFERS,
    NoticeKind.APPLICATION_RECEIVED: Topic.OFFERS,
    NoticeKind.APPLICATION_ANSWERED: Topic.OFFERS,
    NoticeKind.APPLICATION_WITHDRAWN: Topic.OFFERS,
    NoticeKind.NEW_DEVICE: Topic.SECURITY,
    NoticeKind.ACCOUNT_PROTECTION: Topic.SECURITY,
    NoticeKind.ERASURE_RECEIVED: Topic.OWN_DATA,
    NoticeKind.ERASURE_ANSWERED: Topic.OWN_DATA,
    NoticeKind.ERASURE_TO_DECIDE: Topic.DATA_REQUESTS,
    NoticeKind.ACCOUNT_EXPIRING: Topic.OWN_DATA,
    NoticeKind.JOIN_REQUESTED: Topic.ORGANISATIONS,
    NoticeKind.JOIN_ANSWERED: Topic.ORGANISATIONS,
    NoticeKind.DRAFT_SUBMITTED: Topic.ORGANISATIONS,
    NoticeKind.DRAFT_ANSWERED: Topic.ORGANISATIONS,
    NoticeKind.INVITATION_ACCEPTED: Topic.ORGANISATIONS,
    NoticeKind.DOCUMENT_SUBMITTED: Topic.PAPERS,
    NoticeKind.DOCUMENT_APPROVED: Topic.PAPERS,
    NoticeKind.DOCUMENT_REJECTED: Topic.PAPERS,
    NoticeKind.DOCUMENT_REOPENED: Topic.PAPERS,
    NoticeKind.DOCUMENT_EXPIRING: Topic.PAPERS,
    NoticeKind.DOCUMENT_EXPIRED: Topic.PAPERS,
    NoticeKind.BADGE_GIVEN: Topic.PAPERS,
    NoticeKind.BADGE_WITHDRAWN: Topic.PAPERS,
    NoticeKind.LISTING_SUBMITTED: Topic.LIVING,
    NoticeKind.LISTING_DECIDED: Topic.LIVING,
    NoticeKind.LISTING_OFFLINE: Topic.LIVING,
    NoticeKind.LISTING_ONLINE: Topic.LIVING,
    NoticeKind.PLACE_ASKED: Topic.LIVING,
    NoticeKind.PLACE_ANSWERED: Topic.LIVING,
    NoticeKind.PLACE_GIVEN_UP: Topic.LIVING,
    NoticeKind.RECOMMENDATION_PROPOSED: Topic.RECOMMENDATIONS,
    NoticeKind.RECOMMENDATION_ANSWERED: Topic.RECOMMENDATIONS,
    NoticeKind.RECOMMENDATION_WITHDRAWN: Topic.RECOMMENDATIONS,
    NoticeKind.RECOMMENDATION_FEATURED: Topic.RECOMMENDATIONS,
    NoticeKind.FOLLOW_ASKED: Topic.TRACKING,
    NoticeKind.FOLLOW_ANSWERED: Topic.TRACKING,
    NoticeKind.PROFILE_CHANGED: Topic.TRACKING,
    NoticeKind.ENROLMENT_ASKED: Topic.PLACEMENTS,
    NoticeKind.ENROLMENT_ANSWERED: Topic.PLACEMENTS,
    NoticeKind.PLACEMENT_TO_DO: Topic.PLACEMENTS,
    NoticeKind.PLACEMENT_MOVED: Topic.PLACEMENTS,
    NoticeKind.PLACEMENT_ENDED: Topic.PLACEMENTS,
    NoticeKind.PLACEMENT_PAPER: Topic.PLACEMENTS,
    NoticeKind.HEADCOUNT_CHANGED: Topic.PLACEMENTS,
    NoticeKind.IMPORT_READ: Topic.IMPORTS,
    NoticeKind.IMPORT_ENDED: Topic.IMPORTS,
    NoticeKind.UNDO_ENDED: Topic.IMPORTS,
}

# What leaves by e-mail whatever the person prefers: their safety or the law wants them told.
ALWAYS_MAILED_TOPICS = frozenset({Topic.SECURITY, Topic.OWN_DATA})
ALWAYS_MAILED = frozenset(kind for kind, topic in TOPIC_OF.items() if topic in ALWAYS_MAILED_TOPICS)
