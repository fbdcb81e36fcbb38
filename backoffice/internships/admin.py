"""The pages of offers, applications and placements; importing this registers them."""

from . import applications, offers, papers, people, placements

__all__ = ["applications", "offers", "papers", "people", "placements"]
