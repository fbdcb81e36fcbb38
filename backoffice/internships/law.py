"""What the law says of placements, as the console shows it, and the page by which a rule is set aside."""

from dataclasses import dataclass, replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.base.actions import SHOWN
from backoffice.base.display import BLANK
from pratik.core.calendar import today
from pratik.internships import services
from pratik.internships.enums import BEFORE_START, PlacementState
from pratik.internships.reports import judgements
from pratik.internships.rules.placements import reinstatement_refusal
from pratik.internships.workflow import SCHOOL_SIDE
from pratik.law.enums import RuleCode, Severity

from .placement_forms import OverrideForm

BLOCK = str(Severity.BLOCK)
OVERRIDE = "admin:internships_placement_override"
REINSTATE = "admin:internships_placement_reinstate"
# The step that is gone on with once a rule is set aside.
STEP = "suite"
TONES = {str(Severity.BLOCK): "bad", str(Severity.WARN): "warn", str(Severity.INFORM): "info"}


@dataclass(frozen=True)
class Told:
    """One finding of the law, with who set it aside, if somebody did. `url` is where the reader sets it
    aside, or has it hold again.
    """

    finding: object
    override: object = None
    url: str = ""
    # It does not stand in the way of the host, after whom the school settles it.
    is_later: bool = False
    # Who may set it aside, or what else is done about it, where the reader may not.
    note: str = ""

    @property
    def tone(self):
        if self.override:
            return "plain"
        return "info" if self.is_later else TONES[str(self.finding.severity)]

    @property
    def word(self):
        """What the finding means for the placement as it stands."""
        if self.override:
            return _("Écartée")
        return _("À compléter par l’établissement") if self.is_later else self.finding.severity.label

    @property
    def css(self):
        if self.override:
            return "law-aside"
        return "law-inform" if self.is_later else f"law-{self.finding.severity}"

    @property
    def blocks(self):
        return self.finding.blocks and self.override is None and not self.is_later


def told_findings(placement, judgement):
    """The findings of one placement, each with what was said when it was set aside."""
    return [
        Told(
            finding,
            # What may not be set aside holds, whatever was recorded.
            judgement.overrides.get(str(finding.code)) if finding.overridable else None,
            is_later=_is_later(placement, finding),
        )
        for finding in judgement.findings
    ]


def _is_later(placement, finding):
    return placement.state == PlacementState.DRAFTED and finding.code in services.LEFT_TO_THE_SCHOOL


def law_badge(told):
    """What the law says of a placement in a word, for a list."""
    blocking = sum(one.blocks for one in told)
    warnings = sum(str(one.finding.severity) == Severity.WARN and not one.override for one in told)
    if blocking:
        text = ngettext("%(number)d blocage", "%(number)d blocages", blocking) % {"number": blocking}
        return format_html('<span class="pratik-badge pratik-bad">{}</span>', text)
    if warnings:
        text = ngettext("%(number)d alerte", "%(number)d alertes", warnings) % {"number": warnings}
        return format_html('<span class="pratik-badge pratik-warn">{}</span>', text)
    return BLANK


class OverridePages:
    """Gives the page of placements what the law says of each, and the way to set a rule aside."""

    def get_urls(self):
        return [
            path(
                "<int:pk>/ecarter/<slug:code>/",
                self.admin_site.admin_view(self.override_view),
                name="internships_placement_override",
            ),
            path(
                "<int:pk>/retablir/<slug:code>/",
                self.admin_site.admin_view(self.reinstate_view),
                name="internships_placement_reinstate",
            ),
            *super().get_urls(),
        ]

    def may_override(self, request):
        """Schools and those who keep the platform's data, in their own name."""
        return request.user.role in SCHOOL_SIDE and request.impersonator is None

    def law_panel(self, request, obj):
        """What the law says of a placement, with the ways to set aside what may be."""
        if obj.state not in BEFORE_START:
            return []
        return self._told(request, obj, judgements([obj], today())[obj.pk])

    def confirm_law(self, request, act, outcome):
        """What the law says of each placement that is agreed to or signed, where that is decided."""
        if act.verb not in services.LAWFUL_VERBS:
            return []
        against = {row.pk: why.findings for row, why in outcome.refused if hasattr(why, "findings")}
        rows = [row for row, _why in outcome.refused if row.pk in against] + outcome.changed
        judged = judgements(rows, today())
        self.know_editable(request, [row.pk for row in rows])
        groups = []
        for row in rows:
            # A class is judged one after the other: what stands in the way of a member is what it was told.
            stands = against.get(row.pk, ())
            codes = {finding.code for finding in stands}
            found = [*stands, *(one for one in judged[row.pk].findings if one.code not in codes)]
            told = self._told(request, row, replace(judged[row.pk], findings=found), step=act.verb)
            if told:
                groups.append((row, self.change_url(row), told))
        return groups[:SHOWN]

    def _told(self, request, obj, judgement, step=""):
        """The findings of a placement as this person reads them; a rule that is set aside leads back to the
        `step` that was asked for.
        """
        may = self.may_override(request) and self.editable(request, obj)
        then = f"?{urlencode({STEP: step})}" if step else ""
        told = []
        for one in told_findings(obj, judgement):
            if one.blocks and not one.finding.overridable:
                one = replace(one, note=_("Cette règle ne s’écarte pas."))
            elif one.blocks and may:
                url = reverse(OVERRIDE, args=[obj.pk, str(one.finding.code)])
                one = replace(one, url=f"{url}{then}")
            elif one.override and may and reinstatement_refusal(obj) is None:
                url = reverse(REINSTATE, args=[obj.pk, str(one.finding.code)])
                one = replace(one, url=f"{url}{then}")
            elif one.blocks:
                one = replace(one, note=_("L’établissement peut écarter cette règle, avec un motif."))
            told.append(one)
        return told

    def override_view(self, request, pk, code):
        """Asks why, then sets a rule aside for one placement."""
        obj, then = self._decided_on(request, pk)
        judgement = judgements([obj], today())[obj.pk]
        finding = next((one for one in judgement.findings if str(one.code) == code), None)
        if finding is None or code in judgement.overrides:
            messages.info(request, _("Cette règle ne s’oppose plus à ce stage."))
            return HttpResponseRedirect(then)
        form = OverrideForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                services.override_rule(
                    actor=request.user, placement=obj, code=finding.code, reason=form.cleaned_data["reason"]
                )
            except ValidationError as error:
                form.take(error)
            else:
                messages.success(request, _("La règle « %(rule)s » est écartée.") % {"rule": finding.title})
                return HttpResponseRedirect(then)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Écarter une règle : %(rule)s") % {"rule": finding.title},
            "opts": self.model._meta,
            "finding": finding,
            "placement": obj,
            "form": form,
            "back": then,
        }
        request.current_app = self.admin_site.name
        status = 422 if form.errors else 200
        return TemplateResponse(request, "backoffice/internships/override.html", context, status=status)

    def _decided_on(self, request, pk):
        """The placement of which a rule is set aside or holds again, and where one goes on from there."""
        obj = self.get_object(request, str(pk))
        if obj is None:
            raise Http404
        if not self.may_override(request) or not self.editable(request, obj):
            raise PermissionDenied
        step = request.GET.get(STEP, "")
        if step in services.LAWFUL_VERBS and obj.workflow.transition(step).leads_from(obj.state):
            return obj, reverse(f"admin:internships_placement_{step}", args=[obj.pk])
        return obj, self.change_url(obj)

    def reinstate_view(self, request, pk, code):
        """Asks whether a rule that was set aside is to hold again, then has it hold."""
        obj, then = self._decided_on(request, pk)
        override = obj.overrides.standing().filter(rule=code).select_related("made_by").first()
        if override is None:
            messages.info(request, _("Cette règle n’est pas écartée pour ce stage."))
            return HttpResponseRedirect(then)
        name = RuleCode(override.rule).label
        error = reinstatement_refusal(obj)
        if request.method == "POST" and not error:
            try:
                services.reinstate_rule(actor=request.user, placement=obj, code=code)
            except ValidationError as refused:
                error = " ".join(refused.messages)
            else:
                messages.success(request, _("La règle « %(rule)s » compte de nouveau.") % {"rule": name})
                return HttpResponseRedirect(then)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Rétablir une règle : %(rule)s") % {"rule": name},
            "opts": self.model._meta,
            "override": override,
            "placement": obj,
            "error": error,
            "back": then,
        }
        request.current_app = self.admin_site.name
        status = 422 if error and request.method == "POST" else 200
        return TemplateResponse(request, "backoffice/internships/reinstate.html", context, status=status)
