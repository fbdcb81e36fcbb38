"""Choosing a row where many have one name: each is told apart, while one types and once it is chosen."""

import pytest
from django.urls import reverse

from pratik.accounts.enums import Role
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def look_up(client_for):
    """`look_up(person, model, field, term)`: the texts that a person is offered while they type."""

    def of(person, model, field, term):
        asked = {"app_label": "internships", "model_name": model, "field_name": field, "term": term}
        answer = client_for(person).get(reverse("admin:autocomplete"), asked).json()
        return [row["text"] for row in answer["results"]]

    return of


def test_companies_of_one_name_say_where_they_are_and_their_number(look_up):
    here = make.company(name="ADPEP Guyane", commune=make.commune(name="Cayenne"))
    nowhere = make.company(name="ADPEP Guyane", commune=None)
    told = look_up(make.user(Role.EDITOR), "internshipoffer", "company", "adpep")
    assert set(told) == {f"ADPEP Guyane (Cayenne, {here.siret})", f"ADPEP Guyane ({nowhere.siret})"}


def test_the_one_that_is_chosen_says_the_same(client_for):
    company = make.company(name="ADPEP Guyane", commune=make.commune(name="Cayenne"))
    client = client_for(make.user(Role.EDITOR))
    response = client.post(reverse("admin:internships_internshipoffer_add"), {"company": company.pk})
    assert f"ADPEP Guyane (Cayenne, {company.siret})" in response.content.decode()


def test_a_tutor_says_of_which_company(look_up):
    company = make.company(name="Menuiserie du Larivot")
    make.host_tutor(company=company, first_name="Ana", last_name="Silva")
    told = look_up(make.user(Role.ADMINISTRATOR), "placement", "tutor", "silva")
    assert told == ["Ana Silva (Menuiserie du Larivot)"]


def test_ten_rows_take_as_many_queries_as_one(client_for, django_assert_max_num_queries):
    client = client_for(make.user(Role.EDITOR))
    asked = {
        "app_label": "internships",
        "model_name": "internshipoffer",
        "field_name": "company",
        "term": "adpep",
    }
    commune = make.commune()
    for _ in range(10):
        make.company(name="ADPEP Guyane", commune=commune)
    client.get(reverse("admin:autocomplete"), asked)
    with django_assert_max_num_queries(8):
        assert len(client.get(reverse("admin:autocomplete"), asked).json()["results"]) == 10
