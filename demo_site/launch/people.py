"""The people of the demo and their notes. The password of each is the user name: this is a demo, on one machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    username: str
    first_name: str
    last_name: str
    notes: tuple[tuple[str, str], ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        return f"{self.username}@example.com"


PEOPLE = [
    Person(
        username="alice",
        first_name="Alice",
        last_name="Liddell",
        notes=(
            ("Rabbit hole", "Further down than it looks. Take a lamp next time."),
            ("Tea party", "Six o'clock, always. Bring butter for the watch."),
            ("To buy", "Mushrooms: one side makes taller, the other side shorter."),
        ),
    ),
    Person(
        username="bob",
        first_name="Bob",
        last_name="Cratchit",
        notes=(
            ("Coal", "Ask about one more piece before Christmas."),
            ("Goose", "Order by Thursday. Tim likes the wing."),
        ),
    ),
]
ADMIN = "admin"
