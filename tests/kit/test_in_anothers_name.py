"""An administrator who acts in somebody's name looks, and does what can be undone: no word that binds the
person, or that they consent with, is given for them.
"""

import pytest
from django.db import IntegrityError, models, transaction

from pratik.accounts.enums import STAFF_ROLES, Role
from pratik.calendars.models import InternshipCalendar
from pratik.internships.models import Placement
from pratik.joining.models import JoinRequest, OrganisationDraft
from pratik.living.models import CarpoolOffer, HousingOffer
from pratik.recommendations.models import InternRecommendation
from pratik.schools.models import StudentEnrolment
from tests import factories as make
from tests.backoffice.living.conftest import acting_for
from tests.conftest import person
from tests.kit.world import ASKED, PAGES, own_row, url

pytestmark = pytest.mark.django_db

# What an administrator may do for somebody who asked them to: what is shown on the site, and who belongs to
# an organisation, which they may answer in their own name too.
DONE_FOR_OTHERS = {InternshipCalendar, HousingOffer, CarpoolOffer, JoinRequest, OrganisationDraft}
BOUND = [model for model in PAGES if getattr(model, "workflow", None) and model not in DONE_FOR_OTHERS]
PARTIES = [role for role in Role if role not in {Role.ANONYMOUS, *STAFF_ROLES}]


@pytest.mark.parametrize("role", PARTIES, ids=str)
def test_no_state_moves_in_the_name_of_a_party(client_for, administrator, role):
    """From each state that a verb of the role leads from, on the row that is the person's own."""
    make.legal_parameters()
    account = person(role)
    acting, moved = acting_for(client_for(administrator), account), []
    for model in BOUND:
        row, field = own_row(model, account), model.workflow.field
        verbs = [transition for transition in model.workflow.transitions if role in transition.who]
        for transition in verbs if row else ():
            for state in sorted(transition.sources):
                with transaction.atomic():
                    if stands(row, field, state):
                        sent = {"confirmed": "yes", "reason": "Parce que", **ASKED.get(model, {})}
                        acting.post(url(model, transition.verb, row.pk), sent)
                        if model._base_manager.values_list(field, flat=True).get(pk=row.pk) != state:
                            moved.append(f"{model.__name__}: {transition.verb} from {state}")
                    transaction.set_rollback(True)
    assert moved == []


def stands(row, field, state):
    """Puts a row where a verb leads from; False where such a row holds more than its state."""
    try:
        with transaction.atomic():
            models.QuerySet(type(row)).filter(pk=row.pk).update(**{field: state})
    except IntegrityError:
        return False
    return True


def test_what_is_worded_for_a_party_stays_as_it_was(client_for, administrator):
    """No placement, enrolment or recommendation is typed for those whom it binds."""
    for role, model in (
        (Role.SCHOOL, Placement),
        (Role.COMPANY, Placement),
        (Role.SCHOOL, StudentEnrolment),
        (Role.COMPANY, InternRecommendation),
    ):
        account = person(role)
        row, acting = own_row(model, account), acting_for(client_for(administrator), account)
        before = list(models.QuerySet(model).values())
        assert acting.get(url(model, "change", row.pk)).status_code == 200
        assert acting.get(url(model, "add")).status_code == 403
        assert acting.post(url(model, "add"), {"comment": "x"}).status_code == 403
        acting.post(url(model, "change", row.pk), {"post": "Homme de peine", "comment": "x"})
        assert list(models.QuerySet(model).values()) == before
