"""What a page looks like in its window."""

from playwright.sync_api import TimeoutError as NeverSo

PATIENCE = 15_000


def fits(page):
    """Whether nothing of the page stands outside the window, once its fonts have come: until then the name of
    an icon is written out, wider than the icon.
    """
    try:
        page.wait_for_function(
            "document.fonts.status === 'loaded' && document.documentElement.scrollWidth <= window.innerWidth",
            timeout=PATIENCE,
        )
    except NeverSo:
        return False
    return True
