"""The relying party in Django's admin: the providers of the settings, who is linked to them, and what is held for whom.

Tokens are never rendered, and nothing here is made or edited by hand.
"""

from codeflow.relying_party.admin.providers import SignInProviderAdmin
from codeflow.relying_party.admin.rows import IdentityAdmin, RPSessionAdmin, TokenGrantAdmin

__all__ = ["IdentityAdmin", "RPSessionAdmin", "SignInProviderAdmin", "TokenGrantAdmin"]
