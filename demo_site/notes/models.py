"""Notes of people; the resource that the client asks for."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class Note(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    title = models.CharField(max_length=100)
    text = models.TextField(max_length=2000)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created", "pk"]

    def __str__(self) -> str:
        return self.title

    def to_json(self) -> dict[str, Any]:
        return {"id": self.pk, "title": self.title, "text": self.text, "created": self.created.isoformat()}
