"""States that move only through a table.

An area writes its table in its `workflow.py`; its model names it as `workflow`. Buttons, bulk actions,
refusals, the diagrams in deploy/workflows.md and the test of every state × verb × role come from it.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from .history import tracked_models


@dataclass(frozen=True)
class Transition:
    """One line of the table: who may do which verb from which states, and where it leads."""

    verb: str
    label: str
    sources: frozenset
    target: str
    who: frozenset
    question: str
    needs_reason: bool = False
    stamp: str = ""
    danger: bool = False
    icon: str = ""

    def leads_from(self, state):
        return state in self.sources


@dataclass(frozen=True)
class Workflow:
    """The life of one kind of row. `field` holds the state, `states` are its choices with labels."""

    field: str
    states: type
    transitions: tuple = field(default=())

    def transition(self, verb):
        """The line of this verb. Raises `KeyError` for a verb that is not in the table."""
        for transition in self.transitions:
            if transition.verb == verb:
                return transition
        raise KeyError(verb)

    def state_of(self, row):
        return self.states(getattr(row, self.field))

    def open_to(self, role, state=None):
        """The transitions that a role may do, of all or from one state."""
        return [
            transition
            for transition in self.transitions
            if role in transition.who and (state is None or transition.leads_from(state))
        ]

    def refusal(self, transition, row, role):
        """Why this role can't do this to this row now, in a sentence; None when it can."""
        if role not in transition.who:
            return _("Votre rôle ne permet pas cette action.")
        state = self.state_of(row)
        if not transition.leads_from(state):
            return _("L’état « %(state)s » ne permet pas cette action.") % {"state": state.label}
        return None


def verb_label(subject, verb):
    """What a verb is called for people: `calendars.internshipcalendar`, `publish` → « Publier »."""
    model = tracked_models().get(subject)
    workflow = getattr(model, "workflow", None)
    try:
        return workflow.transition(verb).label
    except (AttributeError, KeyError):
        return verb


def mermaid(workflow):
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", f"    [*] --> {workflow.states.values[0]}"]
    lines += [
        f"    {source} --> {transition.target}: {transition.verb}"
        for transition in workflow.transitions
        for source in workflow.states.values
        if source in transition.sources
    ]
    return "\n".join(lines)
