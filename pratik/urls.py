from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("console/", admin.site.urls),
    path("langue/", include("django.conf.urls.i18n")),
    path("", include("pratik.access.urls")),
    path("", include("pratik.public.urls")),
]
