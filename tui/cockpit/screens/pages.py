"""Owns the pages: what fills the middle of the screen, one row each: its lines, what it fetches, what it depends on.

A page plugs in here, in `choice.Page` and in `scene.PAGE_CONTEXTS`; the screen places and paints it like any other
panel. A page's panels are imported when it is first shown, so that the first frame does not wait for them. Never
formats (panels do) and never fetches (the bridge does).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from engine.domain.units import MINUTE_MS
from engine.domain.views import Section
from tui.cockpit import alerts
from tui.cockpit.choice import Page
from tui.cockpit.deck import BLOTTER, ENGINE, Want
from tui.cockpit.ink import Line
from tui.cockpit.labs import WRITING
from tui.cockpit.scene import Scene

Reads = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRow:
    """One page. `reads` is what its content depends on beside what every page depends on; `past` how far it scrolls."""

    lines: Callable[[Scene, int, int], list[Line]]
    reads: Callable[[Scene], Reads]
    wants: Callable[[Scene], list[Want]] = lambda _: []
    past: Callable[[Scene, int, int], int] | None = None

    def paint(self, scene: Scene, width: int, height: int) -> list[Line]:
        """Return the page's lines; one that scrolls is never scrolled further than it goes."""
        if self.past is not None:  # so that the way back is as long as the way was
            choice = scene.choice
            choice.scroll_end = self.past(scene, width, height)
            choice.scrolled = min(choice.scrolled, choice.scroll_end)
        return self.lines(scene, width, height)


def _detail_wants(scene: Scene) -> list[Want]:
    alert = alerts.shown(scene)
    return [Want(Section.SERIES, alert.basket)] if alert is not None and alert.basket else []


def _detail_reads(scene: Scene) -> Reads:
    age = scene.tick_ms // MINUTE_MS if scene.tick_ms is not None else None
    return (scene.deck.revisions[Section.SERIES], scene.choice.detail, len(scene.deck.refused), age)


def _health_reads(scene: Scene) -> Reads:
    at, choice = scene.deck.revisions, scene.choice
    shown = (choice.scrolled, choice.filter, choice.typing, choice.log_level)
    return (at[Section.ENGINE], at[Section.HEALTH], *shown)


def _journal_reads(scene: Scene) -> Reads:
    choice = scene.choice
    return (scene.deck.feed_revision, choice.filter, choice.typing, choice.scrolled)


def _lab_reads(scene: Scene, page: str) -> Reads:
    """Return what a lab page depends on: what was found, and a clock of seconds while something is made."""
    job = scene.labs.job(page)
    return (scene.labs.revision, job.what, job.error, int(scene.now) if job.running else 0, scene.choice.scrolled)


def _stress_reads(scene: Scene) -> Reads:
    chosen = scene.choice.stress
    return (*_lab_reads(scene, Page.STRESS), *chosen.at, chosen.slider, chosen.what, chosen.book)


def _builder_reads(scene: Scene) -> Reads:
    at = scene.choice.builder
    writing = scene.labs.job(WRITING)
    chosen = (at.choosing, at.source, at.typed, at.prices, at.row, at.shape, at.money, at.pick)
    return (*_lab_reads(scene, Page.BUILDER), *chosen, writing.what, writing.error, writing.done)


def _faults_reads(scene: Scene) -> Reads:
    chosen, drill = scene.choice, scene.drill
    clock = int(scene.now) if drill.broken(scene.now) else 0
    return (drill.revision, chosen.fault, chosen.lasts, clock, drill.barrier(scene.health))


def _backtest_reads(scene: Scene) -> Reads:
    chosen = scene.choice.backtest
    return (*_lab_reads(scene, Page.BACKTEST), chosen.prices, chosen.drawdown)


def _blotter() -> PageRow:
    from tui.cockpit.panels import blotter

    return PageRow(
        lines=blotter.blotter,
        reads=lambda scene: (scene.deck.revisions[Section.BLOTTER], scene.choice.scrolled),
        wants=lambda _: [BLOTTER],
        past=blotter.past,
    )


def _journal() -> PageRow:
    from tui.cockpit.panels import journal

    return PageRow(
        lines=journal.journal, reads=_journal_reads, past=lambda scene, _, height: journal.past(scene, height)
    )


def _stress() -> PageRow:
    from tui.cockpit.panels import stress_page

    return PageRow(lines=stress_page.stress_page, reads=_stress_reads, past=stress_page.past)


def _builder() -> PageRow:
    from tui.cockpit.panels import builder_page

    return PageRow(lines=builder_page.builder_page, reads=_builder_reads, past=builder_page.past)


def _backtest() -> PageRow:
    from tui.cockpit.panels import backtest_page

    return PageRow(lines=backtest_page.backtest_page, reads=_backtest_reads, past=backtest_page.past)


def _health() -> PageRow:
    from tui.cockpit.panels import health_page

    return PageRow(lines=health_page.health_page, reads=_health_reads, wants=lambda _: [ENGINE], past=health_page.past)


def _faults() -> PageRow:
    from tui.cockpit.panels import faults_page

    return PageRow(lines=faults_page.faults_page, reads=_faults_reads)


def _map() -> PageRow:
    from tui.cockpit.panels import map_page

    return PageRow(lines=map_page.map_page, reads=map_page.reads, wants=map_page.wants)


def _detail() -> PageRow:
    from tui.cockpit.panels import detail

    return PageRow(lines=detail.detail, reads=_detail_reads, wants=_detail_wants)


DETAIL = "detail"  # the one page that is no choice of its own: an alert is open
_MADE_BY: Mapping[str, Callable[[], PageRow]] = {
    Page.BLOTTER: _blotter,
    Page.JOURNAL: _journal,
    Page.STRESS: _stress,
    Page.BUILDER: _builder,
    Page.BACKTEST: _backtest,
    Page.HEALTH: _health,
    Page.FAULTS: _faults,
    Page.MAP: _map,
    DETAIL: _detail,
}
NAMES = tuple(_MADE_BY)


@cache
def page(name: str) -> PageRow:
    """Return the page of this name."""
    return _MADE_BY[name]()


def shown(scene: Scene) -> str:
    """Return the name of the page that fills the middle, empty for the cockpit itself."""
    return scene.choice.page or (DETAIL if scene.choice.detail else "")
