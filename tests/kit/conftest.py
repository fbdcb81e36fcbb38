import pytest

from pratik.accounts.enums import Role
from tests.kit.addresses import World


@pytest.fixture(params=[role for role in Role if role != Role.ANONYMOUS], ids=str)
def world(request, db):
    """Somebody of each role who has an account, with what is theirs, among rows of strangers."""
    return World(request.param)


@pytest.fixture
def client(client_for, world):
    return client_for(world.account)
