from django.urls import path

from .views import calendars, home, partners, site

app_name = "public"

urlpatterns = [
    path("", home.home, name="home"),
    path("partenaires/", partners.partner_list, name="partners"),
    path("partenaires/<slug:slug>/", partners.partner_page, name="partner"),
    path("calendriers/", calendars.calendar_list, name="calendars"),
    path("calendriers.ics", calendars.calendar_feed, name="calendar_feed"),
    path("calendriers/etablissements/<str:uai>.ics", calendars.school_feed, name="school_feed"),
    path("calendriers/<int:pk>.ics", calendars.calendar_event, name="calendar_event"),
    path("calendriers/<int:pk>-<str:slug>/", calendars.calendar_page, name="calendar"),
    path("a-propos/", site.about, name="about"),
    path("media/<path:name>", site.media, name="media"),
    path("vignettes/<path:name>", site.thumbnail, name="thumbnail"),
    path("healthz", site.Health.as_view(), name="healthz"),
    path("robots.txt", site.robots, name="robots"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("favicon.ico", site.favicon, name="favicon"),
]
