"""The server's front page, and the API: one address, a scope for reading and another for writing, no cookies."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from codeflow.core.uris import authorization_server_metadata_url, openid_configuration_url
from codeflow.provider.decorators import bearer_required
from demo_site import environment
from demo_site.launch.people import PEOPLE
from demo_site.notes.models import Note


def front_page(request: HttpRequest) -> HttpResponse:
    """What this server is, and where its endpoints are."""
    issuer = environment.addresses().issuer
    context = {
        "people": PEOPLE,
        "issuer": issuer,
        "metadata": openid_configuration_url(issuer),
        "metadata_rfc8414": authorization_server_metadata_url(issuer),
    }
    return render(request, "notes/front_page.html", context)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def notes_api(request: HttpRequest) -> HttpResponseBase:
    """/api/notes/: GET lists (notes.read), POST adds (notes.write)."""
    return (add_note if request.method == "POST" else list_notes)(request)


@bearer_required("notes.read")
def list_notes(request: Any) -> HttpResponse:
    return JsonResponse({"notes": [note.to_json() for note in Note.objects.filter(user=request.user)]})


@bearer_required("notes.write")
def add_note(request: Any) -> HttpResponse:
    """Takes {"title", "text"}; answers 201 with the note, or 400 saying what is wrong."""
    try:
        sent = json.loads(request.body)
        title, text = sent["title"], sent.get("text", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return JsonResponse({"error": 'Send a JSON object with "title" and "text".'}, status=400)
    if not (isinstance(title, str) and isinstance(text, str) and 0 < len(title) <= 100 and len(text) <= 2000):
        return JsonResponse({"error": "title: 1 to 100 characters; text: up to 2000."}, status=400)
    note = Note.objects.create(user=request.user, title=title, text=text)
    return JsonResponse(note.to_json(), status=201)
