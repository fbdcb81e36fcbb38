"""What a site needs besides its subject."""

import hashlib
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import urljoin

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import FileSystemStorage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.views import i18n
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_safe
from health_check.views import HealthCheckView
from PIL import Image, ImageOps

from pratik.calendars.models import InternshipCalendar
from pratik.core.calendar import today
from pratik.core.files import public_storage
from pratik.core.storages import StorageUnavailable
from pratik.internships.models import InternshipOffer
from pratik.living.models import CarpoolOffer, HousingOffer
from pratik.partners.models import CompanyProfile
from pratik.privacy.ledger import LINES

from ..kept import kept
from ..shown import EVERYTHING

IMAGE_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
# An image never changes under its name, which is drawn at random.
FOR_EVER = "public, max-age=31536000, immutable"
THUMBNAIL_SIDE = 192
# The protocol takes no more addresses than this in one file.
SITEMAP_LIMIT = 50_000
DAY = 24 * 60 * 60
LEDGER = {line.model: line for line in LINES}
# What concerns everybody who opens an account; the rest each person reads in « Mes données ».
TOLD_AT_SIGN_UP = (
    "joining.signup",
    "accounts.user",
    "core.operation",
    "notifications.notice",
    "usersessions.usersession",
    "security.accessevent",
    "security.knowndevice",
)


@csrf_exempt
def set_language(request):
    """Changes the language of whoever asks, and leads back to where they were.

    The pages that everybody is shown hold no token of a visitor's own: from them the browser itself says
    that the form was sent from the site. The console's form has its token, as all its forms.
    """
    change = i18n.set_language if _is_sent_from_here(request) else csrf_protect(i18n.set_language)
    return change(request)


def _is_sent_from_here(request):
    """Whether the browser says that a page of this site sent this; no page can make it say so."""
    here = (f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS)
    return request.headers.get("Origin") in here or request.headers.get("Sec-Fetch-Site") == "same-origin"


@require_safe
@kept(models=())
def about(request):
    """What PRATIK is, where its data come from, and what it keeps of a visit and of an account (GDPR,
    article 13).
    """
    context = {
        "kept": [LEDGER[model] for model in TOLD_AT_SIGN_UP],
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // DAY,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "language_cookie": settings.LANGUAGE_COOKIE_NAME,
        "device_cookie": settings.DEVICE_COOKIE_NAME,
        "device_days": settings.DEVICE_COOKIE_DAYS,
    }
    return render(request, "public/about.html", context)


@require_safe
def media(request, name):
    """An image of the public storage, when that is a folder of this machine."""
    storage = public_storage()
    content_type = IMAGE_TYPES.get(PurePosixPath(name).suffix.lower())
    if content_type is None or not isinstance(storage, FileSystemStorage):
        raise Http404
    return _for_ever(FileResponse(_opened(storage, name), content_type=content_type))


@require_safe
def thumbnail(request, name):
    """A logo no larger than it is shown: twenty-four of them as they were sent would weigh megabytes."""
    if PurePosixPath(name).suffix.lower() not in IMAGE_TYPES:
        raise Http404
    key = f"thumbnail-{hashlib.sha256(name.encode()).hexdigest()}"
    body = cache.get(key)
    if body is None:
        with _opened(public_storage(), name) as file:
            body = _reduced(file)
        cache.set(key, body, timeout=None)
    return _for_ever(HttpResponse(body, content_type="image/webp"))


def _opened(storage, name):
    try:
        return storage.open(name)
    # A name that leads out of the storage, to a folder, or nowhere.
    except (SuspiciousFileOperation, StorageUnavailable, OSError, ValueError) as error:
        raise Http404 from error


def _reduced(file):
    try:
        with Image.open(file) as image:
            # A JPEG is read at about the size that is wanted, which spares most of the work.
            image.draft("RGB", (THUMBNAIL_SIDE, THUMBNAIL_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise Http404 from error
    upright.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    out = BytesIO()
    upright.save(out, "WEBP", quality=80)
    return out.getvalue()


def _for_ever(response):
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    return response


class Health(HealthCheckView):
    """Whether the site works, for the machine that watches it: 200 or 500, and one word.

    The reasons stay in the log: they would tell strangers about the database.
    """

    checks = ("health_check.Database",)

    async def get(self, request, *args, **kwargs):
        with self.get_executor() as executor:
            results = [await check.get_result(executor) for check in self.get_checks()]
        if any(result.error for result in results):
            return JsonResponse({"status": "unavailable"}, status=500)
        return JsonResponse({"status": "ok"})


@require_safe
def robots(request):
    """What search engines may read: everything but the console."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('admin:index')}",
        "Disallow: /langue/",
        f"Sitemap: {urljoin(settings.SITE_URL, reverse('public:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@kept(EVERYTHING)
def sitemap(request):
    """Every page of the site, for search engines."""
    names = ("home", "calendars", "offers", "partners", "lodgings", "trips", "about")
    paths = [reverse(f"public:{name}") for name in names]
    slugs = CompanyProfile.objects.public().order_by("pk").values_list("slug", flat=True)
    paths += [reverse("public:partner", args=[slug]) for slug in slugs[:SITEMAP_LIMIT]]
    calendars = InternshipCalendar.objects.public().not_over(today()).only("program_name").order_by("pk")
    paths += [calendar.get_absolute_url() for calendar in calendars[:SITEMAP_LIMIT]]
    for model in (HousingOffer, CarpoolOffer):
        offers = model.objects.online(today()).with_names().order_by("pk")
        paths += [offer.get_absolute_url() for offer in offers[:SITEMAP_LIMIT]]
    offers = InternshipOffer.objects.open_to_applicants(today()).only("title").order_by("pk")
    paths += [offer.get_absolute_url() for offer in offers[:SITEMAP_LIMIT]]
    context = {"addresses": [urljoin(settings.SITE_URL, path) for path in paths[:SITEMAP_LIMIT]]}
    return render(request, "public/sitemap.xml", context, content_type="application/xml; charset=utf-8")


@require_safe
def favicon(request):
    """Old browsers ask for the icon at this address whatever the page says."""
    return redirect(static("public/favicon.svg"))
