"""What a search box finds is known letter by letter: it looks through no address that the page hides."""

import pytest
from django.db import models
from django.test import Client
from django.urls import reverse

from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.accounts.models import Organisation, StudentProfile, User
from pratik.internships.models import HostTutor, ReferentTeacher
from pratik.partners.enums import Partnership
from tests import factories as make
from tests.kit.addresses import World
from tests.kit.world import PAGES, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WORD = "cachette"
PARTIES = [role for role in Role if role not in {Role.ANONYMOUS, *STAFF_ROLES}]


def hide_addresses(known):
    """Gives everybody and everything, except the accounts with these keys, an address with the word."""
    organisations = [model for model in PAGES if issubclass(model, Organisation)]
    for model in (User, HostTutor, ReferentTeacher, *organisations):
        rows = list(models.QuerySet(model))
        for row in rows:
            if model is not User or row.pk not in known:
                row.email = f"n{row.pk}@{WORD}.example"
                row.derive()
        names = ("email", *model.derived_fields)
        models.QuerySet(model).bulk_update(rows, names)


@pytest.mark.parametrize("role", PARTIES, ids=str)
def test_word_of_an_address_finds_what_shows_it(client_for, role):
    world, wrong = World(role), []
    hide_addresses({world.account.pk})
    client = client_for(world.account)
    for model, page in PAGES.items():
        if world.may(model, "view") and getattr(page, "search_fields", ()):
            found = client.get(url(model, "changelist"), {"q": WORD}).context_data["cl"].result_list
            pages = {row: client.get(url(model, "change", row.pk)).content.decode() for row in found}
            wrong += [row for row, shown in pages.items() if WORD not in shown]
    assert not wrong


def test_word_of_an_address_finds_no_student_to_follow(client_for, company_user):
    """A company that may read the name of a student finds them by it, and by nothing else of the account."""
    student = make.student()
    models.QuerySet(StudentProfile).filter(pk=student.pk).update(is_public=True)
    hide_addresses({company_user.pk})
    client = client_for(company_user)
    asked = reverse("admin:tracking_follow_candidates")

    def number(words):
        return client.get(asked, {"q": words}).context_data["number"]

    name = student.user.last_name
    assert number(name) == 1
    assert number(WORD) == number(f"{name} {WORD[:3]}") == 0


def test_word_of_an_address_finds_no_company_on_the_site():
    visitor = Client()
    company = make.company(partnership=Partnership.PARTNER, is_visible_on_partners_page=True)
    make.offer(company=company)
    hide_addresses(set())
    for page in ("public:partners", "public:offers"):
        found = visitor.get(reverse(page), {"q": company.name}).context["page"]
        assert found.paginator.count == 1
        found = visitor.get(reverse(page), {"q": WORD}).context["page"]
        assert found.paginator.count == 0
