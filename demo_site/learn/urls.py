"""/lab/explain/, /lab/glossary/, /lab/clock/."""

from django.urls import path

from demo_site.learn import views

urlpatterns = [
    path("explain/", views.explain, name="lab_explain"),
    path("glossary/", views.glossary, name="lab_glossary"),
    path("clock/", views.clock, name="lab_clock"),
]
