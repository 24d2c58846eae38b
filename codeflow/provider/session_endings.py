"""The one way in which a session ends, whoever asks for it: the person, a client, the admin.

RP-Initiated Logout 2; Back-Channel Logout 2.3, 2.5.
"""

from functools import partial

from django.db import router, transaction

from codeflow.provider.flow import backchannel_logout, logout
from codeflow.provider.models import ProviderSession


def end(session: ProviderSession) -> None:
    """Ends the session and its grants, and tells its clients once that is committed."""
    using = router.db_for_write(ProviderSession)
    with transaction.atomic(using=using):
        logout.end_session(session)
        pks = backchannel_logout.schedule(session)
        if pks:
            tell = partial(backchannel_logout.deliver, pks, begin_within=backchannel_logout.DEADLINE_SECONDS)
            transaction.on_commit(tell, using=using, robust=True)
