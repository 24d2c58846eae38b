from tests.projects.both.urls import urlpatterns

__all__ = ["urlpatterns"]
