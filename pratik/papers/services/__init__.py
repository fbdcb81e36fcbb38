"""What may be done with templates, and how documents are drawn from them."""

from .drawing import Paper, draw, draw_many, draw_pages, new_code
from .templates import (
    activate_templates,
    assess_templates,
    copy_template,
    load_templates,
    retire_templates,
)

__all__ = [
    "Paper",
    "activate_templates",
    "assess_templates",
    "copy_template",
    "draw",
    "draw_many",
    "draw_pages",
    "load_templates",
    "new_code",
    "retire_templates",
]
