"""« Mes avis »: what reaches a person by e-mail, and when; and marking all that one was told as read."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from backoffice.roles import may_import
from pratik.notifications import services
from pratik.notifications.enums import Topic
from pratik.privacy.services import give_consent, withdraw_consent

from .forms import PreferencesForm

CONSENT = "e-mails"
# What not everybody is told about.
FOR_SOME = {
    Topic.DATA_REQUESTS: lambda user: user.is_staff,
    Topic.IMPORTS: lambda user: may_import(user.role),
}


class PreferencePages:
    """Gives the page of notices the person's own preferences."""

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("mes-avis/", view(self.preferences), name="notifications_preferences"),
            path("tout-lu/", view(self.read_all), name="notifications_read_all"),
            *super().get_urls(),
        ]

    def preferences(self, request):
        """Shows and, by POST, writes what the person chose; closed to whoever acts in their name."""
        acting = request.impersonator is not None
        if acting and request.method == "POST":
            raise PermissionDenied
        chosen = services.preferences_of(request.user)
        topics = [topic for topic in chosen.choices if topic not in FOR_SOME or FOR_SOME[topic](request.user)]
        data = [request.POST] if request.method == "POST" else []
        form = PreferencesForm.of(request.user, chosen, *data, topics=topics)
        if form.is_bound and form.is_valid():
            try:
                self._write(request.user, form)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, _("Vos choix sont enregistrés."))
                return HttpResponseRedirect(reverse("admin:notifications_preferences"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Mes avis"),
            "opts": self.model._meta,
            "form": form,
            "acting": acting,
            "address": request.user.email,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(
            request,
            "backoffice/notifications/preferences.html",
            context,
            status=422 if form.is_bound else 200,
        )

    @staticmethod
    def _write(user, form):
        services.set_preferences(
            actor=user,
            choices=form.chosen,
            quiet_from=form.cleaned_data["quiet_from"],
            quiet_until=form.cleaned_data["quiet_until"],
        )
        wants = form.cleaned_data["wants_email"]
        if wants != user.wants_email:
            (give_consent if wants else withdraw_consent)(actor=user, code=CONSENT)

    def read_all(self, request):
        """Marks all that the person was told as read."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self.say_read(request, services.mark_all_read(actor=request.user))
        return HttpResponseRedirect(reverse("admin:notifications_notice_changelist"))
