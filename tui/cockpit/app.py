"""Owns the running cockpit: deck, bridge, choice of view, paint timer, actions. The commands start it here.

Never formats and never reads the socket itself. Leaves the terminal as it found it, however it ends (`terminal`).
"""

import asyncio
import gc
import math
import os
from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.color import ColorSystem as RichColorSystem
from textual.app import App
from textual.binding import BindingType
from textual.events import Key, Paste
from textual.screen import Screen
from textual.strip import Strip

from engine.domain.units import Ms
from tui.cockpit import theme
from tui.cockpit.ages import AgeBook, FeedClock
from tui.cockpit.bridge import Bridge, end
from tui.cockpit.calls import Calls
from tui.cockpit.choice import Choice, Page
from tui.cockpit.deck import Contact, Deck
from tui.cockpit.drill import Drill
from tui.cockpit.driver import QuietDriver
from tui.cockpit.hands import Hands
from tui.cockpit.lab_jobs import LabJobs
from tui.cockpit.labs import Labs
from tui.cockpit.layout import Panel
from tui.cockpit.looks import Looks
from tui.cockpit.memory import Memory
from tui.cockpit.options import CockpitOptions
from tui.cockpit.scene import Scene
from tui.cockpit.screens.cockpit import CockpitScreen
from tui.cockpit.terminal import Terminal
from tui.cockpit.theme import ColorSystem

if TYPE_CHECKING:
    from tui.cockpit.screens.help import HelpScreen

PAINT_EVERY_S = 0.04  # the engine announces at 10 Hz at most; less, so that a paint that came late delays no other
PAINT_BLURRED_EVERY_S = 1.0  # a pane that has not the focus is still looked at, but not for its ticks
STALLED_LOOK_S = 0.25
GATHER_S = 0.002
LOOK_EVERY_S = 0.5
TICK_EVERY_S = 0.95  # clocks and countdowns move with the engine's pulse, but not faster than this


def run_cockpit(options: CockpitOptions) -> str | None:
    """Run the cockpit until it is left. Return a sentence to print then, if there is one."""
    app = CockpitApp(options, system=theme.system_of(os.environ))
    return app.run(mouse=False)


def _collect_from_now_on() -> None:
    """Leave what the start made out of every later collection; a command may have turned collecting off for it."""
    gc.freeze()
    gc.enable()


class CockpitApp(App[str | None], inherit_bindings=False):
    """The cockpit as a Textual app."""

    BINDINGS: ClassVar[list[BindingType]] = []  # keys come through `on_key` to the key table
    ENABLE_COMMAND_PALETTE = False
    CSS = ""

    def __init__(self, options: CockpitOptions, *, system: ColorSystem) -> None:
        super().__init__(ansi_color=True, driver_class=QuietDriver)
        # Every color is already the right one for this terminal (LOOK 6): nothing may be converted on the way out.
        self.console._color_system = RichColorSystem.TRUECOLOR
        self._options = options
        self.deck = Deck()
        self.memory = Memory(options.memory)
        kept = self.memory.kept
        self.choice = Choice(preset=kept.preset, focus=kept.focus, zoomed=kept.zoomed)
        self.read_only = options.read_only
        self.state = options.state
        self.tour_seen = options.tour_seen
        self.looks = Looks(options, system, os.environ, kept=kept.theme, changed=self._look_different, tell=self._tell)
        self._ages = AgeBook()
        self._cockpit = CockpitScreen(self.looks.theme, scene=self.scene, socket=options.socket)
        calls = Calls(options, os.environ, ring=self.bell, write=self.say, away=lambda: self._blurred)
        self.bridge = Bridge(
            socket=options.socket,
            deck=self.deck,
            wants=self._cockpit.wants,
            changed=self.request_paint,
            read_only=options.read_only,
            heard=calls.hear,
        )
        self.labs = Labs(
            LabJobs(self.request_paint, program=options.program), state=options.state, themes=options.basket_themes
        )
        self.drill = Drill(options.faults, self.request_paint)
        self.hands = Hands(self)
        self._terminal = Terminal(self.exit)
        self._painted_at = -math.inf
        self._blurred = False
        self._paint_due: asyncio.TimerHandle | None = None
        self._tick: tuple[float, Ms | None] = (-math.inf, None)
        self._feed_clock = FeedClock()
        self._backstage_text = ""
        self._told_ready = False
        self._work: list[asyncio.Task[None]] = []
        self._help: HelpScreen | None = None

    def get_default_screen(self) -> Screen[None]:
        """Return the cockpit as the only screen there is at start."""
        return self._cockpit

    async def on_mount(self) -> None:
        """Start listening, looking and painting."""
        if not self.is_headless:
            self._terminal.guard()
        self._work.append(asyncio.create_task(self.bridge.run(), name="cockpit-bridge"))
        self.set_interval(LOOK_EVERY_S, self._look)
        if self.looks.missed:
            self._tell(self.looks.missed, True)
        if not self.is_headless:  # many cockpits of one process would each keep what the one before it left
            self.call_after_refresh(_collect_from_now_on)

    async def on_unmount(self) -> None:
        """Stop the work of this app."""
        if self._paint_due is not None:
            self._paint_due.cancel()
        await end([*self._work, *self.hands.work, *self.labs.jobs.work, *self.drill.work])

    def scene(self) -> Scene:
        """Return the moment as the panels see it."""
        now = monotonic()
        self._sample(now)
        backstage = self._options.backstage
        return Scene(
            deck=self.deck,
            choice=self.choice,
            glyphs=self.looks.glyphs,
            theme=self.looks.theme,
            now=now,
            tick_ms=self._tick[1],
            feed_ms=self._feed_clock.shown,
            backstage=self._backstage_text,
            read_only=self._options.read_only,
            can_start_engine=backstage is not None and backstage.can_start_engine,
            ages=self._ages,
            labs=self.labs,
            drill=self.drill,
        )

    def shown(self) -> list[Strip]:
        """Return the rows of the screen as they stand, for pictures and tests."""
        return self.screen._compositor.render_strips()

    def once_shown(self, take: Callable[[list[Strip]], None]) -> None:
        """Call `take` with the rows of the screen as soon as they show what stands now."""
        self._cockpit.paint()
        self._cockpit.call_after_refresh(lambda: take(self.shown()))

    def request_paint(self) -> None:
        """Paint soon, once for all that comes in a moment (a pulse, what is fetched then): the engine sets the pace."""
        if self._paint_due is None and self.is_running:
            every = PAINT_BLURRED_EVERY_S if self._blurred else PAINT_EVERY_S
            wait = max(GATHER_S, self._painted_at + every - monotonic())
            self._paint_due = asyncio.get_running_loop().call_later(wait, self._paint)

    def _paint(self) -> None:
        self._paint_due = None
        if isinstance(self._driver, QuietDriver) and self._driver.stalled:  # what is shown later is what is then
            self._paint_due = asyncio.get_running_loop().call_later(STALLED_LOOK_S, self._paint)
            return
        self._painted_at = monotonic()
        screen = self.screen
        if self.deck.frozen:
            self.choice.asking = self.choice.note = self.choice.palette = (
                None  # nothing can be decided from a frozen screen
            )
            self.hands.focus_changed()  # nor in the moment in which it thaws
        self.hands.trade.catch_up()
        if isinstance(screen, CockpitScreen):
            screen.paint()
            if not self._told_ready and self._has_data():
                self._told_ready = True
                if self._options.backstage is not None:
                    self.call_after_refresh(self._options.backstage.ready)

    def _has_data(self) -> bool:
        rows, _ = self.deck.quotes()
        priced = any(not math.isnan(row.last) for row in rows.values())
        return self.deck.engine.state is Contact.UP and priced and bool(self._cockpit.wants())

    def _sample(self, now: float) -> None:
        """Move the clocks that are shown, at their own slow pace."""
        market = self.deck.market_ms
        if now - self._tick[0] >= TICK_EVERY_S or self._tick[1] is None:
            self._tick = (now, market)
        self._feed_clock.move(now, market, self.deck.feed_revision)

    def say(self, sequence: str) -> None:
        """Say something to the terminal beside the picture."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def _look_different(self) -> None:
        self._cockpit.set_theme(self.looks.theme)

    def _tell(self, said: str, refused: bool) -> None:
        self.hands.tell(said, refused=refused)
        self.request_paint()

    def _look(self) -> None:
        """Look twice a second at what does not announce itself: backstage, the terminal, time passing."""
        backstage = self._options.backstage
        if self._terminal.is_gone():
            self.exit()
            return
        self.looks.look_again()
        waiting = self.deck.engine.state is not Contact.UP
        if backstage is not None and waiting:
            failure = backstage.failure()
            if failure is not None and not self._told_ready:  # it may have answered and ended before it had a price
                self.exit(failure)
                return
            self._backstage_text = backstage.status() or "waiting for the engine"
            if self.deck.engine.state is Contact.CONNECTING and self._options.socket.exists():
                self.bridge.came_up()
        notice = self.choice.notice
        if notice is not None and notice.until <= monotonic():
            self.choice.notice = None
            self.request_paint()
        broken = bool(self.drill.broken(monotonic()))
        if broken or self.choice.page is Page.FAULTS:
            self.drill.look(self.deck.health)
        if waiting or broken or self.labs.jobs.running:  # seconds are counted
            self.request_paint()

    def on_key(self, event: Key) -> None:
        """Do what the key table says, and answer at once."""
        event.stop()
        self.hands.press(event.key, event.character)
        self.bridge.look_again()
        if self._paint_due is not None:
            self._paint_due.cancel()
        self._paint()

    def on_paste(self, event: Paste) -> None:
        """Take a paste for what it is: text, never keys."""
        self.hands.paste(event.text)
        self.request_paint()

    def on_app_focus(self) -> None:
        """Hear that the terminal got the focus: paint at once, and at the full rate again."""
        self._blurred = False
        self.hands.focus_changed()
        self._painted_at = -math.inf
        self.request_paint()

    def on_app_blur(self) -> None:
        """Hear that the terminal lost the focus."""
        self._blurred = True

    @property
    def panels(self) -> tuple[Panel, ...]:
        """Return which panels can be in focus now."""
        return self._cockpit.panels

    @property
    def on_help(self) -> bool:
        """Return whether the help page is in front."""
        return self.screen is not self._cockpit

    def toggle_help(self) -> None:
        """Open or leave the help page."""
        if self.on_help:
            self.pop_screen()
        else:
            from tui.cockpit.screens.help import HelpScreen

            self._help = HelpScreen(self.looks.theme, scene=self.scene)
            self.push_screen(self._help)

    def turn_page(self) -> None:
        """Turn the page of the help."""
        if self._help is not None and self.on_help:
            self._help.turn()

    def start_engine(self) -> None:
        """Start the engine again, where this cockpit can."""
        backstage = self._options.backstage
        if backstage is not None and backstage.can_start_engine and self.deck.frozen:
            self._work.append(asyncio.create_task(asyncio.to_thread(backstage.start_engine), name="start-engine"))

    def leave(self) -> None:
        """End the cockpit with the sentence that goes with it."""
        self.exit(self._options.backstage.leave_note() if self._options.backstage else None)
