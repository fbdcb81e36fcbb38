"""The console's home page: how many, what waits, what was done; each figure leads to the rows behind it.

A page is made of parts (`parts`) that the templates only lay out; each module makes some of them.
"""

from pratik.accounts.enums import Role
from pratik.core.calendar import today

from .pages import school_page, team_page, welcome_page


def dashboard(request, context):
    """What a person would want to see first, by their role."""
    user = request.user
    if user.is_staff:
        page = team_page
    elif user.role == Role.SCHOOL:
        page = school_page
    else:
        page = welcome_page
    return {**context, "home": page(user, today())}
