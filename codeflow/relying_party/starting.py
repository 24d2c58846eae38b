"""Step 1 as a page: remember the attempt in its cookie and send the browser to the provider."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from codeflow.relying_party import addresses, attempts
from codeflow.relying_party.conf import conf, outside
from codeflow.relying_party.errors import RelyingPartyError
from codeflow.relying_party.flow.step1_authorization_request import Demand
from codeflow.relying_party.login import begin
from codeflow.relying_party.pages import SeeOther, failed


def start(
    request: HttpRequest,
    name: str,
    *,
    next_url: str,
    demand: Demand,
    login_hint: str = "",
    link_to: str = "",
    trial_by: str = "",
) -> HttpResponse:
    """To the provider `name`, or the page that says why not."""
    try:
        provider = conf.provider(name)
        world = outside(provider)
        pending, url = begin(
            request,
            provider,
            world,
            redirect_uri=addresses.redirect_uri(request, name),
            next_url=next_url,
            demand=demand,
            login_hint=login_hint,
            link_to=link_to,
            trial_by=trial_by,
        )
    except RelyingPartyError as error:
        return failed(request, error, name, next_url, step=1)
    response = SeeOther(url) if request.method == "POST" else HttpResponseRedirect(url)
    base, path = addresses.base_url(request), addresses.mount_path()
    attempts.remember(request, response, pending, path=path, base=base, now=world.clock())
    return response
