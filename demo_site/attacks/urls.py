"""/lab/attacks/: the list and the score; one attack."""

from django.urls import path

from demo_site.attacks import views

urlpatterns = [
    path("attacks/", views.attacks, name="lab_attacks"),
    path("attacks/<slug:slug>/", views.attack, name="lab_attack"),
    path("compare/implicit/", views.implicit, name="lab_implicit"),
]
