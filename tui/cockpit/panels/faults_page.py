"""Owns the fault page of a drill: what can be broken, what is and how long still, and what to expect of the marked one.

Formats only: `drill` knows what is broken, the hands break it.
"""

from tui.cockpit import text
from tui.cockpit.drill import DURATIONS_S, Broken, Fault
from tui.cockpit.glyphs import clean
from tui.cockpit.ink import BOLD, DIM, TEXT, WATCH, Line, Paint, Role, Span, badge, between, crop
from tui.cockpit.panels.basket_card import strip_line
from tui.cockpit.panels.wrapped import wrapped
from tui.cockpit.scene import Scene

_NAME, _LEFT, _HITS = 25, 7, 6
_LABEL = 12
_BROKEN = Paint(Role.WATCH, bold=True)


def faults_page(scene: Scene, columns: int, rows: int) -> list[Line]:
    """Return the page, exactly `rows` lines."""
    drill = scene.drill
    barrier = drill.barrier(scene.health)
    if barrier:
        return [_strip(scene, (), columns), (), ((f" {barrier}", DIM),), *([()] * rows)][:rows]
    broken = drill.broken(scene.now)
    marked = scene.choice.fault % len(drill.faults)
    top = [_strip(scene, broken, columns), _durations(scene, columns), (), _head(columns)]
    foot = _foot(scene, marked, columns)
    room = rows - len(top) - len(foot)
    first = max(0, min(marked - room // 2, len(drill.faults) - room))
    shown = [
        _row(scene, fault, broken, columns, marked=first + place == marked)
        for place, fault in enumerate(drill.faults[first : first + room])
    ]
    return [*top, *shown, *([()] * (room - len(shown))), *foot][:rows]


def _strip(scene: Scene, broken: tuple[Broken, ...], columns: int) -> Line:
    label = DIM.on(Role.RAISED)
    left: list[Span] = [(" faults", BOLD.on(Role.RAISED)), ("   of the simulated exchange, on purpose", label)]
    said: Span = ("nothing is broken", label)
    if scene.drill.error:
        said = (clean(scene.drill.error), WATCH.on(Role.RAISED))
        left = left[:1]
    elif broken:
        said = (f"{len({each.kind for each in broken})} in force", _BROKEN.on(Role.RAISED))
    right: list[Span] = [said, ("   esc back ", label)]
    return strip_line(scene, left, right, columns)


def _durations(scene: Scene, columns: int) -> Line:
    spans: list[Span] = [(" for", DIM)]
    for place, seconds in enumerate(DURATIONS_S):
        said = f"{seconds} s" if seconds < 60 else f"{seconds // 60} m"
        spans += [(" ", TEXT), (f" {said} ", badge(Role.SEL) if place == scene.choice.lasts else TEXT)]
    return crop(spans, columns, scene.glyphs.ellipsis)


def _head(columns: int) -> Line:
    left = f"{' fault':<{_NAME}}what breaks"
    return between([(left, DIM)], [(f"{'left':>{_LEFT}}{'hits':>{_HITS - 1}} ", DIM)], columns)


def _row(scene: Scene, fault: Fault, broken: tuple[Broken, ...], columns: int, *, marked: bool) -> Line:
    g = scene.glyphs
    mine = [each for each in broken if each.kind == fault.kind]
    left = text.countdown(g, max(each.left_s for each in mine) * 1000 + 999) if mine else ""
    hits = str(sum(each.hits for each in mine) or "")  # not every fault meets requests
    name = _BROKEN if mine else BOLD if marked else TEXT
    shape = g.caution if mine else " "
    words = crop(
        [(f"{shape} {fault.kind}".ljust(_NAME - 1), name), (fault.does, TEXT if mine or marked else DIM)],
        columns - _LEFT - _HITS - 2,
        g.ellipsis,
    )
    tail: list[Span] = [(f"{left:>{_LEFT}}", _BROKEN), (f"{hits:>{_HITS - 1}} ", TEXT)]
    line = between([(" ", TEXT), *words], tail, columns)
    return tuple((said, badge(Role.SEL)) for said, _ in line) if marked else line


def _foot(scene: Scene, marked: int, columns: int) -> list[Line]:
    """Return the end of the page, as high for every fault as for the one that needs most."""
    all_of_them = [_expectation(scene, fault, columns) for fault in scene.drill.faults]
    shown = all_of_them[marked]
    return [(), *shown, *([()] * (max(map(len, all_of_them)) - len(shown)))]


def _expectation(scene: Scene, fault: Fault, columns: int) -> list[Line]:
    """Return what the engine does with the marked fault, and what is seen of it: one line each, two where narrow."""
    lines: list[Line] = []
    for label, said in (("the engine", fault.engine), ("you see", fault.sees)):
        parts = wrapped(said, columns - _LABEL - 2)
        lines.append(((f" {label:<{_LABEL}}", DIM), (parts[0], TEXT)))
        lines += [((" " * (_LABEL + 1), TEXT), (part, TEXT)) for part in parts[1:]]
    return [crop(line, columns, scene.glyphs.ellipsis) for line in lines]
