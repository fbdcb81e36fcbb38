"""The reason that a person gives for a change: one box beside every form, kept in the history."""

from pratik.core.text import typed

LONGEST = 500


def typed_reason(request, name="reason"):
    """What was typed in the box of the reason."""
    return typed(request.POST.get(name, ""))[:LONGEST]
