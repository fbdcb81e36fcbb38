"""Actions that change rows: always asked first, always a POST, always answered with what was done.

The states of a row move by the verbs of its model's workflow; the buttons are made from that table. The
same page asks for one row and for many: how many will change, how many are refused and why.
"""

from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.enums import ActionVariant

from pratik.core import services

SHOWN = 20


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


class ConfirmedActionsMixin:
    """Gives a page the actions of its model's workflow, and the deletion of rows.

    `verbs` names the service of each verb; `assess_verb` is asked which rows it would move.
    """

    verbs: dict = {}
    assess_verb = None

    def acts(self, request):
        """The verbs of the workflow that the person's role may do at all."""
        workflow = getattr(self.model, "workflow", None)
        if workflow is None or not self.verbs:
            return []
        return [self._act(transition) for transition in workflow.open_to(request.user.role)]

    def _act(self, transition):
        assess = self.assess_verb or partial(services.assess, model=self.model)
        return Act(
            verb=transition.verb,
            label=transition.label,
            question=transition.question,
            assess=partial(assess, verb=transition.verb),
            perform=self.verbs[transition.verb],
            needs_reason=transition.needs_reason,
            danger=transition.danger,
            icon=transition.icon,
        )

    def removal(self):
        """Deleting rows, as an action like the others."""
        return Act(
            verb="delete",
            label=gettext_lazy("Supprimer"),
            question=gettext_lazy("Ces lignes seront supprimées. L’opération peut être annulée ensuite."),
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

    def _bulk(self, act):
        def action(modeladmin, request, queryset):
            return modeladmin.confirm(request, act, list(queryset.values_list("pk", flat=True)))

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
        ]

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
        reason = request.POST.get("reason", "").strip()[:500]
        if request.method == "POST" and request.POST.get("confirmed") == "yes":
            try:
                outcome = act.perform(actor=request.user, pks=pks, reason=reason)
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
            "title": act.label,
            "act": act,
            "one": one,
            "reason": reason,
            "error": error,
            "changed": outcome.changed[:SHOWN],
            "changed_more": max(0, len(outcome.changed) - SHOWN),
            "changed_count": len(outcome.changed),
            "refused": outcome.refused[:SHOWN],
            "refused_more": max(0, len(outcome.refused) - SHOWN),
            "refused_count": len(outcome.refused),
            "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "action": request.POST.get("action", ""),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
            "back": self.change_url(one) if one is not None else self.list_url(),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "backoffice/confirm.html", context, status=422 if error else 200)

    def say(self, request, act, outcome):
        """How many rows were changed, how many were refused and why, and where to take it back."""
        done, refused = len(outcome.changed), len(outcome.refused)
        if done:
            text = ngettext(
                "« %(action)s » : %(number)d ligne changée.",
                "« %(action)s » : %(number)d lignes changées.",
                done,
            ) % {"action": act.label, "number": done}
            messages.success(request, self.with_operation(text, outcome.operation))
        if refused:
            reasons = {}
            for _row, why in outcome.refused:
                reasons[why] = reasons.get(why, 0) + 1
            told = " ".join(
                ngettext("%(number)d ligne : %(why)s", "%(number)d lignes : %(why)s", number)
                % {"number": number, "why": why}
                for why, number in reasons.items()
            )
            messages.warning(request, _("Refusé : %(told)s") % {"told": told})

    def with_operation(self, text, row):
        """A message with the way to its operation, where it can be taken back."""
        if row is None:
            return text
        return format_html(
            '{} <a class="underline" href="{}">{}</a>',
            text,
            reverse("admin:core_operation_change", args=[row.pk]),
            _("Voir l’opération ou l’annuler"),
        )
