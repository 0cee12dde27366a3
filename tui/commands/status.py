"""Owns `driftdeck status` and `driftdeck baskets`: what the cockpit shows, as CONTRACT's JSON or as plain tables."""

import math
from pathlib import Path

from engine.domain.units import HOUR_MS, MINUTE_MS, iso
from engine.domain.views import AssetView, BasketView, BooksView, HealthView, QuoteRow, QuotesView, Section
from tui.commands.asking import ask_engine, engine_socket
from tui.commands.output import number, print_json


def status(state: Path | None, *, as_json: bool) -> None:
    """Print the engine's status. Raises NoEngineError."""
    health, quotes, books = ask_engine(engine_socket(state), Section.HEALTH, Section.QUOTES, Section.BOOKS)
    if not isinstance(health, HealthView) or not isinstance(quotes, QuotesView) or not isinstance(books, BooksView):
        raise TypeError("the wire returns each section's own view")
    if as_json:
        print_json(status_document(health, quotes, books))
        return
    print(*health_lines(health), sep="\n")
    print(*basket_lines(books), sep="\n")


def baskets(state: Path | None, *, as_json: bool) -> None:
    """Print the baskets. Raises NoEngineError."""
    quotes, books = ask_engine(engine_socket(state), Section.QUOTES, Section.BOOKS)
    if not isinstance(quotes, QuotesView) or not isinstance(books, BooksView):
        raise TypeError("the wire returns each section's own view")
    if as_json:
        print_json([_basket(basket, quotes) for basket in books.baskets])
        return
    print(*basket_lines(books), sep="\n")


def status_document(health: HealthView, quotes: QuotesView, books: BooksView) -> dict[str, object]:
    """Return CONTRACT's `status --json`."""
    portfolio = books.portfolio
    return {
        "engine": {
            "version": health.version,
            "pid": health.pid,
            "mode": health.mode,
            "market": health.market,
            "market_label": health.market_label,
            "market_time": iso(health.market_ms),
            "uptime_s": round(health.uptime_s, 1),
            "seq": health.seq,
            "ready": health.ready,
            "history_loaded": health.loaded,
            "history_wanted": health.wanted,
        },
        "venue": {
            "id": health.venue,
            "link": health.link,
            "why": health.link_why,
            "latency_ms": number(health.latency_ms),
            "last_event_age_s": number(health.last_event_age_s),
        },
        "cycle": {
            "every": period(health.check_every_ms),
            "last_check": None if health.last_check_ms is None else iso(health.last_check_ms),
            "next_check": iso(health.next_check_ms),
            "fast": health.fast,
            "why": health.cycle_why,
        },
        "regime": {"state": health.regime or None, "probability": number(health.regime_probability)},
        "account": {"equity": number(health.equity), "pnl_day": number(health.pnl_day)},
        "portfolio": {
            "gross": number(portfolio.gross),
            "net": number(portfolio.net),
            "vol_ann": number(portfolio.vol_ann),
            "hidden_leverage": number(portfolio.hidden_leverage),
            "effective_bets": number(portfolio.effective_bets),
        },
        "as_of": None if books.as_of_ms is None else iso(books.as_of_ms),
        "baskets": [_basket(basket, quotes) for basket in books.baskets],
    }


def _basket(basket: BasketView, quotes: QuotesView) -> object:
    rows = {row.asset: row for row in quotes.rows}
    moved = basket.drift_max
    return {
        "name": basket.name,
        "state": basket.state,
        "planned": basket.planned,
        "gross": number(basket.gross),
        "net": number(basket.net),
        "vol_ann": number(basket.vol_ann),
        "hidden_leverage": number(basket.hidden_leverage),
        "effective_bets": number(basket.effective_bets),
        "mean_rho": {days: number(rho) for days, rho in basket.mean_rho.items()},
        "mean_rho_base": number(basket.mean_rho_base),
        "mean_rho_now": number(basket.mean_rho_now),
        "mean_rho_calm": number(basket.mean_rho_calm),
        "mean_rho_stress": number(basket.mean_rho_stress),
        "shift": number(basket.shift),
        "drift_max": None if moved is None else {"pair": [moved.first, moved.second], "delta": number(moved.delta)},
        "watching": [list(pair) for pair in basket.watching],
        "assets": [_asset(leg, rows[leg.asset]) for leg in basket.assets],
    }


def _asset(leg: AssetView, row: QuoteRow) -> object:
    return {
        "asset": leg.asset,
        "symbol": leg.symbol,
        "side": leg.side,
        "last": number(row.last),
        "change_24h": number(row.change_24h),
        "age_s": number(row.age_s),
        "stale": row.stale,
        "weight": number(leg.weight),
        "target_weight": number(leg.target_weight),
        "pnl": number(leg.pnl),
        "liquidation_distance": number(leg.liquidation_distance),
        "funding_next": number(leg.funding_next),
        "history_days": number(leg.history_days),
        "used": leg.used,
    }


def period(ms: int) -> str:
    """Return a period as the config writes it: 4h, 15m."""
    return f"{ms // HOUR_MS}h" if ms % HOUR_MS == 0 else f"{ms // MINUTE_MS}m"


def health_lines(health: HealthView) -> list[str]:
    """Return the engine's health for a person."""
    history = "ready" if health.ready else f"loading history {health.loaded}/{health.wanted} bars"
    market = health.market if not health.market_label else f"{health.market} ({health.market_label})"
    return [
        f"engine {health.version}  pid {health.pid}  {health.mode} money  {market} market  {history}",
        f"venue {health.venue}  link {health.link}{' (' + health.link_why + ')' if health.link_why else ''}  "
        f"last price {_seconds(health.last_event_age_s)} ago",
        f"market time {iso(health.market_ms)}  next check {iso(health.next_check_ms)}",
        "",
    ]


def basket_lines(books: BooksView) -> list[str]:
    """Return the baskets as a table for a person; a dash is undefined."""
    head = (
        f"{'basket':<18}{'state':<10}{'gross':>10}{'net':>10}{'hidden':>8}{'rho':>8}{'base':>8}{'now':>8}{'shift':>8}"
    )
    windows = next((list(basket.mean_rho) for basket in books.baskets), [])
    rows = [
        f"{basket.name:<18}{basket.state:<10}{_plain(basket.gross, 0):>10}{_plain(basket.net, 0):>10}"
        f"{_plain(basket.hidden_leverage, 2):>8}{_plain(basket.mean_rho[windows[0]], 2):>8}"
        f"{_plain(basket.mean_rho_base, 2):>8}{_plain(basket.mean_rho_now, 2):>8}{_plain(basket.shift, 2):>8}"
        for basket in books.baskets
    ]
    note = ["", "planned book: base weights, no position is held yet"] if any(b.planned for b in books.baskets) else []
    return [head, *rows, *note]


def _plain(value: float, decimals: int) -> str:
    return "-" if math.isnan(value) else f"{value:,.{decimals}f}"


def _seconds(value: float) -> str:
    return "never" if math.isnan(value) else f"{value:.1f} s"
