"""Settings common to every place PRATIK runs in; dev, test and prod say what differs."""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from pratik import links

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
    "pratik.core.apps.CoreConfig",
    "pratik.reference.apps.ReferenceConfig",
    "pratik.accounts.apps.AccountsConfig",
    "pratik.notifications.apps.NotificationsConfig",
    "pratik.partners.apps.PartnersConfig",
    "pratik.schools.apps.SchoolsConfig",
    "pratik.calendars.apps.CalendarsConfig",
    "pratik.public.apps.PublicConfig",
    # Last, since it takes some pages of the applications above out of the console.
    "backoffice.apps.BackofficeConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

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
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private"},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "private"},
    },
    "public": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / "public", "base_url": "/media/"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# An upload larger than a spreadsheet that a school would send is refused before it is read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

Q_CLUSTER = {
    "name": "pratik",
    "orm": "default",
    "workers": 2,
    "queue_limit": 2,
    "timeout": 600,
    "retry": 720,
    "max_attempts": 3,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 100,
    "poll": 0.5,
    "label": "PRATIK",
}

DEFAULT_FROM_EMAIL = "PRATIK <ne-pas-repondre@pratik.invalid>"
# Where links in e-mails lead; e-mails are written by tasks, which see no request.
SITE_URL = "http://127.0.0.1:8000"

ABSOLUTE_URL_OVERRIDES = {
    "calendars.internshipcalendar": links.calendar_page,
    "partners.companyprofile": links.company_page,
    "schools.schoolprofile": links.school_page,
}
CONSOLE_PAGE = "pratik.links.console_page"

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
    "LOGIN": {"form": "backoffice.forms.SignInForm"},
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
            "500": "#67766e",
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
