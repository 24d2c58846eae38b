"""Another API, at the client's origin: it takes tokens that the server made for it, and there are none (RFC 9068 4; RFC 7662)."""

from django.http import HttpRequest, JsonResponse

from codeflow.relying_party.bearer.required import bearer_required
from demo_site import environment


@bearer_required("demo", audience=environment.addresses().weather_api, introspect=True)
def weather_api(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"weather": "fine"})
