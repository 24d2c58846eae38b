"""What each error means, at an address that stays: errors/ and errors/redirect-uri-mismatch/, in the reader's language."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.generic import View

from codeflow.provider.views.error_words import WORDS, ErrorWords, slug, words_for
from codeflow.provider.views.pages import page

REASONS = {slug(reason): reason for reason in WORDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    slug: str
    words: ErrorWords


@method_decorator(login_not_required, name="dispatch")
class ErrorDocsView(View):
    """Every error, or the one that the address names. Says nothing about any client or person."""

    def get(self, request: HttpRequest, name: str = "") -> HttpResponse:
        if name and name not in REASONS:
            raise Http404(name)
        chosen = [name] if name else sorted(REASONS)
        errors = [Entry(slug=one, words=words_for(REASONS[one])) for one in chosen]
        title: Any = errors[0].words.title if name else gettext("Errors and what they mean")
        return page(request, "error_docs.html", {"errors": errors, "title": title})
