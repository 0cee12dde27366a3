"""An in-memory venue with the `MarketData` port: deterministic, settable closes, settable failures, a call log.

Nothing passes by itself: `now_ms` is the venue's time and moves only when a test sets it. Candles exist where a close
was set and have opened by `now_ms`; the newest one is the unfinished candle, as on a real venue.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from engine.domain.errors import UnknownSymbolError, VenueUnreachableError
from engine.domain.market import Candle, Instrument, MarketKind, Quote
from engine.domain.units import HOUR_MS, Asset, Ms, Symbol

SPREAD = Decimal("0.0002")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of the port; `symbols` is empty for `server_time` and `close`."""

    method: str
    symbols: tuple[Symbol, ...] = ()
    since_ms: Ms | None = None
    limit: int | None = None


class FakeMarketData:
    """A venue whose every answer a test has set."""

    def __init__(
        self,
        *,
        now_ms: Ms,
        closes: Mapping[Symbol, Mapping[Ms, float]] | None = None,
        monotonic: Callable[[], float] = lambda: 0.0,
        round_trip_ms: float = 20.0,
    ) -> None:
        self.now_ms = now_ms
        self.round_trip_ms = round_trip_ms
        self.closes: dict[Symbol, dict[Ms, float]] = {symbol: dict(path) for symbol, path in (closes or {}).items()}
        self.changes_24h: dict[Symbol, float] = {}
        self.calls: list[Call] = []
        self.closed = False
        self._monotonic = monotonic
        self._failures: list[tuple[str, Symbol | None, Exception]] = []

    def set_close(self, symbol: Symbol, open_ms: Ms, close: float) -> None:
        """Set the close of one hourly slot; lists the symbol."""
        self.closes.setdefault(symbol, {})[open_ms] = close

    def set_path(self, symbol: Symbol, first_open_ms: Ms, closes: Iterable[float]) -> None:
        """Set the closes of consecutive hourly slots; NaN leaves a hole."""
        for slot, close in enumerate(closes):
            if close == close:  # noqa: PLR0124 - NaN is the one float that differs from itself
                self.set_close(symbol, Ms(first_open_ms + slot * HOUR_MS), close)

    def delist(self, symbol: Symbol) -> None:
        """Make the venue forget a symbol."""
        self.closes.pop(symbol, None)

    def fail(
        self, method: str, error: Exception | None = None, *, symbol: Symbol | None = None, times: int = 1
    ) -> None:
        """Make the next `times` calls of `method` (of `symbol`, where given) raise."""
        reason = error or VenueUnreachableError(f"fake cannot be reached ({method})")
        self._failures += [(method, symbol, reason)] * times

    async def instruments(self, symbols: Sequence[Symbol]) -> dict[Symbol, Instrument]:
        """Return an instrument per listed symbol."""
        self._begin(Call(method="instruments", symbols=tuple(symbols)))
        return {symbol: instrument_of(symbol) for symbol in symbols if symbol in self.closes}

    async def server_time(self) -> tuple[Ms, float]:
        """Return the time that the test has set."""
        self._begin(Call(method="server_time"))
        return self.now_ms, self.round_trip_ms

    async def quotes(self, symbols: Sequence[Symbol]) -> list[Quote]:
        """Return a quote at the newest close of each listed symbol."""
        self._begin(Call(method="quotes", symbols=tuple(symbols)))
        return [self._quote(symbol, self._opened(symbol)[-1]) for symbol in symbols if self._opened(symbol)]

    async def candles(self, symbol: Symbol, *, since_ms: Ms, limit: int) -> list[Candle]:
        """Return the candles that were set."""
        self._begin(Call(method="candles", symbols=(symbol,), since_ms=since_ms, limit=limit))
        if symbol not in self.closes:
            raise UnknownSymbolError(f"fake does not list {symbol}; correct the asset or its symbol")
        opens = [open_ms for open_ms in self._opened(symbol) if open_ms >= since_ms][:limit]
        return [self._candle(symbol, open_ms) for open_ms in opens]

    async def close(self) -> None:
        """Note that it was closed."""
        self._begin(Call(method="close"))
        self.closed = True

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def _begin(self, call: Call) -> None:
        self.calls.append(call)
        if self.closed and call.method != "close":
            raise VenueUnreachableError(f"fake was not asked: it was closed ({call.method})")
        for position, (method, symbol, error) in enumerate(self._failures):
            if method == call.method and (symbol is None or symbol in call.symbols):
                del self._failures[position]
                raise error

    def _opened(self, symbol: Symbol) -> list[Ms]:
        return sorted(open_ms for open_ms in self.closes.get(symbol, {}) if open_ms <= self.now_ms)

    def _quote(self, symbol: Symbol, open_ms: Ms) -> Quote:
        last = Decimal(str(self.closes[symbol][open_ms]))
        day_ago = self.closes[symbol].get(Ms(open_ms - 24 * HOUR_MS))
        change = None if day_ago is None else float(last) / day_ago - 1.0
        return Quote(
            symbol=symbol,
            last=last,
            bid=last * (1 - SPREAD / 2),
            ask=last * (1 + SPREAD / 2),
            change_24h=self.changes_24h.get(symbol, change),
            event_ms=self.now_ms,
            received=self._monotonic(),
        )

    def _candle(self, symbol: Symbol, open_ms: Ms) -> Candle:
        close = self.closes[symbol][open_ms]
        first = self.closes[symbol].get(Ms(open_ms - HOUR_MS), close)
        return Candle(
            symbol=symbol,
            open_ms=open_ms,
            open=first,
            high=max(first, close),
            low=min(first, close),
            close=close,
            volume=1000.0,
        )


def instrument_of(symbol: Symbol) -> Instrument:
    """Return a plain instrument for a ccxt symbol such as "ETH/USDT:USDT"."""
    return Instrument(
        asset=Asset(symbol.split("/")[0]),
        symbol=symbol,
        kind=MarketKind.SWAP if ":" in symbol else MarketKind.SPOT,
        price_step=Decimal("0.01"),
        quantity_step=Decimal("0.001"),
        min_notional=Decimal(5),
    )
