"""Hands out the pages that the site keeps before anything asks who is there."""

from functools import lru_cache

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.handlers.wsgi import WSGIRequest
from django.urls import Resolver404, resolve
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language_from_request

from pratik.core.calendar import today

from .generations import generation_of
from .kept import LONGEST_QUESTION, VARIES_BY, Copy, makers, memory

# What of a visitor's request reaches the page that everybody is shown: where it came in, and no more.
HEADERS_KEPT = frozenset({"HTTP_HOST", "HTTP_X_FORWARDED_PROTO"})


@lru_cache(maxsize=4096)
def page_at(path):
    """What the page at this address shows, if it is one that the site keeps."""
    try:
        return getattr(resolve(path).func, "kept", None)
    except Resolver404:
        return None


class KeptPages:
    """Shows visitors the copy of a page that is still right, else has it made and keeps it.

    Whoever has a session or a message waiting gets a page of their own, which nobody keeps. A copy costs one
    short query, which says whether anything that the page shows was written since.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        page = page_at(request.path_info) if request.method in ("GET", "HEAD") else None
        if page is None:
            return self.get_response(request)
        if _is_somebodys(request):
            return _for_one_alone(self.get_response(request))
        question = page.question(request.GET) if request.META.get("QUERY_STRING") else ""
        # Asked before the page is made: what is written meanwhile raises it.
        generation = generation_of(page.models) if len(question) <= LONGEST_QUESTION else None
        if generation is None or not isinstance(request, WSGIRequest):
            return self.get_response(request)
        language = get_language_from_request(request)
        key = (request.scheme, request.get_host(), request.path_info, question, language, today())
        copy = memory.get(key, generation)
        if copy is None:
            with makers.turn((key, generation)) as (copy, hand_over):
                if copy is None:
                    response = self.get_response(_anybodys(request, question, language))
                    copy = Copy.of(response, generation, (request.path_info, question))
                    if copy is None:
                        return response
                    memory.put(key, copy)
                    hand_over(copy)
        return _answer(request, copy)


def _is_somebodys(request):
    cookies = request.COOKIES
    return settings.SESSION_COOKIE_NAME in cookies or CookieStorage.cookie_name in cookies


def _for_one_alone(response):
    """What was made for somebody who may be signed in is kept by their own browser at most."""
    if not response.has_header("Cache-Control"):
        patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, VARIES_BY)
    return response


def _anybodys(request, question, language):
    """The same request, made by nobody: without cookies, without what a browser says of its owner, with the
    words that the page knows alone.
    """
    environ = {
        name: value
        for name, value in request.environ.items()
        if not name.startswith("HTTP_") or name in HEADERS_KEPT
    }
    # WSGI hands over bytes as latin-1, and a request writes what it read of them back into its environment.
    path = request.path_info.encode().decode("latin-1")
    environ |= {"PATH_INFO": path, "QUERY_STRING": question, "HTTP_ACCEPT_LANGUAGE": language}
    return WSGIRequest(environ)


def _answer(request, copy):
    """The copy, or « yours is still right »."""
    response = copy.response(packed="gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""))
    if "HTTP_IF_NONE_MATCH" in request.META:
        response = get_conditional_response(request, etag=copy.etag, response=response)
    if request.method == "HEAD":
        # The length stays: it is that of the page.
        response.content = b""
    return response
