"""Owns what a key does: finds its row in the key table for where the trader is, and carries the action out.

What changes the engine is asked first and confirmed with another key; it is off in read-only, and deaf for a moment
after the focus changed, so that keys typed for something else never decide. Never paints: the app does, after each key.
"""

import asyncio
from collections.abc import Callable
from time import monotonic

from engine.domain.views import AlertView
from tui.cockpit import alerts, questions, reasons
from tui.cockpit.carry_hands import CarryHands
from tui.cockpit.choice import FILTERED, Asking, Choice, Notice, Page
from tui.cockpit.courier import Courier
from tui.cockpit.drill_hands import DrillHands
from tui.cockpit.key_names import Action, Context
from tui.cockpit.key_row import Key
from tui.cockpit.keys import label, row_for
from tui.cockpit.lab_hands import LabHands
from tui.cockpit.map_hands import MapHands
from tui.cockpit.palette_hands import PaletteHands
from tui.cockpit.scene import PAGE_CONTEXTS, Scene
from tui.cockpit.screen_hands import ScreenHands
from tui.cockpit.stage import Stage
from tui.cockpit.tour_hands import TourHands
from tui.cockpit.trade_hands import TradeHands
from tui.cockpit.typing_hands import TypingHands
from tui.cockpit.view_hands import ViewHands
from tui.cockpit.ways import needs_a_look

GUARD_S = 0.3
NOTICE_S = 6.0
_READ_ONLY = "read-only: attach without --read-only to do that"


class Hands:
    """Turn keys into actions on one stage."""

    def __init__(self, stage: Stage, *, clock: Callable[[], float] = monotonic) -> None:
        self._stage = stage
        self.clock = clock
        self._focused_at = -GUARD_S
        self._views = ViewHands(stage)
        self._courier = Courier(stage, self.tell)
        self.trade = TradeHands(stage, self._courier, tell=self.tell, deafen=self.focus_changed)
        self._labs = LabHands(stage, deafen=self.focus_changed, tell=self.tell)
        self._typing = TypingHands(stage, self._courier, tell=self.tell, deafen=self.focus_changed)
        self._palette = PaletteHands(stage, run=self._by_name, tell=self.tell, deafen=self.focus_changed)
        self._screen = ScreenHands(stage, deafen=self.focus_changed, tell=self._tell)
        self._does: dict[Action, Callable[[], None]] = {
            **self._looks(),
            **self._trades(),
            **self._labs.does(),
            **MapHands(stage).does(),
            **DrillHands(stage, open_page=self._views.toggle_page, tell=self.tell).does(),
            **self._typing.does(),
            **self._palette.does(),
            **self._screen.does(),
            **CarryHands(stage, self._tell).does(),
            **TourHands(stage, stage.tour_seen).does(),
        }

    def _looks(self) -> dict[Action, Callable[[], None]]:
        """Return what the keys do that look, answer alerts, and come and go."""
        stage, views = self._stage, self._views
        return {
            Action.NEXT_BASKET: lambda: views.select(1),
            Action.PREVIOUS_BASKET: lambda: views.select(-1),
            Action.NEXT_ALERT: lambda: self._turn_alert(1),
            Action.PREVIOUS_ALERT: lambda: self._turn_alert(-1),
            Action.DETAIL: self._open_detail,
            Action.ACKNOWLEDGE: lambda: self._ask(questions.acknowledge),
            Action.SNOOZE: lambda: self._ask(questions.snooze),
            Action.CONFIRM: self._confirm,
            Action.CANCEL: self._cancel,
            Action.VIEW: views.next_view,
            Action.WINDOW: views.next_window,
            Action.ESTIMATOR: views.other_estimator,
            Action.COUNTS: views.toggle_counts,
            Action.SCOPE: views.toggle_scope,
            Action.BLOTTER: lambda: views.toggle_page(Page.BLOTTER),
            Action.JOURNAL: lambda: views.toggle_page(Page.JOURNAL),
            Action.STRESS: lambda: views.toggle_page(Page.STRESS),
            Action.BUILDER: lambda: views.toggle_page(Page.BUILDER),
            Action.BACKTEST: lambda: views.toggle_page(Page.BACKTEST),
            Action.HEALTH: lambda: views.toggle_page(Page.HEALTH),
            Action.LOG_LEVEL: views.turn_log_level,
            Action.MAP: lambda: views.toggle_page(Page.MAP),
            Action.SCROLL_DOWN: lambda: views.scroll(1),
            Action.SCROLL_UP: lambda: views.scroll(-1),
            Action.LOCK: self.trade.toggle_lock,
            Action.HELP: self._help,
            Action.NEXT_PAGE: stage.turn_page,
            Action.BACK: self._back,
            Action.RETRY: stage.bridge.retry_now,
            Action.START_ENGINE: stage.start_engine,
            Action.QUIT: stage.leave,
            Action.LEAVE: stage.leave,
        }

    def _trades(self) -> dict[Action, Callable[[], None]]:
        """Return what the keys do around proposals."""
        trade = self.trade
        return {
            Action.REVIEW: trade.open_review,
            Action.NEWEST: trade.newest,
            Action.CLOSE_REVIEW: trade.close_review,
            Action.APPROVE: trade.approve,
            Action.HOLD: trade.hold,
            Action.LATER: trade.later,
            Action.NEXT_LEG: lambda: trade.mark_leg(1),
            Action.PREVIOUS_LEG: lambda: trade.mark_leg(-1),
            Action.DROP_LEG: trade.drop_leg,
            Action.THREE_QUARTERS: lambda: trade.scale(0.75),
            Action.HALF: lambda: trade.scale(0.5),
            Action.QUARTER: lambda: trade.scale(0.25),
            Action.MORE: trade.more,
            Action.REBALANCE: trade.rebalance,
            Action.OPEN: trade.open_basket,
            Action.CLOSE: trade.close_basket,
            Action.FLATTEN: trade.flatten,
            Action.HALT: trade.halt,
        }

    @property
    def work(self) -> set[asyncio.Task[None]]:
        """Return the requests that are under way."""
        return self._courier.work

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
            if character and character.isprintable():
                self._type(context, character)
            return
        self._run(row)

    def _run(self, row: Key) -> None:
        """Do what a row of the table says, however the trader came to it."""
        if row.danger and not self._allowed():
            return
        self._does[row.action]()
        self._labs.settle()
        self._screen.remember()

    def _by_name(self, row: Key, to: Context | None) -> None:
        """Do what was chosen by name: gone to first where it counts elsewhere, approved only by the other key.

        What changes the engine and counts elsewhere is left to its own key, once the trader sees what it is about.
        """
        if to is not None:
            self._go(to)
            self.focus_changed()
        if to is not None and needs_a_look(row):
            self.tell(f"{label(row, self._stage.looks.glyphs)} {row.short}: it counts here", refused=False)
        elif row.action is not Action.APPROVE:
            self._run(row)
        elif self._allowed():
            self.trade.ask_approval()

    def _go(self, place: Context) -> None:
        """Go where an action counts; a review that stands in front is put away, undecided."""
        choice = self._choice
        if choice.review is not None:
            self.trade.close_review()
        if place is Context.REVIEW:
            self.trade.open_review()
        elif place is Context.HELP:
            self._help()
        elif place is Context.DETAIL:
            choice.page = Page.COCKPIT
            self._open_detail()
        elif place is not self._stage.scene().context:
            self._views.open_page(next(page for page, found in PAGE_CONTEXTS.items() if found is place))

    def paste(self, pasted: str) -> None:
        """Take pasted text into filter or note; anywhere else it is nothing, and what is typed into it does nothing."""
        self.focus_changed()
        self._type(self.context(), "".join(char for char in pasted if char.isprintable()))

    def focus_changed(self) -> None:
        """Be deaf to what is dangerous for a moment."""
        self._focused_at = self.clock()

    def tell(self, said: str, *, refused: bool = True) -> None:
        """Show a one-line notice."""
        self._choice.notice = Notice(said, self.clock() + NOTICE_S, refused)

    def _tell(self, said: str, refused: bool) -> None:
        self.tell(said, refused=refused)

    def _allowed(self) -> bool:
        """Return whether a key that leads to a request counts now."""
        if self._stage.read_only:
            self.tell(_READ_ONLY)
            return False
        if self._choice.locked:
            self.tell(reasons.locked())
            return False
        return self.clock() - self._focused_at >= GUARD_S

    def _type(self, context: Context, typed: str) -> None:
        if context is Context.PALETTE:
            self._palette.type(typed)
        else:
            self._typing.type(context, typed)

    def _open_detail(self) -> None:
        found = alerts.at_hand(self._stage.scene())
        if found is None:
            self.tell(reasons.NO_ALERT, refused=False)
        else:
            self._choice.detail = found.id

    def _turn_alert(self, step: int) -> None:
        ids = [alert.id for alert in self._stage.scene().deck.alerts.standing]
        if not ids:
            return
        here = ids.index(self._choice.detail) if self._choice.detail in ids else -max(step, 0)
        self._choice.detail = ids[(here + step) % len(ids)]

    def _back(self) -> None:
        """Come out by one level: of the help, of a filter, of a list on a page, of the page."""
        choice = self._choice
        if self._stage.on_help:
            self._help()
        elif choice.filter and choice.page in FILTERED:
            choice.filter, choice.scrolled = "", 0
        elif choice.page is Page.BUILDER and choice.builder.choosing:
            choice.builder.choosing = False
        else:
            choice.detail, choice.page = "", Page.COCKPIT

    def _help(self) -> None:
        self._stage.toggle_help()
        self.focus_changed()

    def _ask(self, question: Callable[[Scene, AlertView], Asking]) -> None:
        scene = self._stage.scene()
        alert = alerts.at_hand(scene)
        if alert is None or alert.cleared_ms is not None:
            self.tell(reasons.NO_ALERT, refused=False)
        else:
            self._choice.asking = question(scene, alert)
            self.focus_changed()

    def _confirm(self) -> None:
        asking, self._choice.asking = self._choice.asking, None
        self.focus_changed()
        if asking is not None:
            if asking.does is not None:
                asking.does()
            elif asking.command is not None:
                self._courier.send(asking.command, asking.subject, asking.done)

    def _cancel(self) -> None:
        self._choice.asking = None
        self.focus_changed()
