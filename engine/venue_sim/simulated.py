"""Owns the simulated market: days generated in order, kept as hours, cut into candles and tickers as of an instant.

A pure function of (seed, epoch, timeline): a restart with the same three serves the same candles. Minutes of recent
days are kept, older ones are generated again when somebody asks. It never reads a clock; the dialect passes `now`.
"""

from collections import OrderedDict

import numpy as np

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Asset, Ms, floor_to
from engine.venue_sim.catalog import CATALOG, SimAsset
from engine.venue_sim.day_path import DayPath, HourRows, Part, hours_of, part_of_minute, walk
from engine.venue_sim.factor_model import VolState, loadings, simulate_day, still
from engine.venue_sim.influence import influence
from engine.venue_sim.prices import Candles, FloatArray, Listing, MsArray, Ticker, empty_candles, merge
from engine.venue_sim.scenario import Timeline

HISTORY_DAYS = 131
_KEPT_DAYS = 12  # days whose minutes stay in memory


def origin_of(epoch: Ms) -> Ms:
    """Return the first instant of the history of a market that was first started at `epoch`."""
    return Ms(floor_to(epoch, DAY_MS) - HISTORY_DAYS * DAY_MS)


class SimulatedMarket:
    """A seeded market from 131 days before `epoch` on; speaks PriceSource."""

    def __init__(self, *, seed: int, epoch: Ms, timeline: Timeline, catalog: tuple[SimAsset, ...] = CATALOG) -> None:
        self._seed = seed
        self._origin = origin_of(epoch)
        self._timeline = timeline
        self._load = loadings(catalog)
        self._column = {item.asset: index for index, item in enumerate(catalog)}
        self._decimals = np.array([item.decimals for item in catalog])
        self._listings = tuple(
            Listing(asset=item.asset, decimals=item.decimals, lot=item.lot, launch_ms=self._origin) for item in catalog
        )
        self._hours: list[HourRows] = []
        self._states: list[VolState] = [still(self._load)]  # volatility at the start of each day, one more than days
        self._minutes: OrderedDict[int, DayPath] = OrderedDict()
        self._offset = np.zeros(len(catalog))
        day, inside = divmod(epoch - self._origin, DAY_MS)
        self._grow(day)
        # The history is shifted so that the market opens at the catalog's prices.
        self._offset = np.log([item.price for item in catalog]) - self._path(day).levels[inside // MINUTE_MS]

    def replan(self, timeline: Timeline, now: Ms) -> None:
        """Follow another timeline from `now` on; it may differ only in what starts after the minute of `now`."""
        self._timeline = timeline
        keep = (now - self._origin) // DAY_MS
        del self._hours[keep:], self._states[keep + 1 :]
        for index in [index for index in self._minutes if index >= keep]:
            del self._minutes[index]

    def listings(self, now: Ms) -> tuple[Listing, ...]:
        """Return the whole catalog."""
        del now
        return self._listings

    def tickers(self, now: Ms) -> tuple[Ticker, ...]:
        """Return every asset's ticker; 24 hours are the last 24 hourly candles, the unfinished one included."""
        part = self._part(now)
        rows = self._hourly(Ms(floor_to(now, HOUR_MS) - 23 * HOUR_MS), floor_to(now, HOUR_MS), now)
        last, high = self._price(part.last), self._price(rows["high"].max(axis=0))
        low, turnover = self._price(rows["low"].min(axis=0)), rows["turnover"].sum(axis=0)
        day_ago = self._price(self._level(Ms(now - DAY_MS)))
        hour_ago = self._price(self._level(Ms(now - HOUR_MS)))
        volume = turnover / np.sqrt(high * low)
        columns = (last, high, low, day_ago, hour_ago, volume, turnover)
        return tuple(
            Ticker(
                listing=listing,
                last=values[0],
                high_24h=values[1],
                low_24h=values[2],
                ago_24h=values[3],
                ago_1h=values[4],
                volume_24h=values[5],
                turnover_24h=values[6],
            )
            for listing, values in zip(self._listings, np.column_stack(columns).tolist(), strict=True)
        )

    def candles(self, asset: Asset, step_ms: int, first: Ms, last: Ms, now: Ms) -> Candles:
        """Return the candles of `asset` that open in [first, last] and at or before `now`."""
        begin = max(floor_to(Ms(first + step_ms - 1), step_ms), self._origin)
        end = min(Ms(floor_to(last, step_ms) + step_ms - 1), now)
        if asset not in self._column or begin > end:
            return empty_candles()
        base_ms = HOUR_MS if step_ms % HOUR_MS == 0 else MINUTE_MS
        rows = (self._hourly if base_ms == HOUR_MS else self._minutely)(begin, floor_to(end, base_ms), now)
        column = self._column[asset]
        price = {name: self._price(rows[name][:, column], column) for name in ("open", "high", "low", "close")}
        turnover = rows["turnover"][:, column]
        opens: MsArray = np.arange(len(turnover), dtype=np.int64) * base_ms + begin
        return merge(
            Candles(
                open_ms=opens,
                volume=turnover / np.sqrt(price["high"] * price["low"]),
                turnover=turnover,
                open=price["open"],
                high=price["high"],
                low=price["low"],
                close=price["close"],
            ),
            step_ms,
        )

    def _price(self, logs: FloatArray, column: int | None = None) -> FloatArray:
        """Return prices rounded to the step: of all assets for a row of logs, of one for a column."""
        offset, decimals = (
            (self._offset, self._decimals) if column is None else (self._offset[column], self._decimals[column])
        )
        scale = 10.0**decimals
        return np.asarray(np.round(np.exp(logs + offset) * scale) / scale)

    def _hourly(self, begin: Ms, last: Ms, now: Ms) -> dict[str, FloatArray]:
        """Return log columns of the hours that open in [begin, last], the unfinished one as of `now`."""
        first_day, final_day = (begin - self._origin) // DAY_MS, (last - self._origin) // DAY_MS
        self._grow(final_day)
        days = self._hours[max(first_day, 0) : final_day + 1]
        skip = max((begin - self._origin) // HOUR_MS, 0) - max(first_day, 0) * 24
        upto = skip + (last - max(begin, self._origin)) // HOUR_MS + 1
        rows = {
            "open": np.concatenate([day.levels[:-1] for day in days])[skip:upto],
            "close": np.concatenate([day.levels[1:] for day in days])[skip:upto],
            "high": np.concatenate([day.highs for day in days])[skip:upto],
            "low": np.concatenate([day.lows for day in days])[skip:upto],
            "turnover": np.concatenate([day.turnover for day in days])[skip:upto],
        }
        if now < last + HOUR_MS:
            self._finish(rows, self._minutely(last, floor_to(now, MINUTE_MS), now))
        return rows

    def _minutely(self, begin: Ms, last: Ms, now: Ms) -> dict[str, FloatArray]:
        """Return log columns of the minutes that open in [begin, last], the unfinished one as of `now`."""
        found: dict[str, list[FloatArray]] = {name: [] for name in ("open", "high", "low", "close", "turnover")}
        for index in range((begin - self._origin) // DAY_MS, (last - self._origin) // DAY_MS + 1):
            path = self._path(index)
            lo = max(0, (begin - path.day) // MINUTE_MS)
            hi = min(DAY_MS // MINUTE_MS, (last - path.day) // MINUTE_MS + 1)
            found["open"].append(path.levels[lo:hi])
            found["close"].append(path.levels[lo + 1 : hi + 1])
            found["high"].append(path.highs[lo:hi])
            found["low"].append(path.lows[lo:hi])
            found["turnover"].append(np.repeat(path.turnover / 60.0, 60, axis=0)[lo:hi])
        rows = {name: np.concatenate(parts) for name, parts in found.items()}
        if now < last + MINUTE_MS:
            part = self._part(now)
            rows["high"][-1], rows["low"][-1], rows["close"][-1] = part.high, part.low, part.last
            rows["turnover"][-1] *= part.share
        return rows

    @staticmethod
    def _finish(rows: dict[str, FloatArray], minutes: dict[str, FloatArray]) -> None:
        """Write the unfinished hour over the last row, as far as its minutes go."""
        rows["close"][-1] = minutes["close"][-1]
        rows["high"][-1] = minutes["high"].max(axis=0)
        rows["low"][-1] = minutes["low"].min(axis=0)
        rows["turnover"][-1] = minutes["turnover"].sum(axis=0)

    def _level(self, at: Ms) -> FloatArray:
        """Return the log levels at the whole minute at or before `at`."""
        index, inside = divmod(at - self._origin, DAY_MS)
        return np.asarray(self._path(index).levels[inside // MINUTE_MS])

    def _part(self, now: Ms) -> Part:
        return part_of_minute(self._path((now - self._origin) // DAY_MS), now, seed=self._seed)

    def _grow(self, index: int) -> None:
        """Generate days up to and including number `index`."""
        for missing in range(len(self._hours), index + 1):
            self._generate(missing)

    def _path(self, index: int) -> DayPath:
        """Return the minutes of day number `index`, generated again if they were let go."""
        self._grow(index)
        if index not in self._minutes:
            self._generate(index)
        self._minutes.move_to_end(index)
        return self._minutes[index]

    def _generate(self, index: int) -> None:
        """Generate day number `index`; the days before it are known."""
        at = Ms(self._origin + index * DAY_MS)
        day = simulate_day(self._load, self._seed, at, self._states[index], influence(self._timeline, self._seed, at))
        start = self._hours[index - 1].levels[-1] if index else np.zeros(len(self._listings))
        path = walk(day, start, seed=self._seed, at=at)
        if index == len(self._hours):
            self._hours.append(hours_of(path))
            self._states.append(day.after)
        self._minutes[index] = path
        while len(self._minutes) > _KEPT_DAYS:
            self._minutes.popitem(last=False)
