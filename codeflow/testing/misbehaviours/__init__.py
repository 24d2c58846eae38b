"""What a fake provider can be told to do wrong, by name: `op.misbehave("iss_wrong")`."""

from collections.abc import Mapping
from types import MappingProxyType

from codeflow.testing.misbehaviours.after_sign_in import AFTER_SIGN_IN
from codeflow.testing.misbehaviours.authorization_response import AUTHORIZATION_RESPONSE
from codeflow.testing.misbehaviours.definition import Misbehaviour
from codeflow.testing.misbehaviours.id_token import ID_TOKEN
from codeflow.testing.misbehaviours.metadata import METADATA
from codeflow.testing.misbehaviours.token_response import TOKEN_RESPONSE
from codeflow.testing.misbehaviours.userinfo_and_keys import KEYS, USERINFO

ALL = (*METADATA, *AUTHORIZATION_RESPONSE, *TOKEN_RESPONSE, *ID_TOKEN, *USERINFO, *KEYS, *AFTER_SIGN_IN)

MISBEHAVIOURS: Mapping[str, Misbehaviour] = MappingProxyType({item.name: item for item in ALL})
