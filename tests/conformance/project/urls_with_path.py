from demo_site.conformance.urls import patterns

urlpatterns = patterns("https://op.example/o")
