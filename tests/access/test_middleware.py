"""What every request goes through: whom it believes, what it tells browsers, where it says it comes from."""

import pytest
from django.conf import settings
from django.test import RequestFactory, override_settings
from django.urls import reverse

from pratik.access.middleware import DEVICE_LENGTH, FORWARDED, TrustedProxies, WriteOrigin
from pratik.core.origin import Origin, current_origin

PROXIES = ["10.0.0.0/8"]


def through(middleware, **meta):
    """The request as what stands below the middleware sees it."""
    seen = []
    request = RequestFactory().get("/", **meta)
    middleware(seen.append)(request)
    assert seen == [request]
    return request


# TrustedProxies


def test_what_a_stranger_says_of_a_proxy_is_thrown_away():
    headers = dict.fromkeys(FORWARDED, "192.0.2.1")
    request = through(TrustedProxies, REMOTE_ADDR="203.0.113.7", **headers)
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"
    assert not set(FORWARDED) & set(request.META)


@override_settings(TRUSTED_PROXIES=PROXIES)
def test_what_a_trusted_proxy_says_is_believed():
    request = through(
        TrustedProxies,
        REMOTE_ADDR="10.1.2.3",
        HTTP_X_FORWARDED_FOR="203.0.113.7",
        HTTP_X_FORWARDED_PROTO="https",
    )
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"
    assert request.META["HTTP_X_FORWARDED_PROTO"] == "https"


@override_settings(TRUSTED_PROXIES=PROXIES)
def test_a_visitor_who_writes_the_header_gains_nothing_by_it():
    request = through(
        TrustedProxies, REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR="127.0.0.1, 192.0.2.1, 203.0.113.7"
    )
    assert request.META["REMOTE_ADDR"] == "203.0.113.7"


@override_settings(TRUSTED_PROXIES=PROXIES)
@pytest.mark.parametrize("value", ["n’importe quoi", "203.0.113.7; DROP", "\x00", "é" * 5_000])
def test_garbage_of_a_proxy_is_no_address_and_no_error(value):
    request = through(TrustedProxies, REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR=value)
    assert request.META["REMOTE_ADDR"] == ""


@override_settings(TRUSTED_PROXIES=PROXIES)
@pytest.mark.django_db
def test_a_page_opens_for_whoever_has_no_address(client):
    answer = client.get("/", REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR="n’importe quoi")
    assert answer.status_code == 200


@override_settings(
    TRUSTED_PROXIES=PROXIES,
    SECURE_SSL_REDIRECT=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
)
@pytest.mark.django_db
def test_only_a_trusted_proxy_can_say_that_a_request_came_by_https(client):
    assert client.get("/", REMOTE_ADDR="203.0.113.7", HTTP_X_FORWARDED_PROTO="https").status_code == 301
    assert client.get("/", REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_PROTO="https").status_code == 200


# WriteOrigin


def test_where_a_request_comes_from_is_known_below_and_forgotten_after():
    seen = []

    def page(request):
        seen.append(current_origin())

    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7", HTTP_USER_AGENT="x" * 1_000)
    WriteOrigin(page)(request)
    assert seen == [Origin(address="203.0.113.7", device="x" * DEVICE_LENGTH)]
    assert current_origin() == Origin()


# What browsers are told


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["public:home", "account_login", "admin:index"])
def test_every_answer_says_what_pages_may_not_use_and_who_may_embed_them(client, name):
    answer = client.get(reverse(name))
    assert answer["Permissions-Policy"] == settings.PERMISSIONS_POLICY
    assert {"camera=()", "geolocation=()"} <= set(answer["Permissions-Policy"].split(", "))
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_a_page_that_does_not_exist_is_told_so_too(client):
    assert "Permissions-Policy" in client.get("/nulle-part/")
