"""Actions that change rows: always asked first, always a POST, always answered with what was done.

The states of a row move by the verbs of its model's workflow; the buttons are made from that table. The
same page asks for one row and for many: how many will change, how many are refused and why.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.enums import ActionVariant

from backoffice.base.display import grouped
from backoffice.base.reasons import typed_reason
from pratik.core import services
from pratik.core.models import Operation

SHOWN = 20
# What is asked about is held at once, and taken back at once.
DONE_AT_ONCE = 50_000
SHOWN_FOR_ONE_REASON = 5
# What tells rows of the same name apart, in this order.
PLACES = ("school", "organisation", "commune", "driver")


@dataclass(frozen=True)
class Act:
    """One thing that can be done to rows, from the question to the answer."""

    verb: str
    label: str
    question: str
    assess: object
    perform: object
    needs_reason: bool = False
    danger: bool = False
    icon: str = ""
    question_one: str = ""
    # What else is asked, as a form whose cleaned values `perform` takes by name.
    form: type | None = None

    def asks(self, number):
        """The question about so many rows."""
        return self.question_one if number == 1 and self.question_one else self.question


class ConfirmedActionsMixin:
    """Gives a page the actions of its model's workflow, and the deletion of rows.

    `verbs` names the service of each verb; `assess_verb` is asked which rows it would move; `verb_forms` has
    the form of a verb that needs to know more than a reason.
    """

    verbs: dict = {}
    verb_forms: dict = {}
    assess_verb = None

    def acts(self, request):
        """The verbs of the workflow that the person's role may do at all; what is done on a page of its own,
        such as keeping a file, is none of `verbs`.
        """
        workflow = getattr(self.model, "workflow", None)
        if workflow is None:
            return []
        allowed = workflow.open_to(request.user.role)
        return [self._act(transition) for transition in allowed if transition.verb in self.verbs]

    def _act(self, transition):
        assess = self.assess_verb or partial(services.assess, model=self.model)
        return Act(
            verb=transition.verb,
            label=transition.label,
            question=transition.question,
            question_one=transition.question_one,
            assess=partial(assess, verb=transition.verb),
            perform=self.verbs[transition.verb],
            needs_reason=transition.needs_reason,
            danger=transition.danger,
            icon=transition.icon,
            form=self.verb_forms.get(transition.verb),
        )

    def removal(self):
        """Deleting rows, as an action like the others."""
        return Act(
            verb="delete",
            label=gettext_lazy("Supprimer"),
            question=gettext_lazy("Ces lignes seront supprimées. L’opération peut être annulée ensuite."),
            question_one=gettext_lazy("Cette fiche sera supprimée. L’opération peut être annulée ensuite."),
            assess=partial(services.assess_removal, model=self.model),
            perform=partial(services.remove_rows, model=self.model),
            danger=True,
            icon="delete",
        )

    def get_actions(self, request):
        actions = super().get_actions(request)
        acts = self.acts(request)
        if self.may(request, "delete"):
            acts.append(self.removal())
        for act in acts:
            actions[f"do_{act.verb}"] = (self._bulk(act), f"do_{act.verb}", act.label)
        return actions

    def response_action(self, request, queryset):
        """Rows are chosen by their keys: what is none was typed by hand, or cut short on its way."""
        key = self.model._meta.pk
        try:
            for chosen in request.POST.getlist(helpers.ACTION_CHECKBOX_NAME):
                key.to_python(chosen)
        except ValidationError:
            messages.error(
                request, _("La sélection n’a pas été comprise : choisissez de nouveau les lignes.")
            )
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

    def _bulk(self, act):
        def action(modeladmin, request, queryset):
            pks = list(queryset.values_list("pk", flat=True)[: DONE_AT_ONCE + 1])
            if len(pks) > DONE_AT_ONCE:
                told = _(
                    "Une action porte sur %(number)s lignes au plus. Filtrez la liste, puis recommencez."
                )
                messages.error(request, told % {"number": grouped(DONE_AT_ONCE)})
                return None
            return modeladmin.confirm(request, act, pks)

        action.short_description = act.label
        action.icon = act.icon or None
        action.variant = ActionVariant.DANGER if act.danger else ActionVariant.DEFAULT
        return action

    def get_urls(self):
        opts = self.model._meta
        workflow = getattr(self.model, "workflow", None)
        urls = [
            path(
                f"<path:object_id>/{transition.verb}/",
                self.admin_site.admin_view(partial(self.act_on_one, verb=transition.verb)),
                name=f"{opts.app_label}_{opts.model_name}_{transition.verb}",
            )
            for transition in (workflow.transitions if workflow and self.verbs else ())
        ]
        return urls + super().get_urls()

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and self.editable(request, obj):
            context["actions_detail"] = [*context["actions_detail"], *self.buttons(request, obj)]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def buttons(self, request, obj):
        """The buttons of a row's page: what its state and the person's role allow."""
        opts = self.model._meta
        name = f"admin:{opts.app_label}_{opts.model_name}"
        return [
            {
                "title": act.label,
                "icon": act.icon,
                "variant": ActionVariant.DANGER if act.danger else ActionVariant.PRIMARY,
                "path": reverse(f"{name}_{act.verb}", args=[obj.pk]),
            }
            for act in self.acts(request)
            if self.model.workflow.transition(act.verb).leads_from(self.model.workflow.state_of(obj))
            and self.offers(request, obj, act.verb)
        ]

    def offers(self, request, obj, verb):
        """Whether a row's page offers this person a verb that its state allows; unless a page says less."""
        return True

    def act_on_one(self, request, object_id, verb):
        """Asks, then does a verb to one row."""
        obj = self.get_object(request, object_id)
        if obj is None:
            raise Http404
        act = next((act for act in self.acts(request) if act.verb == verb), None)
        if act is None:
            raise PermissionDenied
        return self.confirm(request, act, [obj.pk], one=obj)

    def confirm(self, request, act, pks, one=None):
        """The page that asks; on its POST, does it and says what was done."""
        error = None
        reason = typed_reason(request)
        confirmed = request.method == "POST" and request.POST.get("confirmed") == "yes"
        form = None
        if act.form:
            initial = None if confirmed else self.initial_of(request, act, one)
            form = act.form(request.POST if confirmed else None, initial=initial)
        if confirmed and form is not None and not form.is_valid():
            error = _("Corrigez les champs signalés.")
        elif confirmed:
            further = form.cleaned_data if form is not None else {}
            try:
                outcome = act.perform(actor=request.user, pks=pks, reason=reason, **further)
            except ValidationError as problem:
                error = " ".join(problem.messages)
            else:
                self.say(request, act, outcome)
                if one is None:
                    return HttpResponseRedirect(request.get_full_path())
                gone = act.verb == "delete" and not outcome.refused
                return HttpResponseRedirect(self.list_url() if gone else self.change_url(one))
        outcome = act.assess(actor=request.user, pks=pks)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": act.label if one is None else f"{act.label}\u00a0: {one}",
            "act": act,
            "form": form,
            "question": act.asks(len(outcome.changed)),
            "notes": self.confirm_notes(act, outcome.changed),
            "law": self.confirm_law(request, act, outcome),
            "object": one,
            "one": one,
            "reason": reason,
            "error": error,
            "changed": named(outcome.changed[:SHOWN]),
            "changed_more": max(0, len(outcome.changed) - SHOWN),
            "changed_count": len(outcome.changed),
            "refused": grouped_refusals(outcome.refused),
            "refused_count": len(outcome.refused),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "action": request.POST.get("action", ""),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "back": self.change_url(one) if one is not None else self.list_url(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/confirm.html", context, status=422 if error else 200)

    def confirm_notes(self, act, rows):
        """What to know of these rows before the verb is done to them; nothing unless a page says so."""
        return []

    def confirm_law(self, request, act, outcome):
        """What the law says of the rows that are asked about, as [(row, its page, [`Told`])], for a page that
        asks the law; a refusal that has its findings here tells only their names (`LawRefusal`).
        """
        return []

    def initial_of(self, request, act, one):
        """What stands in the boxes of an act at first, {name: value}; what its form says, if None."""
        return None

    def say(self, request, act, outcome):
        """How many rows were changed, how many were refused and why, and where to take it back."""
        done, refused = len(outcome.changed), len(outcome.refused)
        if done:
            text = ngettext(
                "« %(action)s » : %(number)d ligne changée.",
                "« %(action)s » : %(number)d lignes changées.",
                done,
            ) % {"action": act.label, "number": done}
            messages.success(request, self.with_operation(request, text, outcome.operation))
        if refused:
            told = " ".join(
                ngettext("%(number)d ligne : %(why)s", "%(number)d lignes : %(why)s", len(rows))
                % {"number": len(rows), "why": why}
                for why, rows in by_reason(outcome.refused).items()
            )
            messages.warning(request, _("Laissé tel quel : %(told)s") % {"told": told})

    def with_operation(self, request, text, row):
        """A message with the way to its operation, where it is taken back if it is one that can be."""
        if row is None:
            return text
        may_undo = not row.is_final and Operation.objects.editable_by(request.user).filter(pk=row.pk).exists()
        return format_html(
            '{} <a class="underline" href="{}">{}</a>',
            text,
            reverse("admin:core_operation_change", args=[row.pk]),
            _("Voir l’opération ou l’annuler") if may_undo else _("Voir l’opération"),
        )


def by_reason(refused):
    """The refused rows under the reason that each has: {reason: [rows]}."""
    reasons = {}
    for row, why in refused:
        reasons.setdefault(str(getattr(why, "short", why)), []).append(row)
    return reasons


def grouped_refusals(refused):
    """Why rows are refused: the reason, how many rows it holds for, and the first of them by name."""
    return [
        {
            "why": why,
            "number": len(rows),
            "rows": named(rows[:SHOWN_FOR_ONE_REASON]),
            "more": max(0, len(rows) - SHOWN_FOR_ONE_REASON),
        }
        for why, rows in sorted(by_reason(refused).items(), key=lambda group: -len(group[1]))
    ]


def named(rows):
    """Rows of one model with the school, organisation or commune that tells them apart, as (row, place)."""
    place = next((name for name in PLACES if rows and _relates(type(rows[0]), name)), None)
    if place is None:
        return [(row, None) for row in rows]
    prefetch_related_objects(rows, place)
    return [(row, getattr(row, place)) for row in rows]


def _relates(model, name):
    try:
        return model._meta.get_field(name).is_relation
    except FieldDoesNotExist:
        return False
