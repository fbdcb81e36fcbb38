from django.contrib import admin
from django.urls import include, path

from pratik.public.views.site import set_language

urlpatterns = [
    path("console/", admin.site.urls),
    path("langue/setlang/", set_language, name="set_language"),
    path("", include("pratik.access.urls")),
    path("", include("pratik.public.urls")),
]
