"""Owns what is typed: the filter and a note, what keeps or drops them. Pasted text comes here too, as text."""

from collections.abc import Callable

from tui.cockpit.choice import Choice
from tui.cockpit.courier import Courier
from tui.cockpit.key_names import Action, Context
from tui.cockpit.stage import Stage
from tui.cockpit.trade_hands import NOTE_MOST

FILTER_MOST = 40


class TypingHands:
    """Turn typed text into a filter or a note."""

    def __init__(
        self, stage: Stage, courier: Courier, *, tell: Callable[[str], None], deafen: Callable[[], None]
    ) -> None:
        self._stage = stage
        self._courier = courier
        self._tell = tell
        self._deafen = deafen

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what each key does."""
        return {
            Action.FILTER: lambda: self._set_typing(True),
            Action.FILTER_KEEP: lambda: self._set_typing(False),
            Action.FILTER_CLEAR: self._clear_filter,
            Action.FILTER_ERASE: lambda: self._set_filter(self._choice.filter[:-1]),
            Action.NOTE_KEEP: self._keep_note,
            Action.WORDS_KEEP: self._keep_words,
            Action.NOTE_DROP: self._drop_note,
            Action.NOTE_ERASE: lambda: self._set_note(-1, ""),
        }

    def type(self, context: Context, typed: str) -> None:
        """Take typed text where it belongs; elsewhere it is nothing."""
        if context is Context.FILTER:
            self._set_filter(self._choice.filter + typed)
        elif context in (Context.NOTE, Context.WORDS):
            self._set_note(None, typed)

    @property
    def _choice(self) -> Choice:
        return self._stage.choice

    def _keep_note(self) -> None:
        note = self._choice.note
        if note is None or (note.required and not note.text.strip()):
            self._tell("a note is needed: it goes to the journal")
        elif note.make is not None and self._courier.send(note.make(note.text.strip()), note.subject, note.done):
            self._choice.note = self._choice.review = None
            self._deafen()

    def _keep_words(self) -> None:
        """Give what was typed to the page that asked for it."""
        note, self._choice.note = self._choice.note, None
        self._deafen()
        if note is not None and note.takes is not None:
            note.takes(note.text.strip())

    def _drop_note(self) -> None:
        self._choice.note = None
        self._deafen()

    def _set_note(self, end: int | None, more: str) -> None:
        note = self._choice.note
        if note is not None:
            note.text = (note.text[:end] + more)[:NOTE_MOST]

    def _set_typing(self, on: bool) -> None:
        self._choice.typing = on
        self._deafen()

    def _set_filter(self, wanted: str) -> None:
        self._choice.filter = wanted[:FILTER_MOST]

    def _clear_filter(self) -> None:
        """Drop the filter; where there is none, leave the zoom."""
        if not self._choice.filter and not self._choice.typing:
            self._choice.zoomed = False
        self._choice.filter = ""
        self._set_typing(False)
