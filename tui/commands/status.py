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
    print(*basket_lines(books), "", sep="\n")
    for basket in books.baskets:
        print(*leg_lines(basket), sep="\n")


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
        "venue": _venue(health),
        "cycle": {
            "every": period(health.check_every_ms),
            "last_check": None if health.last_check_ms is None else iso(health.last_check_ms),
            "next_check": iso(health.next_check_ms),
            "fast": health.fast,
            "why": health.cycle_why,
        },
        "regime": {"state": health.regime or None, "probability": number(health.regime_probability)},
        "account": {
            "equity": number(health.equity),
            "pnl_day": number(health.pnl_day),
            "partial": health.equity_partial,
            "halted": health.halted or None,
            "refused": health.broker_why or None,
            "streaming": health.account_streaming,
            "stream_why": health.account_stream_why,
            "frozen": list(health.frozen),
            "unknown_orders": health.unknown,
            "balance_gap": number(health.balance_gap),
        },
        "portfolio": {
            "gross": number(portfolio.gross),
            "net": number(portfolio.net),
            "vol_ann": number(portfolio.vol_ann),
            "hidden_leverage": number(portfolio.hidden_leverage),
            "effective_bets": number(portfolio.effective_bets),
            "es95_1d": number(portfolio.es95_1d),
            "es95_1d_rho95": number(portfolio.es95_1d_rho95),
        },
        "as_of": None if books.as_of_ms is None else iso(books.as_of_ms),
        "baskets": [_basket(basket, quotes) for basket in books.baskets],
    }


def _venue(health: HealthView) -> dict[str, object]:
    return {
        "id": health.venue,
        "link": health.link,
        "why": health.link_why,
        "streaming": health.streaming,
        "stream_why": health.stream_why,
        "clock_skew_ms": number(health.clock_skew_ms),
        "paused": _pause(health),
        "latency_ms": number(health.latency_ms),
        "last_event_age_s": number(health.last_event_age_s),
    }


def _pause(health: HealthView) -> dict[str, object] | None:
    if not health.paused_host:
        return None
    return {"host": health.paused_host, "left_s": number(health.paused_s), "status": health.paused_status or None}


def _basket(basket: BasketView, quotes: QuotesView) -> object:
    rows = {row.asset: row for row in quotes.rows}
    moved = basket.drift_max
    return {
        "name": basket.name,
        "state": basket.state,
        "planned": basket.planned,
        "proposal": basket.proposal,
        "flag": basket.flag or None,
        "notional": number(basket.notional),
        "factor": number(basket.factor),
        "leverage": number(basket.leverage),
        "gross": number(basket.gross),
        "net": number(basket.net),
        "pnl": number(basket.pnl),
        "unrealized": number(basket.unrealized),
        "partial": basket.partial,
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
        "pairs": [{"pair": [pair.first, pair.second], "n": pair.valid} for pair in basket.counts],
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
        "since": None if leg.since_ms is None else iso(leg.since_ms),
        "history_days": number(leg.history_days),
        "used": leg.used,
    }


def period(ms: int) -> str:
    """Return a period as the config writes it: 4h, 15m."""
    return f"{ms // HOUR_MS}h" if ms % HOUR_MS == 0 else f"{ms // MINUTE_MS}m"


def _asked_with(health: HealthView) -> str:
    return f", HTTP {health.paused_status}" if health.paused_status else ""


def history_progress(health: HealthView) -> str:
    """Return how far the history is: history 34 of 100 assets, ~12 s left."""
    if not health.assets_wanted:
        return "history is about to be loaded"
    left = "" if math.isnan(health.load_left_s) else f", ~{health.load_left_s:.0f} s left"
    return f"history {health.assets_loaded} of {health.assets_wanted} assets{left}"


def health_lines(health: HealthView) -> list[str]:
    """Return the engine's health for a person."""
    history = "ready" if health.ready else history_progress(health)
    market = health.market if not health.market_label else f"{health.market} ({health.market_label})"
    partial = " (partial: a position has no price)" if health.equity_partial else ""
    orders = "order" if health.unknown == 1 else "orders"
    return [
        f"engine {health.version}  pid {health.pid}  {health.mode} money  {market} market  {history}",
        f"venue {health.venue}  link {health.link}{' (' + health.link_why + ')' if health.link_why else ''}  "
        f"{'streamed' if health.streaming else 'polled'}, last price {_seconds(health.last_event_age_s)} ago",
        *([f"{health.paused_host} paused {health.paused_s:.0f} s{_asked_with(health)}"] if health.paused_host else []),
        f"market time {iso(health.market_ms)}  next check {iso(health.next_check_ms)}",
        f"equity {_plain(health.equity, 0)}  today {_signed(health.pnl_day)}{partial}",
        *([f"HALTED: no order leaves ({health.halted}); 'driftdeck resume' lets them"] if health.halted else []),
        *([f"FROZEN: {', '.join(health.frozen)}; see 'driftdeck reconcile'"] * bool(health.frozen)),
        *([f"{health.unknown} {orders} of unknown outcome; see 'driftdeck reconcile'"] * bool(health.unknown)),
        *([f"no order leaves: {health.broker_why}"] if health.broker_why else []),
        *([f"facts are not being kept: {health.journal_trouble}"] if health.journal_trouble else []),
        "",
    ]


def basket_lines(books: BooksView) -> list[str]:
    """Return the baskets as a table for a person; a dash is undefined."""
    head = (
        f"{'basket':<16}{'state':<10}{'gross':>9}{'net':>9}{'factor':>8}{'P&L':>9}{'hidden':>8}{'rho':>7}{'base':>7}"
        f"{'now':>7}{'shift':>7}  waits"
    )
    rows = [_basket_row(basket) for basket in books.baskets]
    planned = any(basket.planned for basket in books.baskets)
    notes = (
        ["", "factor 0.00: nothing is held; the risk figures are those of the target that 'driftdeck open' drafts"]
        if planned
        else []
    )
    flags = [f"{basket.name}: {basket.flag}" for basket in books.baskets if basket.flag]
    return [head, *rows, *notes, *flags]


def leg_lines(basket: BasketView) -> list[str]:
    """Return a basket's legs: what is held against the target, as shares of its base."""
    held = {leg.asset: "-" if math.isnan(leg.weight) else f"{leg.weight:.1%}" for leg in basket.assets}
    return [
        f"{basket.name}: {basket.thesis}" if basket.thesis else basket.name,
        f"    {'asset':<8}{'side':<6}{'held':>9}{'target':>9}{'P&L':>9}",
        *(
            f"    {leg.asset:<8}{leg.side:<6}{held[leg.asset]:>9}"
            f"{'-' if math.isnan(leg.target_weight) else f'{leg.target_weight:.1%}':>9}{_signed(leg.pnl):>9}"
            + ("" if leg.used else f"  {_since(leg)}")
            for leg in basket.assets
        ),
        "",
    ]


def _since(leg: AssetView) -> str:
    if leg.since_ms is None:
        return "no bar yet: not used for correlation"
    return f"since {iso(leg.since_ms)[:10]}, {leg.history_days:.0f} days: shown, not used for correlation"


def _basket_row(basket: BasketView) -> str:
    window = next(iter(basket.mean_rho.values()), math.nan)
    partial = "~" if basket.partial else ""
    return (
        f"{basket.name:<16}{basket.state:<10}{_plain(basket.gross, 0):>9}{_plain(basket.net, 0):>9}"
        f"{_plain(basket.factor, 2):>8}{partial + _signed(basket.pnl):>9}{_plain(basket.hidden_leverage, 2):>8}"
        f"{_plain(window, 2):>7}{_plain(basket.mean_rho_base, 2):>7}{_plain(basket.mean_rho_now, 2):>7}"
        f"{_plain(basket.shift, 2):>7}  {basket.proposal or ''}".rstrip()
    )


def _plain(value: float, decimals: int) -> str:
    return "-" if math.isnan(value) else f"{round(value, decimals) or 0.0:,.{decimals}f}"


def _signed(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:+,.0f}" if round(value) else "0"


def _seconds(value: float) -> str:
    return "never" if math.isnan(value) else f"{value:.1f} s"
