"""How numbers, days and addresses are written."""

from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import translation

from pratik.public.templatetags import site_text


@dataclass
class Period:
    start_on: date
    end_on: date


@pytest.mark.parametrize(
    ("start", "end", "text"),
    [
        (date(2027, 1, 4), date(2027, 1, 22), "du 4 au 22 janvier 2027"),
        (date(2027, 1, 1), date(2027, 2, 1), "du 1er janvier au 1er février 2027"),
        (date(2027, 2, 1), date(2027, 2, 2), "du 1er au 2 février 2027"),
        (date(2026, 12, 28), date(2027, 1, 8), "du 28 décembre 2026 au 8 janvier 2027"),
        (date(2026, 1, 5), date(2027, 1, 8), "du 5 janvier 2026 au 8 janvier 2027"),
    ],
)
def test_a_period_repeats_nothing(start, end, text):
    with translation.override("fr"):
        assert site_text.period(Period(start, end)) == text


def test_thousands_stand_apart():
    with translation.override("fr"):
        assert site_text.grouped(1_234_567).replace("\u202f", "\u00a0") == "1\u00a0234\u00a0567"
        assert site_text.grouped(12) == "12"


@pytest.mark.parametrize(
    ("address", "followed", "name"),
    [
        ("https://www.pratik.example/a?b", "https://www.pratik.example/a?b", "pratik.example"),
        ("http://moi:secret@pratik.example", "http://moi:secret@pratik.example", "pratik.example"),
        ("javascript:alert(1)", "", ""),
        ("data:text/html,x", "", ""),
        ("", "", ""),
    ],
)
def test_only_web_addresses_are_followed(address, followed, name):
    assert site_text.web_address(address) == followed
    assert site_text.site_name(address) == name
