"""How far the cluster is with something long, as a page tells it (`backoffice/progress.html`)."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SILENT = {"share": None, "rows": "", "rate": ""}


def figures(*, done, total, seconds, is_estimated=False):
    """So many rows, of how many, in so many seconds: `share` is a whole percentage, or None where the total
    is not known; `rows` and `rate` are words.
    """
    return {
        # The last one is not done before all is written.
        "share": min(99, done * 100 // total) if total else None,
        "rows": _rows(done, total, is_estimated),
        "rate": _rate(done, seconds),
    }


def _rows(done, total, is_estimated):
    values = {"done": intcomma(done), "total": intcomma(total or 0)}
    if not total:
        return ngettext("%(done)s ligne", "%(done)s lignes", done) % values
    if is_estimated:
        return _("%(done)s lignes sur %(total)s environ") % values
    return _("%(done)s lignes sur %(total)s") % values


def _rate(done, seconds):
    rate = round(done / seconds) if done and seconds > 0 else 0
    return _("%(number)s lignes par seconde") % {"number": intcomma(rate)} if rate else ""
