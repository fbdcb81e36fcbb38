import pytest

from backoffice.roles import verbs_of
from pratik.accounts.enums import Role
from tests.conftest import person
from tests.kit.world import PAGES

ACCOUNTS = [role for role in Role if role != Role.ANONYMOUS]
SEATS = [(role, model) for role in ACCOUNTS for model in PAGES if verbs_of(role, model._meta.label_lower)]


@pytest.fixture(params=SEATS, ids=lambda seat: f"{seat[0]}-{seat[1]._meta.label_lower}")
def seat(request, db):
    """Somebody of each role who has an account, at each page that the role has a right to."""
    role, model = request.param
    return person(role), model


@pytest.fixture
def account(seat):
    return seat[0]


@pytest.fixture
def model(seat):
    return seat[1]


@pytest.fixture
def client(client_for, account):
    return client_for(account)
