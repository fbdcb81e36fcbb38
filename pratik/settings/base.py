"""Settings common to every place PRATIK runs in; dev, test and prod say what differs."""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from pratik import links

from .storages import file_storages

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

INSTALLED_APPS = [
    # The skin stands before the applications whose templates it overrides.
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.inlines",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "backoffice.apps.ConsoleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "import_export",
    "simple_history",
    "django_q",
    "storages",
    "health_check",
    "phonenumber_field",
    "csp",
    # The pages of the access door stand before those of the library that they dress.
    "pratik.access.apps.AccessConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "pratik.core.apps.CoreConfig",
    "pratik.reference.apps.ReferenceConfig",
    "pratik.accounts.apps.AccountsConfig",
    "pratik.notifications.apps.NotificationsConfig",
    "pratik.security.apps.SecurityConfig",
    "pratik.verification.apps.VerificationConfig",
    "pratik.law.apps.LawConfig",
    "pratik.papers.apps.PapersConfig",
    "pratik.partners.apps.PartnersConfig",
    "pratik.schools.apps.SchoolsConfig",
    "pratik.calendars.apps.CalendarsConfig",
    "pratik.joining.apps.JoiningConfig",
    "pratik.living.apps.LivingConfig",
    "pratik.internships.apps.InternshipsConfig",
    "pratik.recommendations.apps.RecommendationsConfig",
    "pratik.tracking.apps.TrackingConfig",
    "pratik.privacy.apps.PrivacyConfig",
    "pratik.public.apps.PublicConfig",
    # Last, since it takes some pages of the applications above out of the console.
    "backoffice.apps.BackofficeConfig",
]

MIDDLEWARE = [
    # Before anything asks for the host.
    "pratik.public.middleware.HealthByAnyName",
    # Before the rest, so that everything below sees the visitor's own address and scheme.
    "pratik.access.middleware.TrustedProxies",
    # Before anything reads the session: a page that is the same for everybody is handed out from here, with
    # what all below said of it.
    "pratik.public.keeping.KeptPages",
    "pratik.access.middleware.BrowserPolicies",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "pratik.public.middleware.NothingIsCalledNul",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "pratik.access.middleware.SessionActivity",
    "pratik.access.middleware.WriteOrigin",
    # Who signed in is known; from here on `request.user` may be the person in whose name they act.
    "pratik.access.middleware.ActingFor",
    "pratik.access.middleware.SecondFactorFirst",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "backoffice.middleware.ConsolePolicyMiddleware",
]

ROOT_URLCONF = "pratik.urls"
WSGI_APPLICATION = "pratik.wsgi.application"
ASGI_APPLICATION = "pratik.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The console's own pages stand before the skin's, which stands before its applications.
        "DIRS": [BASE_DIR / "backoffice" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
}


def database(default_url):
    """The database of DATABASE_URL, else of `default_url`, with what SQLite needs under two processes."""
    config = dj_database_url.config(default=default_url, conn_max_age=60, conn_health_checks=True)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = SQLITE_OPTIONS
    return config


DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["backoffice.auth.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"

# Sign-in, second factor and sessions are django-allauth's, dressed and bounded by pratik.access. Accounts
# are opened by pratik.joining alone, with an address that was proved; the library opens none.
ACCOUNT_ADAPTER = "pratik.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "pratik.access.tokens.ResetTokens"
# « 5/15m/key »: five failures for one account close it for a quarter of an hour, whoever tries.
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",
    "login_failed": "20/5m/ip,5/15m/key",
    "reset_password": "20/m/ip,3/10m/key",
    "reset_password_from_key": "20/m/ip",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
    # Accounts asked for, further codes and answers to invitations. The machines of a school have one address:
    # several classes sign up in an hour. One person's mailbox is spared by pratik.joining.
    "sign_up": "200/h/ip",
    "another_code": "200/h/ip",
    "invitation": "100/h/ip",
    # Each tells the members of an organisation, or the team.
    "claim": "10/h/user",
    # Codes of documents looked up: drawn from 79 bits; a class that checks its papers is not kept waiting.
    "verify_paper": "120/10m/ip",
}
MFA_ADAPTER = "pratik.access.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "PRATIK"
# One step of 30 seconds before and after, for clocks that are a little off; a code serves once all the same.
MFA_TOTP_TOLERANCE = 1
# Whether the platform's team must show a second factor before it sees anything.
STAFF_SECOND_FACTOR_REQUIRED = True
PASSWORD_RESET_TIMEOUT = 60 * 60
# How long an administrator acts in another person's name before it ends by itself.
IMPERSONATION_MINUTES = 30
# How long the journal of accesses is kept; the CNIL advises six months to a year.
ACCESS_EVENTS_KEPT_DAYS = 365
# For how many years every version of a row is kept, and an operation can be undone; 0 for good.
HISTORY_KEPT_YEARS = 10
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
# Knows a browser again that signed in before; browsers keep no cookie longer.
DEVICE_COOKIE_NAME = "pratik_device"
DEVICE_COOKIE_DAYS = 400
# Networks of the proxies in front, whose X-Forwarded-… headers are believed; "unix" for a socket file.
TRUSTED_PROXIES = []
# Closed unless the site uses it: nothing here needs a camera, a place or a payment.
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("Français")), ("en", _("Anglais"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "America/Cayenne"
USE_TZ = True
FIRST_DAY_OF_WEEK = 1
FORMAT_MODULE_PATH = ["pratik.formats"]
# The date filters of the lists read this one, whatever the language.
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d.%m.%Y"]

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"

# Two storages: `public` for what anyone may see, `private` for what only a checked view hands out.
STORAGES = {
    **file_storages(VAR_DIR),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# An upload larger than a spreadsheet that a school would send is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# What a paper or a picture that somebody sends may be at most; heavier ones are let go while they arrive.
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024
DOCUMENT_MAX_PAGES = 30
DOCUMENT_MAX_PIXELS = 40_000_000
# A ClamAV daemon, as host:port or as the path of its socket file; without one, files are « not scanned ».
CLAMAV_ADDRESS = ""
# Whether files are refused, rather than kept as « not scanned », while that daemon does not answer.
CLAMAV_REQUIRED = False
# Files of more filled rows than this are read and written by the cluster, while a page shows how far it is.
IMPORT_ROWS_AT_ONCE = 2_000
# Operations that wrote more rows than this are taken back by the cluster, likewise.
UNDO_ROWS_AT_ONCE = 5_000
# How long a reviewer keeps a supporting document to themselves.
REVIEW_CLAIM_MINUTES = 15
# Whether a supporting document is accepted only once two people said so.
VERIFICATION_SECOND_OPINION = False
# How long the file of a supporting document is kept after its decision, which stays.
VERIFICATION_FILE_KEPT_DAYS = 30

# Photos that one lodging may have, and requests for places and seats that one student may have open.
LODGING_MAX_PHOTOS = 12
LIVING_MAX_OPEN_REQUESTS = 20

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# What each web process may take for the public pages that it keeps ready.
KEPT_PAGES_MEBIBYTES = 64

Q_CLUSTER = {
    "name": "pratik",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "timeout": 600,
    "retry": 720,
    "max_attempts": 3,
    # What raises, a lost connection or a deadlock, is run again later, up to three times: tasks may run twice
    # without harm, and what was not told or not drafted would be lost with the first failure.
    "ack_failures": False,
    "catch_up": False,
    "save_limit": 100,
    "poll": 0.5,
    "label": "PRATIK",
}

DEFAULT_FROM_EMAIL = "PRATIK <ne-pas-repondre@pratik.invalid>"
# Where people write to the team; said on pages.
CONTACT_EMAIL = "equipe@pratik.invalid"
# Where links in e-mails lead; e-mails are written by tasks, which see no request.
SITE_URL = "http://127.0.0.1:8000"

ABSOLUTE_URL_OVERRIDES = {
    "calendars.internshipcalendar": links.calendar_page,
    "internships.internshipoffer": links.offer_page,
    "joining.invitation": links.invitation_page,
    "living.carpooloffer": links.trip_page,
    "living.housingoffer": links.lodging_page,
    "partners.companyprofile": links.company_page,
    "privacy.erasurerequest": links.own_data_page,
    "schools.schoolprofile": links.school_page,
}
CONSOLE_PAGE = "pratik.links.console_page"
SECURITY_PAGE = "pratik.links.security_page"
SIGN_IN_PAGE = "pratik.links.sign_in_page"
MY_DATA_PAGE = "pratik.links.my_data_page"
PAPERS_PAGE = "pratik.links.papers_page"
VERIFICATION_PAGE = "pratik.links.verification_page"
NOTICE_SETTINGS_PAGE = "pratik.links.notice_settings_page"
UNSUBSCRIBE_PAGE = "pratik.links.unsubscribe_page"

PHONENUMBER_DEFAULT_REGION = "GF"
PHONENUMBER_DEFAULT_FORMAT = "NATIONAL"

IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_SKIP_ADMIN_LOG = True
IMPORT_EXPORT_SKIP_ADMIN_CONFIRM = False
# The history of each write carries its operation and its actor, so nothing is read from the request.
SIMPLE_HISTORY_REVERT_DISABLED = True

UNFOLD = {
    "SITE_TITLE": "PRATIK",
    "SITE_HEADER": "PRATIK",
    "SITE_SUBHEADER": _("Stages en Guyane"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "forest",
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "DASHBOARD_CALLBACK": "backoffice.dashboard.dashboard",
    "SCRIPTS": [lambda request: static("backoffice/console.js")],
    "STYLES": [
        lambda request: static("backoffice/console.css"),
        lambda request: static("backoffice/dashboard.css"),
    ],
    "ACCOUNT": {
        "navigation": [
            {"title": _("Sécurité de mon compte"), "link": reverse_lazy("access:security")},
        ]
    },
    "COMMAND": {"search_models": False, "search_callback": "backoffice.navigation.search"},
    "SIDEBAR": {
        "show_search": False,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "backoffice.navigation.navigation",
    },
    "COLORS": {
        "base": {
            "50": "#f7f8f7",
            "100": "#eef1ef",
            "200": "#dfe4e1",
            "300": "#c6cfca",
            "400": "#98a69e",
            "500": "#5e6c65",
            "600": "#4c5952",
            "700": "#3a453f",
            "800": "#232b27",
            "900": "#161d19",
            "950": "#0c110e",
        },
        "primary": {
            "50": "#edf8f2",
            "100": "#d3efdf",
            "200": "#a9dfc3",
            "300": "#75c8a1",
            "400": "#42ab7c",
            "500": "#219063",
            "600": "#14754f",
            "700": "#115e41",
            "800": "#104b35",
            "900": "#0e3e2d",
            "950": "#06231a",
        },
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # At INFO the queue counts its table for each task that it logs.
    "loggers": {"django-q": {"level": "WARNING"}},
}
