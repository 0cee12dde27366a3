"""Owns the health page: links and clocks, the queue and the disk, and the engine's log by level, newest first."""

import math

from engine.domain.engine_room import EngineRoomView, LogLine
from engine.domain.market import LinkState, VenueLine
from engine.domain.units import Ms
from engine.domain.views import HealthView
from tui.cockpit import text
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, TEXT, WATCH, Line, Paint, Role, Span, badge, width
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.status import link_shapes
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

WARNING, ERROR = 30, 40
LOSS = Paint(Role.LOSS)
LEVELS = (0, WARNING, ERROR)
_NAMES = {0: "all", WARNING: "warnings", ERROR: "errors"}
_LABEL = 12
_PAPER = "paper"


def health_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page, exactly `rows` lines."""
    lines = [
        strip_line(scene, [(" health", BOLD.on(Role.RAISED))], [(" esc back ", DIM.on(Role.RAISED))], columns),
        *_head(scene, columns),
        (),
    ]
    room = rows - len(lines) - 1
    found = _found(scene)
    lines.append(_log_strip(scene, len(found), columns))
    log = _log(found, columns)
    first = min(scene.choice.scrolled, max(0, len(log) - room))
    return [*lines, *log[first : first + room], *([()] * rows)][:rows]


def past(scene: Scene, columns: int, rows: int) -> int:
    """Return how far the log can be scrolled."""
    return max(0, len(_log(_found(scene), columns)) - (rows - len(_head(scene, columns)) - 3))


def _head(scene: Scene, columns: int) -> list[Line]:
    return [part for line in _rows(scene) for part in _folded(line, columns)]


def _log(found: list[LogLine], columns: int) -> list[Line]:
    return [part for line in found for part in _folded(_log_line(line), columns)]


def _folded(line: Line, columns: int) -> list[Line]:
    """Return a row over as many lines as it needs: its last part goes on below where that part began."""
    *before, (said, ink) = line
    room = columns - width(before) - 1
    if len(said) <= room:
        return [line]
    first, *rest = wrapped(said, max(1, room))
    indent: Span = (" " * width(before), DIM)
    return [(*before, (first, ink)), *((indent, (part, ink)) for part in rest)]


def _rows(scene: Scene) -> list[Line]:
    health, room = scene.health, scene.deck.room
    if health is None:
        return [((" nothing heard of the engine yet", DIM),)]
    return [*_venues(scene, health), *_engine(scene, health, room or EngineRoomView())]


def _venues(scene: Scene, health: HealthView) -> list[Line]:
    g = scene.glyphs
    own = VenueLine(
        name=health.venue,
        link=health.link,
        why=health.link_why,
        latency_ms=health.latency_ms,
        streaming=health.streaming,
        stream_why=health.stream_why,
        listed=True,
    )
    lines: list[Line] = []
    for line in health.venues or (own,):
        state = None if scene.frozen else line.link
        ink = Paint(Role.GAIN) if line.link is LinkState.UP else WATCH
        delay = "" if math.isnan(line.latency_ms) else f"  {line.latency_ms:.0f} ms"
        how = "streamed" if line.streaming else f"polled{': ' + clean(line.stream_why) if line.stream_why else ''}"
        why = f"  {clean(line.why)}" if line.why else ""
        lines.append(
            _row(clean(line.name), [(link_shapes(g, state), ink), (f"  {line.link}{delay}  prices {how}{why}", TEXT)])
        )
    if health.market != "real":
        clock = "market time is the made-up market's; this host's is not compared"
    elif math.isnan(health.clock_skew_ms):
        clock = "market time is the venue's; this host was not compared with it yet"
    else:
        clock = f"this host is behind the venue by {text.delta(g, health.clock_skew_ms / 1000)} s, corrected"
    lines.append(_row("clock", [(clock, TEXT)]))
    if health.paused_host:
        status = f" (HTTP {health.paused_status})" if health.paused_status else ""
        left = text.minutes(g, health.paused_s)
        lines.append(
            _row("pause", [(f"{clean(health.paused_host)} asked to be left alone{status}: {left} left", WATCH)])
        )
    if health.mode != _PAPER:
        how = "asked for every two seconds while any is under way"
        if health.account_streaming:
            how = "the venue's stream tells when to ask; asked for every two seconds, too"
        elif health.account_stream_why:
            how = f"asked for every two seconds: {clean(health.account_stream_why)}"
        lines.append(_row("orders", [(how, TEXT)]))
    if health.broker_why:
        lines.append(_row("account", [(clean(health.broker_why), WATCH)]))
    return lines


def _engine(scene: Scene, health: HealthView, room: EngineRoomView) -> list[Line]:
    busy = WATCH if health.inputs_waiting > 100 else TEXT
    sizes = "  ".join(f"{clean(name)} {size / 2**20:.1f} MB" for name, size in room.files)
    said = (
        f"version {clean(health.version)}  pid {health.pid}  up {text.spoken(health.uptime_s)}  {room.clients} attached"
    )
    lines = [
        _row("engine", [(said, TEXT)]),
        _row("queue", [(f"{health.inputs_waiting} inputs wait", busy), (f"  newest fact {health.seq:,}", TEXT)]),
        _row("memory", [("" if math.isnan(room.peak_memory_mb) else f"{room.peak_memory_mb:.0f} MB at most", TEXT)]),
        _row("files", [(sizes, TEXT)]),
    ]
    if health.journal_trouble:
        lines.append(_row("journal", [(clean(health.journal_trouble), LOSS)]))
    return lines


def _row(label: str, said: list[Span]) -> Line:
    return ((f" {label:<{_LABEL}}", DIM), *said)


def _found(scene: Scene) -> list[LogLine]:
    room = scene.deck.room
    if room is None:
        return []
    least = LEVELS[scene.choice.log_level % len(LEVELS)]
    wanted = scene.choice.filter.strip().casefold()
    newest_first = reversed(room.lines)
    return [line for line in newest_first if line.level >= least and wanted in f"{line.source} {line.said}".casefold()]


def _log_strip(scene: Scene, count: int, columns: int) -> Line:
    choice, label = scene.choice, DIM.on(Role.RAISED)
    left: list[Span] = [
        (" log", BOLD.on(Role.RAISED)),
        (f"  {_NAMES[LEVELS[choice.log_level % len(LEVELS)]]}", TEXT.on(Role.RAISED)),
    ]
    if choice.filter or choice.typing:
        left += [("  ", label), (f" /{clean(choice.filter)}{'_' if choice.typing else ''} ", badge(Role.SEL))]
    return strip_line(
        scene, left, [(f"newest first   {count} lines   {key_of(Action.LOG_LEVEL)} level ", label)], columns
    )


def _log_line(line: LogLine) -> Line:
    ink = LOSS if line.level >= ERROR else WATCH if line.level >= WARNING else TEXT
    moment = f" {text.clock(Ms(line.at_ms))}  "
    return ((moment, DIM), (f"{clean(line.source)[:22]:<23}", DIM), (clean(line.said), ink))
