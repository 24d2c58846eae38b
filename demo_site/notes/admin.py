"""Notes in the server's admin."""

from django.contrib import admin

from demo_site.notes.models import Note


@admin.register(Note)
class NoteAdmin(admin.ModelAdmin):
    list_display = ["title", "user", "created"]
    list_filter = ["user"]
