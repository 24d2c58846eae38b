"""/lab/: the runs, and one run."""

from django.urls import path
from django.views.generic import RedirectView

from demo_site.trace.lab import views

urlpatterns = [
    path("", views.runs, name="lab_runs"),
    path("runs/", RedirectView.as_view(pattern_name="lab_runs")),
    path("runs/<uuid:run_id>/", views.run, name="lab_run"),
    path("runs/<uuid:run_id>/events/", views.events, name="lab_events"),
    path("runs/<uuid:run_id>/do/<slug:name>/", views.act, name="lab_act"),
    path("runs/<uuid:run_id>/id-token/", views.change_one_letter, name="lab_change_one_letter"),
    path("runs/<uuid:run_id>/run.har", views.har, name="lab_har"),
    path("runs/<uuid:run_id>/run.curl.txt", views.curl, name="lab_curl"),
    path("runs/<uuid:run_id>/run.txt", views.diagram, name="lab_diagram"),
]
