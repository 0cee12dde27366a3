"""Owns the overlay that stands over a frozen screen: what is known about the engine, and what can be done.

Claims only what a client can know: when it last heard, whether the process and the socket are there.
"""

import math
import os
from pathlib import Path

from tui.cockpit import text
from tui.cockpit.ink import BOLD, DIM, TEXT, Line, Paint, Role, Span, pad
from tui.cockpit.key_names import Action, Context
from tui.cockpit.keys import label, rows
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.scene import Scene

COLUMNS, ROWS = 66, 13
_KEY = Paint(Role.ACCENT, bold=True)


def process_runs(pid: int) -> bool:
    """Return whether a process of this id runs on this machine."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def gone(scene: Scene, columns: int, socket: Path) -> list[Line]:
    """Return the overlay's lines: its strip and body, and around them one cell of background."""
    inner = columns - 2
    engine, g = scene.deck.engine, scene.glyphs
    again = engine.retry_at - scene.now
    retry = f"retry {engine.attempt} in {max(0.0, again):.0f} s " if not math.isnan(again) else "waiting for it "
    strip = strip_line(
        scene,
        [(g.edge, Paint(bg=Role.RAISED)), (f"  {g.gone} ENGINE GONE", BOLD.on(Role.RAISED))],
        [(retry, DIM.on(Role.RAISED))],
        inner,
    )
    at = text.clock(scene.deck.market_ms) if scene.deck.market_ms is not None else "an unknown time"
    runs = process_runs(engine.pid)
    process = f"pid {engine.pid} {'is running but does not answer' if runs else 'not running'}"
    there = "there, but nobody answers" if socket.exists() and not runs else "there" if socket.exists() else "not there"
    body: list[Line] = [
        (),
        ((f"The engine on this machine stopped answering at {at}.", TEXT),),
        (("Nothing can be decided from this screen.", BOLD),),
        (),
        (("engine".ljust(12), DIM), (process, TEXT)),
        (("socket".ljust(12), DIM), (there, TEXT)),
        (("said".ljust(12), DIM), (engine.why[: inner - 16], TEXT)),
        (),
        _keys(scene),
        (),
    ]
    lines = [strip, *(pad(((g.edge, TEXT), ("  ", TEXT), *line), inner) for line in body)]
    side = (" ", Paint(bg=Role.BG))
    blank = pad((), columns, side[1])
    return [blank, *((side, *line, side) for line in lines), blank]


def _keys(scene: Scene) -> Line:
    spans: list[Span] = []
    for row in rows(Context.GONE):
        if row.action not in (Action.START_ENGINE, Action.RETRY, Action.QUIT):
            continue
        if row.action is Action.START_ENGINE and not scene.can_start_engine:
            continue
        spans += [("    " if spans else "", TEXT), (label(row, scene.glyphs), _KEY), (f" {row.short}", DIM)]
    return tuple(spans)
