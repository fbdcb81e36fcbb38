from pratik.papers.enums import PaperKind

from ..enums import PaperState
from .placements import OfPlacementQuerySet


class PlacementPaperQuerySet(OfPlacementQuerySet):
    """Agreements, amendments and certificates."""

    def editable_by(self, user):
        """Whoever changes the placement."""
        return super().editable_by(user).with_names()

    def with_names(self):
        """With the placement and the names on it, in one query."""
        return self.select_related(
            "placement__student__user", "placement__company", "placement__school", "template", "filed_by"
        )

    def in_force(self):
        """Papers that nobody declared void."""
        return self.exclude(state=PaperState.VOID)

    def waiting_amendments(self):
        """Amendments that are not signed yet: they change nothing so far."""
        return self.filter(kind=PaperKind.AMENDMENT, state__in=(PaperState.MADE, PaperState.AGREED))
