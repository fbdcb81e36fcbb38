import pytest, socket
from tests import factories as make
def test_all(db):
    for n in "student landlord driver commune postcode section activity public_holiday school_holiday school training_center company recruiter institution school_user company_user manager calendar".split():
        print(getattr(make,n)())
def test_login(client_for, administrator):
    r=client_for(administrator).get("/console/"); print(r.status_code)
def test_everyone(everyone): pass
def test_net():
    socket.create_connection(("1.1.1.1",80))
@pytest.mark.browser
def test_b(page, live_server):
    page.goto(live_server.url+"/console/"); print(page.content()[:500])
