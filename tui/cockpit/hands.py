"""Owns what a key does: finds its row in the key table for where the trader is, and carries the action out.

What changes the engine is asked first and confirmed with another key; it is off in read-only, and deaf for a moment
after the focus changed, so that keys typed for something else never decide. Never paints: the app does, after each key.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Protocol

from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.views import AlertView, MatrixKind
from tui.cockpit import alerts, questions
from tui.cockpit.bridge import Bridge
from tui.cockpit.keys import Action, Context, row_for
from tui.cockpit.scene import VIEWS, Asking, Choice, Notice, Scene

GUARD_S = 0.3
NOTICE_S = 6.0
FILTER_MOST = 40
_READ_ONLY = "read-only: attach without --read-only to do that"
_OTHER = {"pearson": "winsorized", "winsorized": "pearson"}


class Stage(Protocol):
    """What the hands need of the app."""

    choice: Choice
    bridge: Bridge
    read_only: bool

    def scene(self) -> Scene:
        """Return the moment."""

    @property
    def on_help(self) -> bool:
        """Return whether the help page is in front."""

    def toggle_help(self) -> None:
        """Open or leave the help page."""

    def turn_page(self) -> None:
        """Turn the page of the help."""

    def start_engine(self) -> None:
        """Start the engine again, where that can be done."""

    def leave(self) -> None:
        """End the cockpit."""

    def request_paint(self) -> None:
        """Paint soon."""


class Hands:
    """Turn keys into actions on one stage."""

    def __init__(self, stage: Stage, *, clock: Callable[[], float] = monotonic) -> None:
        self._stage = stage
        self.clock = clock
        self._focused_at = -GUARD_S
        self.work: set[asyncio.Task[None]] = set()
        self._does: dict[Action, Callable[[], None]] = {
            Action.NEXT_BASKET: lambda: self._select(1),
            Action.PREVIOUS_BASKET: lambda: self._select(-1),
            Action.NEXT_ALERT: lambda: self._turn_alert(1),
            Action.PREVIOUS_ALERT: lambda: self._turn_alert(-1),
            Action.DETAIL: self._open_detail,
            Action.ACKNOWLEDGE: lambda: self._ask(questions.acknowledge),
            Action.SNOOZE: lambda: self._ask(questions.snooze),
            Action.CONFIRM: self._confirm,
            Action.CANCEL: self._cancel,
            Action.FILTER: lambda: self._set_typing(True),
            Action.FILTER_KEEP: lambda: self._set_typing(False),
            Action.FILTER_CLEAR: self._clear_filter,
            Action.FILTER_ERASE: lambda: self._set_filter(self._choice.filter[:-1]),
            Action.VIEW: self._next_view,
            Action.WINDOW: self._next_window,
            Action.ESTIMATOR: self._other_estimator,
            Action.COUNTS: self._toggle_counts,
            Action.SCOPE: self._toggle_scope,
            Action.HELP: stage.toggle_help,
            Action.NEXT_PAGE: stage.turn_page,
            Action.BACK: self._back,
            Action.RETRY: stage.bridge.retry_now,
            Action.START_ENGINE: stage.start_engine,
            Action.QUIT: stage.leave,
            Action.LEAVE: stage.leave,
        }

    @property
    def _choice(self) -> Choice:
        return self._stage.choice

    def context(self) -> Context:
        """Return where the trader is."""
        return Context.HELP if self._stage.on_help else self._stage.scene().context

    def press(self, key: str, character: str | None) -> None:
        """Do what `key` means here; a character while the filter is typed goes into it."""
        context = self.context()
        row = row_for(key, context)
        if row is None:
            if context is Context.FILTER and character and character.isprintable():
                self._set_filter(self._choice.filter + character)
            return
        if row.danger and not self._allowed():
            return
        self._does[row.action]()

    def paste(self, pasted: str) -> None:
        """Take pasted text into the filter; anywhere else it is nothing, and what is typed into it does nothing."""
        self.focus_changed()
        if self.context() is Context.FILTER:
            self._set_filter(self._choice.filter + "".join(char for char in pasted if char.isprintable()))

    def focus_changed(self) -> None:
        """Be deaf to what is dangerous for a moment."""
        self._focused_at = self.clock()

    def tell(self, said: str, *, refused: bool = True) -> None:
        """Show a one-line notice."""
        self._choice.notice = Notice(said, self.clock() + NOTICE_S, refused)

    def _allowed(self) -> bool:
        """Return whether a key that leads to a request counts now."""
        if self._stage.read_only:
            self.tell(_READ_ONLY)
            return False
        return self.clock() - self._focused_at >= GUARD_S

    def _select(self, step: int) -> None:
        self._choice.selected += step

    def _open_detail(self) -> None:
        found = alerts.at_hand(self._stage.scene())
        if found is None:
            self.tell("no alert stands", refused=False)
        else:
            self._choice.detail = found.id

    def _turn_alert(self, step: int) -> None:
        ids = [alert.id for alert in self._stage.scene().deck.alerts.standing]
        if not ids:
            return
        here = ids.index(self._choice.detail) if self._choice.detail in ids else -max(step, 0)
        self._choice.detail = ids[(here + step) % len(ids)]

    def _back(self) -> None:
        if self._stage.on_help:
            self._stage.toggle_help()
        else:
            self._choice.detail = ""

    def _ask(self, question: Callable[[Scene, AlertView], Asking]) -> None:
        scene = self._stage.scene()
        alert = alerts.at_hand(scene)
        if alert is None or alert.cleared_ms is not None:
            self.tell("no alert stands", refused=False)
        else:
            self._choice.asking = question(scene, alert)
            self.focus_changed()

    def _confirm(self) -> None:
        asking, self._choice.asking = self._choice.asking, None
        if asking is not None:
            task = asyncio.create_task(self._send(asking), name="cockpit-act")
            self.work.add(task)
            task.add_done_callback(self.work.discard)

    async def _send(self, asking: Asking) -> None:
        try:
            await self._stage.bridge.act(asking.command)
        except (RefusedError, NoEngineError) as error:
            self.tell(f"{asking.subject} not {asking.done}: {error}")
        else:
            self.tell(f"{asking.subject} {asking.done}", refused=False)
        self._stage.request_paint()

    def _cancel(self) -> None:
        self._choice.asking = None
        self.focus_changed()

    def _set_typing(self, on: bool) -> None:
        self._choice.typing = on
        self.focus_changed()

    def _set_filter(self, wanted: str) -> None:
        self._choice.filter = wanted[:FILTER_MOST]

    def _clear_filter(self) -> None:
        self._choice.filter = ""
        self._set_typing(False)

    def _next_view(self) -> None:
        at = VIEWS.index(self._choice.view) if self._choice.view in VIEWS else -1
        self._choice.view = VIEWS[(at + 1) % len(VIEWS)]

    def _next_window(self) -> None:
        health = self._stage.scene().health
        days = health.windows_days if health else (30, 60, 90)
        if self._choice.view is MatrixKind.WINDOW:
            at = days.index(self._choice.window_days) if self._choice.window_days in days else -1
            self._choice.window_days = days[(at + 1) % len(days)]
        self._choice.view = MatrixKind.WINDOW

    def _other_estimator(self) -> None:
        """Go from the view's own estimator to the other one, and back."""
        if self._choice.estimator:
            self._choice.estimator = ""
            return
        served = self._stage.scene().matrix(self._choice.view)
        self._choice.estimator = _OTHER.get(served.estimator if served else "", "pearson")

    def _toggle_counts(self) -> None:
        self._choice.counts = not self._choice.counts

    def _toggle_scope(self) -> None:
        self._choice.all_assets = not self._choice.all_assets
