"""Owns why a ranked basket is where it is: its pairs, what stress does, cost, the leg against it, and its TOML."""

from tui.cockpit import text
from tui.cockpit.glyphs import Glyphs, clean
from tui.cockpit.ink import ACCENT, BOLD, DIM, TEXT, Line, Span, crop
from tui.cockpit.key_names import Action
from tui.cockpit.keys import key_of
from tui.cockpit.lab_views import BuildView, Hedge, Ranked, known
from tui.cockpit.panels.lab_parts import Column, cash, table
from tui.cockpit.panels.wrapped import wrapped


def reasons(g: Glyphs, found: BuildView, picked: Ranked, place: int, room: int) -> list[Line]:
    """Return the sentences, the preview of the config's table, and the pairs."""
    said = _sentences(g, found, picked)
    lines: list[Line] = [((f"why {place + 1}", BOLD),)]
    lines += [
        ((f"{g.info if not at else ' '} {line}", TEXT),)
        for each in said
        for at, line in enumerate(wrapped(each, room - 2))
    ]
    lines += [(), (("as it would stand in the config", BOLD), (f"   {key_of(Action.WRITE)} writes it", DIM))]
    for line in picked.toml.rstrip().splitlines():
        said_of_it = f"notional = {g.mask}" if g.mask and line.startswith("notional") else clean(line)
        lines += [((piece, ACCENT),) for piece in wrapped(said_of_it, room)]
    return [*lines, (), *_pairs(g, picked, room)]


def _sentences(g: Glyphs, found: BuildView, picked: Ranked) -> list[str]:
    inside, year = sum(pair.in_band for pair in picked.pairs), text.share(g, known(picked.share_year))
    calm, stress = (text.rho(g, known(value)) for value in (picked.mean_calm, picked.mean_stress))
    now, then = (text.factor(g, known(value)) for value in (picked.hidden_leverage, picked.hidden_leverage_stress))
    cost = f"{cash(g, known(picked.cost))} ({known(picked.cost_bps):.1f} bps) without the spread"
    said = [
        f"{inside} of {len(picked.pairs)} pairs within .60{g.dash}.90 in calm, over the year in {year} of weekly looks",
        f"in stress correlation goes {calm} {g.arrow} {stress}, hidden leverage {now} {g.arrow} {then}",
        f"opening {cash(g, found.notional)} costs {cost}; {_liquidity(g, picked)}",
    ]
    if picked.hedge is not None:
        said.append(_against(g, found, picked.hedge))
    if picked.overlap:
        said.append(f"shares the most with your basket {clean(picked.overlap)}")
    return said


def _liquidity(g: Glyphs, picked: Ranked) -> str:
    if picked.thinnest is None:
        return "volumes are not known"
    volume = text.money(g, known(picked.median_daily_volume))
    share = known(picked.share_of_volume) * 100
    part = f"{share:.2f}%" if share >= 0.005 else "below .01%"
    return f"{clean(picked.thinnest)} trades least, {volume} on a median day, and the largest leg is {part} of a day"


def _against(g: Glyphs, found: BuildView, hedge: Hedge) -> str:
    side = "long" if found.shape == "short" else "short"
    steady, beta = text.rho(g, known(hedge.correlation)), text.rho(g, known(hedge.beta))
    return (
        f"against it {side} {clean(hedge.asset)}: correlation {steady} at the least, beta {beta} leaves "
        f"{text.delta(g, known(hedge.residual_beta))}; a worst day costs {cash(g, known(hedge.es95_1d))}, "
        f"with the hedge broken {cash(g, known(hedge.hedge_break))}"
    )


def _pairs(g: Glyphs, picked: Ranked, room: int) -> list[Line]:
    days = list(picked.pairs[0].rho) if picked.pairs else []
    columns = [
        *(Column(f"{day} d", 7, 1) for day in days),
        Column("calm", 8),
        Column("stress", 8),
        Column("year", 9, 2),
        Column("in band", 9),
    ]
    rows: list[tuple[Span, list[Span]]] = []
    for pair in picked.pairs:
        first, second = (clean(name)[:7] for name in pair.pair)
        values: list[Span] = [(text.rho(g, known(pair.rho[day])), TEXT) for day in days]
        values += [(text.rho(g, known(pair.calm)), BOLD), (text.rho(g, known(pair.stress)), TEXT)]
        values += [(text.share(g, known(pair.share_year)), TEXT), (g.done if pair.in_band else g.dash, TEXT)]
        rows.append(((f"{first}{g.dot}{second}", TEXT), values))
    return [crop(line, room) for line in table("pairs", columns, rows, room, first=16)] if rows else []
