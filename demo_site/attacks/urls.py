"""/lab/attacks/: the list and the score; one attack."""

from django.urls import path

from demo_site.attacks import views
from demo_site.attacks.weather import weather_api

urlpatterns = [
    path("api/weather/", weather_api),
    path("attacks/", views.attacks, name="lab_attacks"),
    path("attacks/<slug:slug>/", views.attack, name="lab_attack"),
    path("compare/implicit/", views.implicit, name="lab_implicit"),
]
