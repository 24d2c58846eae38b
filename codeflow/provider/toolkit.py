"""The paths of django-oauth-toolkit outside its five stable modules, one line each with the reason."""

from oauth2_provider.signals import app_authorized  # sites that ran DOT listen to it

__all__ = ["app_authorized"]
