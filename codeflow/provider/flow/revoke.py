"""Revocation: a client gives back a token.

RFC 7009 2.1, 2.2. Either token of a grant ends the whole grant. An unknown token, and another client's, are no error and tell nothing.
"""

from codeflow.provider import revocation
from codeflow.provider.models import AccessToken, Client, RefreshToken
from codeflow.provider.models.tokens import token_digest


def revoke_token(token: str, client: Client) -> bool:
    """Whether a token of this client was found. `token_type_hint` is not needed: two look-ups cost less than a wrong hint."""
    found = {"token_checksum": token_digest(token), "application_id": client.pk}
    for model in (RefreshToken, AccessToken):
        family = model.objects.filter(**found).values_list("token_family", flat=True).first()
        if family is not None:
            revocation.revoke_family(family)
            return True
    return False
