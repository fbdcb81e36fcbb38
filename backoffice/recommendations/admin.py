"""The pages of recommendations; importing this registers them."""

from . import recommendations, students

__all__ = ["recommendations", "students"]
