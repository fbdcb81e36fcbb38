"""Offers are locked before their applications, each in the order of their keys."""

from ..models import InternshipOffer


def lock_offers(pks):
    """Offers by key, each locked until the transaction ends, in the order of their keys."""
    rows = InternshipOffer.objects.filter(pk__in=list(pks)).with_names().order_by("pk")
    return {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
