"""What a kilometre may cost: read by the team, set by administrators, obeyed from its day on."""

import datetime
from decimal import Decimal

import pytest

from pratik.core.calendar import today
from pratik.core.services import save_row
from pratik.living.models import CarpoolOffer, CostCeiling
from tests import factories as make
from tests.backoffice.living.conftest import fresh, listed, soon, words
from tests.kit.world import url

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client_for, administrator):
    return client_for(administrator)


def typed(**changes):
    return {"from_on": "01/01/2027", "per_km": "0.550", "source": "Barème de 2027", **changes}


def test_an_administrator_adds_a_ceiling(client):
    old = make.cost_ceiling()
    response = client.post(url(CostCeiling, "add"), typed())
    assert response.status_code == 302, words(response)
    row = CostCeiling.objects.get(from_on=datetime.date(2027, 1, 1))
    assert (row.per_km, row.source) == (Decimal("0.550"), "Barème de 2027")
    assert listed(client, CostCeiling) == [row.pk, old.pk], "the latest first"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"from_on": "01/01/2020"}, "from_on"),
        ({"from_on": ""}, "from_on"),
        ({"from_on": "31/02/2027"}, "from_on"),
        ({"per_km": "0"}, "per_km"),
        ({"per_km": "-1"}, "per_km"),
        ({"per_km": "5.001"}, "per_km"),
        ({"per_km": "0.1234"}, "per_km"),
        ({"per_km": "NaN"}, "per_km"),
    ],
    ids=str,
)
def test_what_is_no_ceiling_is_said_at_its_field(client, changes, field):
    make.cost_ceiling()
    response = client.post(url(CostCeiling, "add"), typed(**changes))
    assert response.status_code == 200
    form = response.context_data["adminform"].form
    assert list(form.errors) == [field] and form["source"].value() == "Barème de 2027"
    assert CostCeiling.objects.count() == 1


def test_a_ceiling_is_corrected_with_its_history(client, administrator):
    row = make.cost_ceiling(from_on=soon(30))
    data = typed(from_on=f"{soon(30):%d/%m/%Y}", _reason="Erreur de saisie")
    client.post(url(CostCeiling, "change", row.pk), data)
    assert fresh(row).per_km == Decimal("0.550")
    act = row.history.first().operation
    assert (act.actor, act.reason) == (administrator, "Erreur de saisie")
    assert "Erreur de saisie" in words(client.get(url(CostCeiling, "history", row.pk)))


def test_the_others_of_the_team_read_them_and_change_nothing(client_for, verifier, editor, auditor):
    row = make.cost_ceiling(source="Arrêté du 1er juillet")
    for who in (verifier, editor, auditor):
        client = client_for(who)
        assert "Arrêté du 1er juillet" in words(client.get(url(CostCeiling, "changelist")))
        assert client.post(url(CostCeiling, "add"), typed()).status_code == 403
        assert client.post(url(CostCeiling, "change", row.pk), typed()).status_code == 403
    assert CostCeiling.objects.get().per_km == row.per_km


def test_the_team_is_told_of_trips_above_a_ceiling_that_was_lowered(client_for, client, verifier, driver):
    make.cost_ceiling()
    above = make.trip(driver=driver, cost_share=Decimal("15.90"))
    make.trip(cost_share=Decimal("15.87"))
    make.trip(state="suspended", cost_share=Decimal("18"))
    assert "plafond en vigueur" not in words(client.get(url(CarpoolOffer, "changelist")))
    make.cost_ceiling(from_on=today(), per_km=Decimal("0.529"))
    told = "1 trajet publié demande plus que le plafond en vigueur"
    for reader in (client, client_for(verifier)):
        assert told in words(reader.get(url(CostCeiling, "changelist")))
        assert told in words(reader.get(url(CarpoolOffer, "changelist")))
        assert listed(reader, CarpoolOffer, "?plafond=depasse") == [above.pk]
    assert told not in words(client_for(driver).get(url(CarpoolOffer, "changelist")))


def test_without_a_ceiling_in_force_each_trip_that_is_not_free_is_told(client, administrator):
    ceiling = make.cost_ceiling()
    make.trip()
    paid = make.trip(cost_share=Decimal("0.01"))
    ceiling.from_on = soon(30)
    save_row(actor=administrator, row=ceiling)
    assert listed(client, CarpoolOffer, "?plafond=depasse") == [paid.pk]
