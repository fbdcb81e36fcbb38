"""What the pages of lodgings and of trips have in common: the list, what stands above a listing."""

from functools import partial

from django.db.models import Case, Count, Q, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from backoffice.base.admin import ScopedAdmin
from backoffice.base.display import AGE_COLORS, waited
from pratik.accounts.workflow import CHECKERS
from pratik.core.calendar import today
from pratik.living import services
from pratik.living.enums import OFFER_COLORS, OfferState
from pratik.verification.enums import Need
from pratik.verification.reports import missing_needs

from .display import ONLINE_COLORS, account_link, online_state


def verbs_of(model):
    """What is done with listings of this kind: {verb: service}."""
    return {
        "submit": partial(services.submit_offers, model=model),
        "publish": partial(services.publish_offers, model=model),
        "refuse": partial(services.refuse_offers, model=model),
        "rework": partial(services.rework_offers, model=model),
        "suspend": partial(services.suspend_offers, model=model),
        "reinstate": partial(services.reinstate_offers, model=model),
        "archive": partial(services.archive_offers, model=model),
    }


class OfferAdmin(ScopedAdmin):
    """Listings: the team reads them, owners look after their own.

    A list's first rows are those that wait to be read, whoever waits longest before the others.
    """

    class Media:
        css = {"all": ("backoffice/living.css",)}

    list_before_template = "backoffice/living/listings.html"
    change_form_outer_before_template = "backoffice/living/notes.html"
    staff_list_display = ("shown_owner",)

    def get_ordering(self, request):
        waiting = Case(When(state=OfferState.SUBMITTED, then="submitted_at")).asc(nulls_last=True)
        return (waiting, *super().get_ordering(request))

    def done_with(self, today):
        last_day = self.model.objects.all().last_day
        return Q(state=OfferState.ARCHIVED) | Q(**{f"{last_day}__lt": today})

    def get_list_display(self, request):
        """Owners need not read their own name in each row."""
        if request.user.is_staff:
            return self.list_display
        return tuple(name for name in self.list_display if name not in self.staff_list_display)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def get_fieldsets(self, request, obj=None):
        if obj is None:
            return self.add_fieldsets
        own = not request.user.is_staff
        return tuple(
            (name, {**options, "fields": options["fields"][1:]}) if own and number == 0 else (name, options)
            for number, (name, options) in enumerate(self.fieldsets)
        )

    def view_on_site_path(self, obj):
        return obj.get_absolute_url() if obj.is_online else None

    def totals(self, rows):
        rows = rows.order_by()
        found = rows.aggregate(number=Count("pk"), waiting=Count("pk", filter=Q(state=OfferState.SUBMITTED)))
        online = rows.filter(pk__in=self.model.objects.online(today()).order_by().values("pk")).count()
        return [
            (found["number"], ngettext("annonce", "annonces", found["number"])),
            (online, _("en ligne")),
            (found["waiting"], _("à examiner")),
        ]

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"notes": self.list_notes(request), **(extra_context or {})})

    def list_notes(self, request):
        """What stands above the list."""
        return [] if request.user.is_staff else badge_notes(request.user)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["notes"] = self.notes(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def notes(self, request, obj):
        """What stands above a listing: what it lacks, why it came back, why it cannot be changed."""
        owner = request.user if obj is None else obj.owner
        if not request.user.is_staff:
            notes = badge_notes(owner)
        elif owner.is_verified:
            notes = []
        else:
            notes = [owner_note(request.user, owner)]
        if obj is None:
            return notes
        if why := reason_of(obj):
            notes.append(("warning", why, "", ""))
        if not request.user.is_staff:
            notes.append(self.next_step(obj))
        return [note for note in notes if note]

    def next_step(self, obj):
        """What an owner does next with a listing; None while it is on the site."""
        if obj.state == OfferState.DRAFT:
            return (
                "info",
                _("Cette annonce est un brouillon : « Proposer » l’envoie à l’équipe PRATIK, qui la lit."),
                "",
                "",
            )
        return "info", obj.edit_refusal(), "", ""

    @display(description=gettext_lazy("proposé par"))
    def shown_owner(self, obj):
        return str(obj.owner)

    @display(description=gettext_lazy("proposé par"))
    def owner_page(self, obj):
        return account_link(obj.owner)

    @display(
        description=gettext_lazy("état"),
        ordering="state",
        label={str(state): color for state, color in OFFER_COLORS.items()},
    )
    def shown_state(self, obj):
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("site"), label=ONLINE_COLORS)
    def shown_online(self, obj):
        return online_state(obj)

    @display(description=gettext_lazy("sur le site"))
    def online_text(self, obj):
        found = online_state(obj)
        return found[1] if found else _("Hors ligne : annonce non publiée")

    @display(description=gettext_lazy("attend depuis"), ordering="submitted_at", label=AGE_COLORS)
    def shown_age(self, obj):
        waits = obj.state == OfferState.SUBMITTED and obj.submitted_at
        return waited(obj.submitted_at) if waits else None


def badge_notes(owner):
    """What an owner without the badge has to do for their listings to be seen."""
    if owner.is_verified:
        return []
    missing = missing_needs([owner])[owner.pk]
    if not missing:
        return [("warning", _("L’équipe PRATIK n’a pas encore vérifié votre compte."), "", "")]
    told = _(
        "Votre compte n’est pas vérifié : vos annonces ne paraissent pas sur le site. Il manque : %(needs)s."
    ) % {"needs": ", ".join(str(Need(need).label) for need in missing)}
    return [("warning", told, reverse("admin:verification_papers"), _("Mes pièces"))]


def owner_note(reader, owner):
    """Tells the team that a listing cannot appear yet, with the way to its owner's papers."""
    told = _("%(who)s n’est pas vérifié : cette annonce ne peut pas paraître.") % {"who": owner}
    if reader.role not in CHECKERS:
        return "warning", told, "", ""
    return "warning", told, reverse("admin:verification_papers_of", args=[owner.pk]), _("Voir ses pièces")


def reason_of(offer):
    """Why the team sent a draft back, or suspended a listing; None for any other."""
    verb = {OfferState.DRAFT: "refuse", OfferState.SUSPENDED: "suspend"}.get(offer.state)
    if verb is None:
        return None
    # A draft was sent back if that is what was done to its state last.
    line = (
        offer.history.filter(operation__verb__in=("refuse", "suspend", "rework", "submit"))
        .select_related("operation")
        .order_by("-history_id")
        .first()
    )
    if line is None or line.operation.verb != verb or not line.operation.reason:
        return None
    told = {
        "refuse": _("Annonce renvoyée à corriger. Motif : %(why)s"),
        "suspend": _("Annonce suspendue par l’équipe PRATIK. Motif : %(why)s"),
    }
    return told[verb] % {"why": line.operation.reason}
