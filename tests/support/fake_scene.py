"""A moving market without an engine: six baskets, calm, then a cascade; views and events as the engine would send.

Deterministic in (seed, step): tests advance it by hand, `fake_engine.py` by a timer.
"""

import dataclasses
import math
import struct
from dataclasses import dataclass, field

from engine.domain.basket import Side
from engine.domain.events import PairMove
from engine.domain.market import LinkState
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms, Symbol
from engine.domain.views import (
    ALL_ASSETS,
    NAN,
    AssetView,
    BasketState,
    BasketView,
    BooksView,
    HealthView,
    MatrixKind,
    MatrixView,
    PairSeries,
    PortfolioView,
    QuoteRow,
    QuotesView,
    SeriesView,
)
from support.fake_market import BASKETS, CALM, HELD, PANIC, SERIES_BARS, START, course, mix


@dataclass(slots=True)
class FakeScene:
    """The scene at one step. `panic` 0..1 is how far the cascade has come."""

    step: int = 0
    panic: float = 0.0
    speed: float = 600.0
    market: str = "sim"
    ready: bool = True
    loaded: int = 0
    moving: int | None = None  # how many assets move a step; None = all
    stale: frozenset[str] = frozenset({"AXS"})
    states: dict[str, BasketState] = field(default_factory=dict)
    planned: bool = False  # True: nothing is held
    extra_baskets: int = 0
    told: dict[str, object] = field(default_factory=dict)  # fields of the health section that a test sets
    last: dict[Asset, float] = field(default_factory=dict)
    changed_at: dict[Asset, int] = field(default_factory=dict)
    flags: dict[str, str] = field(default_factory=dict)
    factors: dict[str, float] = field(default_factory=dict)  # share of the base that is held, where not the usual

    @property
    def legs(self) -> dict[str, tuple[tuple[str, float], ...]]:
        """Return the baskets, with as many more as asked for."""
        more = {f"theme-{number}": BASKETS["scaling"] for number in range(1, self.extra_baskets + 1)}
        return {**BASKETS, **more}

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Return all watched assets in order of first appearance."""
        return tuple(dict.fromkeys(Asset(name.lstrip("-")) for legs in self.legs.values() for name, _ in legs))

    @property
    def market_ms(self) -> Ms:
        """Return market time."""
        return Ms(int(START + self.step * 1000 * self.speed))

    def notional_of(self, name: str) -> float:
        """Return a basket's base notional."""
        return 2400.0 * len(self.legs[name])

    def factor(self, name: str) -> float:
        """Return the share of its base that a basket holds."""
        return 0.0 if self.planned else self.factors.get(name, HELD)

    def target(self, name: str) -> float:
        """Return the share that it would hold now: less, the more its pairs move together."""
        return HELD * (1 - 0.65 * self.panic)

    def gross_of(self, name: str) -> float:
        """Return what a basket holds, in money."""
        return self.notional_of(name) * self.factor(name)

    def tilt(self, name: str) -> float:
        """Return net over gross."""
        signs = [-1 if leg.startswith("-") else 1 for leg, _ in self.legs[name]]
        return sum(signs) / len(signs)

    def advance(self) -> None:
        """Go one second of host time on."""
        self.step += 1
        start = {Asset(name.lstrip("-")): price for legs in self.legs.values() for name, price in legs}
        for position, asset in enumerate(self.assets):
            if self.moving is not None and position >= self.moving:
                continue
            draw = mix("price", asset, self.step).gauss(-0.002 * self.panic, 0.002)
            self.last[asset] = self.last.get(asset, start[asset]) * math.exp(draw)
            self.changed_at[asset] = self.step

    def rho(self, first: str, second: str, kind: MatrixKind) -> float:
        """Return a pair's unsigned correlation."""
        low, high = sorted((first, second))
        base = CALM + mix("base", low, high).uniform(-0.12, 0.1)
        now = base + (PANIC - base) * self.panic + mix("now", low, high).uniform(-0.05, 0.05) * (1 - self.panic)
        match kind:
            case MatrixKind.NOW:
                return min(0.99, now)
            case MatrixKind.DELTA:
                return min(0.99, now) - base
            case _:
                return base

    def health(self) -> HealthView:
        """Return the health section."""
        cycle = 4 * HOUR_MS
        wanted = 2905 * len(self.assets)
        view = HealthView(
            version="0.0",
            pid=4127,
            mode="paper",
            market=self.market,
            speed=self.speed,
            market_label="alternating seed 1" if self.market == "sim" else "",
            uptime_s=float(self.step),
            market_ms=self.market_ms,
            venue="bybit",
            link=LinkState.UP,
            link_why="",
            latency_ms=41.0,
            last_event_age_s=0.3,
            ready=self.ready,
            loaded=wanted if self.ready else self.loaded,
            wanted=wanted,
            check_every_ms=cycle,
            next_check_ms=Ms((self.market_ms // cycle + 1) * cycle),
            last_check_ms=None,
            fast=False,
            cycle_why="",
            equity=NAN if self.planned else 50_214.0 - 900 * self.panic,
            pnl_day=NAN if self.planned else 214.0 - 900 * self.panic,
        )
        return dataclasses.replace(view, **self.told)  # type: ignore[arg-type]

    def quotes(self) -> QuotesView:
        """Return the quotes section."""
        start = {Asset(name.lstrip("-")): price for legs in self.legs.values() for name, price in legs}
        rows = []
        for asset in self.assets:
            last = self.last.get(asset, start[asset])
            old = asset in self.stale
            rows.append(
                QuoteRow(
                    asset=asset,
                    symbol=Symbol(f"{asset}/USDT:USDT"),
                    last=last,
                    change_24h=last / start[asset] - 1 - 0.05 * self.panic,
                    age_s=42.0 if old else 0.1 + len(asset) % 5 / 10,
                    stale=old,
                )
            )
        return QuotesView(rows=tuple(rows))

    def books(self) -> BooksView:
        """Return the books section."""
        baskets = tuple(self._basket(name) for name in self.legs)
        return BooksView(
            as_of_ms=self.market_ms,
            baskets=baskets,
            portfolio=PortfolioView(
                gross=sum(basket.gross for basket in baskets),
                net=sum(basket.net for basket in baskets),
                vol_ann=0.62 if self.ready else NAN,
                hidden_leverage=1.83 if self.ready else NAN,
                effective_bets=1.4 if self.ready else NAN,
                es95_1d=3100.0 if self.ready else NAN,
                es95_1d_rho95=4020.0 if self.ready else NAN,
            ),
        )

    def moves(self, name: str) -> tuple[PairMove, ...]:
        """Return the basket's pairs, strongest first, signed by side."""
        found = []
        legs = self.legs[name]
        for row, (first, _) in enumerate(legs):
            for second, _ in legs[row + 1 :]:
                sign = -1 if first.startswith("-") != second.startswith("-") else 1
                a, b = Asset(first.lstrip("-")), Asset(second.lstrip("-"))
                base, now = self.rho(a, b, MatrixKind.BASE) * sign, self.rho(a, b, MatrixKind.NOW) * sign
                found.append(PairMove(first=a, second=b, rho_base=base, rho_now=now, delta=now - base))
        return tuple(sorted(found, key=lambda move: -abs(move.delta)))

    def _basket(self, name: str) -> BasketView:
        legs, moves = self.legs[name], self.moves(name)
        watching = tuple((move.first, move.second) for move in moves if abs(move.delta) > 0.15) if self.ready else ()
        state = self.states.get(name, BasketState.WATCH if watching else BasketState.OK)
        gross, held = self.gross_of(name), self.factor(name)
        flat = held <= 0
        if flat:
            state = self.states.get(name, BasketState.FLAT)

        def known(value: float) -> float:
            return value if self.ready else NAN

        def mean(kind: str) -> float:
            return sum(move.rho_now if kind == "rho_now" else move.rho_base for move in moves) / len(moves)

        return BasketView(
            name=BasketName(name),
            thesis="",
            state=state if self.ready else BasketState.NO_DATA,
            planned=flat,
            leverage=1.0,
            gross=gross,
            net=gross * self.tilt(name),
            pnl=0.0 if flat else -gross * 0.031 * self.panic + 0.004 * gross,
            unrealized=0.0 if flat else -gross * 0.025 * self.panic,
            notional=self.notional_of(name),
            factor=held,
            flag=self.flags.get(name, ""),
            vol_ann=known(0.71),
            hidden_leverage=known(1.5 + self.panic / 2),
            effective_bets=known(1.3),
            mean_rho={str(days): known(mean("rho_base") - 0.01 * at) for at, days in enumerate((30, 60, 90))},
            mean_rho_base=known(mean("rho_base")),
            mean_rho_now=known(mean("rho_now")),
            shift=known(math.atanh(mean("rho_now")) - math.atanh(mean("rho_base"))),
            drift_max=moves[0] if self.ready else None,
            pairs=moves if self.ready else (),
            watching=watching,
            assets=tuple(
                AssetView(
                    asset=Asset(leg.lstrip("-")),
                    symbol=Symbol(f"{leg.lstrip('-')}/USDT:USDT"),
                    side=Side.SHORT if leg.startswith("-") else Side.LONG,
                    weight=held / len(legs),
                    target_weight=self.target(name) / len(legs),
                    pnl=0.0 if flat else -gross / len(legs) * 0.031 * self.panic,
                    history_days=121.0,
                )
                for leg, _ in legs
            ),
        )

    def matrix(self, scope: str, kind: MatrixKind, window_days: int, estimator: str = "") -> MatrixView:
        """Return a matrix section."""
        names = [str(asset) for asset in self.assets] if scope == ALL_ASSETS else [leg for leg, _ in self.legs[scope]]
        plain = [name.lstrip("-") for name in names]
        signs = [-1 if name.startswith("-") else 1 for name in names]
        cells = []
        for i, first in enumerate(plain):
            for j, second in enumerate(plain):
                same = 0.0 if kind is MatrixKind.DELTA else 1.0
                value = same if i == j else self.rho(first, second, kind) * signs[i] * signs[j]
                cells.append(value if self.ready else NAN)
        return MatrixView(
            scope=scope,
            kind=kind,
            window_days=window_days,
            estimator=estimator or ("pearson" if kind is MatrixKind.WINDOW else "winsorized"),
            as_of_ms=self.market_ms,
            assets=tuple(Asset(name) for name in plain),
            dtype="f4",
            values=struct.pack(f"<{len(cells)}f", *cells),
            counts=struct.pack(f"<{len(cells)}H", *([720] * len(cells))),
            marks=bytes(kind is MatrixKind.DELTA and abs(cell) > 0.15 for cell in cells),
        )

    def series(self, scope: str) -> SeriesView:
        """Return a series section."""
        moves = self.moves(scope)
        bars = SERIES_BARS if self.ready else 0

        base = sum(move.rho_base for move in moves) / len(moves)
        now = sum(move.rho_now for move in moves) / len(moves)
        mean_now = course(scope, base, now, bars)
        return SeriesView(
            scope=scope,
            end_ms=self.market_ms,
            step_ms=HOUR_MS,
            mean_now=mean_now,
            shift=tuple(math.atanh(value) - math.atanh(base) for value in mean_now),
            mean_base=(base,) * bars,
            pairs=tuple(
                PairSeries(
                    first=move.first,
                    second=move.second,
                    values=course((move.first, move.second), move.rho_base, move.rho_now, bars),
                )
                for move in moves
            ),
        )
