"""States that move only through a table.

An area writes its table in its `workflow.py`; its model names it as `workflow`. Buttons, bulk actions,
refusals, the diagrams in deploy/workflows.md and the test of every state × verb × role come from it.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Transition:
    """One line of the table: who may do which verb from which states, and where it leads.

    `noun` names the act once it is done, `question_one` asks about a single row; both have the plainer
    wording to fall back on. What is `final` is not undone: a link that served, or was taken away, would serve
    again. What happens `by_itself`, as a consequence or because a day is over, is nobody's to do (`who` is
    empty): no button, no bulk action.
    """

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
    noun: str = ""
    question_one: str = ""
    by_itself: bool = False
    final: bool = False

    def leads_from(self, state):
        return state in self.sources


@dataclass(frozen=True)
class Workflow:
    """The life of one kind of row. `field` holds the state, `states` are its choices with labels; a row
    begins in the first of them, unless `starts` names others.
    """

    field: str
    states: type
    transitions: tuple = field(default=())
    starts: tuple = field(default=())

    @property
    def begins(self):
        """The states in which a row may come into being."""
        return self.starts or (self.states(self.states.values[0]),)

    def transition(self, verb):
        """The line of this verb. Raises `KeyError` for a verb that is not in the table."""
        for transition in self.transitions:
            if transition.verb == verb:
                return transition
        raise KeyError(verb)

    def state_of(self, row):
        return self.states(getattr(row, self.field))

    def final_between(self, before, after):
        """The transition that led from one state to another and is not undone, or None."""
        return next(
            (
                transition
                for transition in self.transitions
                if transition.final and transition.target == after != before and transition.leads_from(before)
            ),
            None,
        )

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


def _workflow_of(subject):
    """The workflow of the model of this name, or None; machinery may have one too."""
    try:
        return getattr(apps.get_model(subject), "workflow", None)
    except (LookupError, ValueError):
        return None


def verb_label(subject, verb):
    """What a verb was, for people: `calendars.internshipcalendar`, `publish` → « Publication »."""
    try:
        transition = _workflow_of(subject).transition(verb)
        return transition.noun or transition.label
    except (AttributeError, KeyError):
        return verb


def final_transition(subject, verb):
    """The transition of this verb when it is not undone, or None."""
    workflow = _workflow_of(subject)
    transitions = workflow.transitions if workflow else ()
    return next((found for found in transitions if found.verb == verb and found.final), None)


def mermaid(workflow):
    """The table as a Mermaid state diagram, for the documentation."""
    lines = ["stateDiagram-v2", *(f"    [*] --> {state}" for state in workflow.begins)]
    lines += [
        f"    {source} --> {transition.target}: {transition.verb}"
        for transition in workflow.transitions
        for source in workflow.states.values
        if source in transition.sources
    ]
    return "\n".join(lines)
