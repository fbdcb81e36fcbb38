"""The pages of lodgings, trips and the requests for them; importing this registers them."""

from . import ceilings, lodgings, requests, trips

__all__ = ["ceilings", "lodgings", "requests", "trips"]
