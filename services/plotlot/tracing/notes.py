"""What is noted of a request while it is answered, for its span and its line in the log."""

from contextvars import ContextVar

from plotlot.tracing.spans import Value

Notes = dict[str, Value]

# The notes of the request being served. Tasks that are begun for it write into the same.
current_notes: ContextVar[Notes | None] = ContextVar("current_notes", default=None)


def begin_notes() -> Notes:
    """Notes of a request that was received."""
    notes: Notes = {}
    current_notes.set(notes)
    return notes


def note(name: str, value: Value) -> None:
    """Note an attribute of the current request; outside of one nothing is."""
    notes = current_notes.get()
    if notes is not None:
        notes[name] = value


def note_more(name: str, number: int) -> None:
    """Add to a number that is noted of the current request."""
    notes = current_notes.get()
    if notes is not None:
        notes[name] = int(notes.get(name, 0)) + number
