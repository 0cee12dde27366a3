"""Owns a backtest as CONTRACT prints it: the JSON document. Undefined is null. Never runs anything."""

from collections.abc import Mapping
from dataclasses import asdict

from engine.domain.units import iso
from engine.lab.attribution import Attribution
from engine.lab.backtest import DRIFTDECK, NAMES, Backtest
from engine.lab.backtest_words import Findings
from engine.lab.crash_episodes import CrashEpisode
from engine.lab.paper_book import BookFill
from engine.lab.replay_output import JsonRecord, number
from engine.lab.strategy_figures import StrategyFigures


def backtest_document(found: Backtest, said: Findings) -> JsonRecord:
    """Return CONTRACT's JSON of a backtest: `equity` begins with the money at `from`, before anything is held."""
    path = found.path
    stamps = [iso(path.closed(row)) for row in range(path.start, path.last + 1)]
    curves = {name: [number(float(each)) for each in found.runs[name].equity] for name in NAMES}
    return {
        "from": iso(path.begin),
        "to": iso(path.end),
        "bars": path.bars,
        "strategies": {name: figures_record(found.figures[name]) for name in NAMES},
        "equity": {"timestamp": stamps, **curves},
        "fills": [_fill_record(found, fill) for fill in found.runs[DRIFTDECK].fills],
        "words": list(said.words),
        "attribution": _attribution_record(said.attribution),
        "episodes": [_episode_record(each) for each in said.episodes],
        "triggers": None if said.triggers is None else asdict(said.triggers),
        "warnings": list(found.warnings),
    }


def _attribution_record(parts: Attribution) -> JsonRecord:
    """Return the attribution: fractions; an interval is the middle 95 % of a block bootstrap."""
    plain = ("total", "exposure", "timing", "tilt", "cost_year", "cost_year_matched")
    record: JsonRecord = {name: number(getattr(parts, name)) for name in plain}
    for name in ("sharpe", "drawdown"):
        found = getattr(parts, name)
        record[f"{name}_difference"] = {key: number(getattr(found, key)) for key in ("value", "low", "high")}
    return record


def _episode_record(episode: CrashEpisode) -> JsonRecord:
    figures = {name: number(getattr(episode, name)) for name in ("fall", "cut", "fall_done", "saved")}
    return {"top": iso(episode.top), "bottom": iso(episode.bottom), **figures}


def _fill_record(found: Backtest, fill: BookFill) -> JsonRecord:
    """Return one rebalance of the strategy: `weights` are of the equity before its cost, by basket and asset."""
    path, run = found.path, found.runs[DRIFTDECK]
    place = fill.row - path.start
    before = float(run.equity[place]) + fill.cost
    held = run.quantities[place]
    weights = {
        book.basket.name: {
            asset: number(float(quantity * path.marks[fill.row, column] / before)) if quantity else 0.0
            for asset, quantity, column in zip(book.basket.assets, held[book.places], book.columns, strict=True)
        }
        for book in path.books
    }
    return {
        "decided_at": iso(path.closed(fill.row - 1)),
        "filled_at": iso(path.closed(fill.row)),
        "weights": weights,
        "traded": number(fill.traded),
        "cost": number(fill.cost),
        "equity": number(float(run.equity[place])),
    }


def figures_record(figures: StrategyFigures) -> Mapping[str, object]:
    """Return one strategy's figures in CONTRACT's words."""
    return {
        "return": number(figures.total_return),
        "max_drawdown": number(figures.max_drawdown),
        "vol_ann": number(figures.vol_ann),
        "sharpe": number(figures.sharpe),
        "turnover": number(figures.turnover),
        "cost": number(figures.cost),
        "rebalances": figures.rebalances,
        "avg_gross": number(figures.avg_gross),
        "liquidations": {"isolated": figures.liquidations.isolated, "cross": figures.liquidations.cross},
    }
