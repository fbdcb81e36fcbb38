"""What a page looks like in its window."""

from playwright.sync_api import Error

from tests.kit.cluster import until

PATIENCE = 30


def fits(page):
    """Whether nothing of the page stands outside the window, once its fonts have come: until then the name of
    an icon is written out, wider than the icon.
    """
    return becomes(
        page,
        "document.fonts.status === 'loaded' && document.documentElement.scrollWidth <= window.innerWidth",
    )


def becomes(page, expression):
    """Whether an expression becomes true. It is asked again and again from outside: within the page the
    site's policy forbids evaluating a text.
    """
    return until(
        lambda: _holds(page, expression), PATIENCE, meanwhile=lambda: page.wait_for_timeout(100), every=0
    )


def _holds(page, expression):
    try:
        return page.evaluate(expression)
    except Error as error:
        # The page was left for the next one while it was asked.
        if "context was destroyed" not in str(error):
            raise
        return False
