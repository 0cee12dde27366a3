"""Owns how an import is told: the JSON document, the table per asset with its seam, and what should worry a person.

Builds values and lines only; `importing` prints them.
"""

import math
from collections.abc import Sequence

from engine.adapters.price_import import WARN_ABOVE, Filled, Holding
from engine.domain.units import HOUR_MS, Ms, iso
from tui.commands.output import number, one_line

OLD_AGE_MS = HOUR_MS // 4


def holding_document(holding: Holding) -> dict[str, object]:
    """Return what is stored of one market; the seam is the one with the largest jump."""
    seam = holding.seam
    return {
        "asset": holding.asset,
        "symbol": holding.symbol,
        "first": None if holding.first is None else iso(holding.first),
        "last": None if holding.last is None else iso(holding.last),
        "bars": holding.bars,
        "imported": holding.imported,
        "sources": dict(holding.sources),
        "seams": len(holding.seams),
        "seam": None
        if seam is None
        else {"before": iso(seam.before), "at": iso(seam.at), "hours": seam.hours, "jump": number(seam.jump)},
    }


def filled_document(filled: Filled) -> dict[str, object]:
    """Return what an import did to one market, and what is stored of it now."""
    return {
        "source": filled.source,
        "offered": filled.offered,
        "taken": filled.taken,
        "exchange_kept": filled.offered - filled.taken,
        "common": {"bars": filled.common, "difference": number(filled.difference)},
        **holding_document(filled.holding),
    }


def holding_table(holdings: Sequence[Holding]) -> list[str]:
    """Return one line per market for a person."""
    head = (
        f"{'asset':<8}{'first bar':<18}{'last bar':<18}{'bars':>7}{'imported':>10}  "
        f"{'meets the exchange at':<22}{'jump':>8}  from"
    )
    return [head, *(_line(holding) for holding in holdings)]


def _line(holding: Holding) -> str:
    seam = holding.seam
    met = "-" if seam is None else _short(seam.at) + (f" +{len(holding.seams) - 1}" if len(holding.seams) > 1 else "")
    jump = "-" if seam is None else f"{seam.jump:+.2%}"
    sources = ", ".join(one_line(source) for source, _ in holding.sources) or "-"
    return (
        f"{holding.asset:<8}{_short(holding.first):<18}{_short(holding.last):<18}{holding.bars:>7,}"
        f"{holding.imported:>10,}  {met:<22}{jump:>8}  {sources}"
    )


def _short(at: Ms | None) -> str:
    return "-" if at is None else iso(at)[:16].replace("T", " ")


def worries(filled: Filled) -> list[str]:
    """Return what a person should know about an import: jumps, misfits, bars that were left out."""
    found = seam_worries(filled.holding)
    asset = filled.holding.asset
    if abs(filled.difference) > WARN_ABOVE:
        found.append(
            f"{asset}: over {filled.common:,} common hours {one_line(filled.source)} differs from the exchange by "
            f"{filled.difference:+.1%} (median): is it the same coin, in the same currency?"
        )
    if filled.unfinished:
        counted = "1 bar is" if filled.unfinished == 1 else f"{filled.unfinished:,} bars are"
        found.append(f"{asset}: {counted} not over yet and stayed out")
    if not filled.offered:
        found.append(f"{asset}: {one_line(filled.source)} has no bar that is over: nothing to import")
    return found


def seam_worries(holding: Holding) -> list[str]:
    """Return the warning for a price that jumps where imported bars meet the exchange's."""
    seam = holding.seam
    if seam is None or abs(seam.jump) <= WARN_ABOVE:
        return []
    where = f"where imported bars meet the exchange's ({_short(seam.at)})"
    back = f"`driftdeck import forget {holding.asset}` takes the import back"
    if seam.hours > 1:
        gap = f"over the gap of {seam.hours:,.0f} hours {where}"
        moved = f"the price is {seam.jump:+.1%} {gap}"
        return [f"{holding.asset}: {moved}: the market moved too, and no return spans it; {back}"]
    return [
        f"{holding.asset}: the price jumps {seam.jump:+.1%} {where}: what is measured over that hour holds it; {back}"
    ]


def age_worry(asset: str, age_ms: float, grace_minutes: int) -> list[str]:
    """Return the warning for closes that were sampled long before their hour ended."""
    if math.isnan(age_ms) or age_ms <= OLD_AGE_MS:
        return []
    hint = f"; --grace {max(10, grace_minutes)} takes the price just after the hour" if grace_minutes < 10 else ""
    return [
        f"{asset}: its prices were taken {age_ms / 60_000:.0f} minutes before the hour's end (median), so they lag the "
        f"exchange's: correlation with assets that have exchange bars for these hours comes out too low{hint}"
    ]
