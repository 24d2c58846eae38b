"""/lab/: the runs, and one run."""

from django.urls import path
from django.views.generic import RedirectView

from demo_site.trace.lab import views

urlpatterns = [
    path("", views.runs, name="lab_runs"),
    path("runs/", RedirectView.as_view(pattern_name="lab_runs")),
    path("runs/<uuid:run_id>/", views.run, name="lab_run"),
]
