"""How a site puts a theme's ModelAdmin beneath one of codeflow's pages."""

from unfold.admin import ModelAdmin

from codeflow.provider.admin import AccessTokenAdmin


class ThemedAccessTokenAdmin(AccessTokenAdmin, ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """AccessTokenAdmin in unfold's clothes."""
