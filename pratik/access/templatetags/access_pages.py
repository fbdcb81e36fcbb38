"""What the pages of the access door say twice, written once."""

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY

register = template.Library()


@register.simple_tag(takes_context=True)
def heading(context):
    """The title of the page, as its block `title` gives it to the browser's tab."""
    return context.render_context[BLOCK_CONTEXT_KEY].get_block("title").nodelist.render(context).strip()
