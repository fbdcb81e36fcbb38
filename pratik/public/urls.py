from django.urls import path

from .views import calendars, home, living, offers, partners, recommendations, site, verification

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
    path("offres/", offers.offer_list, name="offers"),
    path("offres/<int:pk>-<str:slug>/", offers.offer_page, name="offer"),
    path("logements/", living.lodging_list, name="lodgings"),
    path("logements/<int:pk>-<str:slug>/", living.lodging_page, name="lodging"),
    path("covoiturage/", living.trip_list, name="trips"),
    path("covoiturage/<int:pk>-<str:slug>/", living.trip_page, name="trip"),
    path("verifier/", verification.verify, name="verify"),
    path("verifier/<str:code>/", verification.verified, name="verified"),
    path("recommandations/", recommendations.recommendation_list, name="recommendations"),
    path("recommandations/<int:pk>/", recommendations.recommendation_page, name="recommendation"),
    path("a-propos/", site.about, name="about"),
    path("media/<path:name>", site.media, name="media"),
    path("vignettes/<path:name>", site.thumbnail, name="thumbnail"),
    path("healthz", site.Health.as_view(), name="healthz"),
    path("robots.txt", site.robots, name="robots"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("favicon.ico", site.favicon, name="favicon"),
]
