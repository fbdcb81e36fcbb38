import pytest

from pratik.accounts.enums import Role
from tests.conftest import person
from tests.kit.world import PAGES


@pytest.fixture(params=list(PAGES), ids=lambda model: model._meta.label_lower)
def model(request):
    """Every model that has a page in the console."""
    return request.param


@pytest.fixture(params=[role for role in Role if role != Role.ANONYMOUS], ids=str)
def account(request, db):
    """Somebody of each role who has an account."""
    return person(request.param)
