"""What a browser says of itself, in words that its owner recognises."""

import re

from django.utils.translation import gettext as _

# In this order: a browser made from another one also gives that one's name.
BROWSERS = [
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/|Chromium/", "Chrome"),
    (r"Version/[\d.]+.*Safari/", "Safari"),
]
SYSTEMS = [
    (r"iPhone|iPod", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"Windows", "Windows"),
    (r"CrOS", "ChromeOS"),
    (r"Macintosh|Mac OS X", "macOS"),
    (r"Linux|X11", "Linux"),
]


def device_name(user_agent):
    """« Firefox sous Windows », from the User-Agent header; never says more than is likely."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s sous %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Appareil inconnu")


def _first(patterns, text):
    return next((name for pattern, name in patterns if re.search(pattern, text)), None)
