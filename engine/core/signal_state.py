"""Owns where every signal stands: alerts, leanings, WATCH marks, the fast cycle, the regime, anchored baselines.

A fold of events: `apply` is the only door, live and after a restart, so what the journal holds is what the engine
knows. Never judges a number; `signals_check` does, and applies what came of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.domain.alerts import AlertKind, Regime
from engine.domain.config import RulesConfig
from engine.domain.events import (
    AlertCleared,
    AlertRaised,
    AlertWorsened,
    BaselineAnchored,
    BasketCheck,
    CheckCompleted,
    Event,
    RegimeChanged,
    VolatilityBroadened,
    VolatilityFell,
    WatchCleared,
    WatchRaised,
)
from engine.domain.units import Asset, BasketName, Ms
from engine.signals.alert import IDLE, Standing, asset_limits, basket_limits, lean_to
from engine.signals.board import PORTFOLIO, Board, BoardEntry
from engine.signals.regime import RegimeFilter
from engine.signals.volatility import QUIET, Breakouts, VolState, extended
from engine.signals.watch import Watch


class Signals:
    """Everything the signals remember between two checks."""

    def __init__(
        self, rules: RulesConfig, baskets: dict[BasketName, tuple[Asset, ...]], *, unwatched: bool = False
    ) -> None:
        self.rules = rules
        self.unwatched = unwatched  # a backtest: what evidence would cost to measure is left undefined
        self.baskets = baskets
        self.board = Board()
        self.regime = RegimeFilter()
        self.watches = {name: Watch(delta=rules.watch_delta, clear=rules.watch_clear) for name in baskets}
        self.shift_limits, self.excess_limits = basket_limits(rules), asset_limits(rules)
        self._shifts: dict[BasketName, Standing] = {}
        self._excesses: dict[BasketName, dict[Asset, Standing]] = {}  # only those that are not idle
        self.anchors: dict[BasketName, BaselineAnchored] = {}
        self.volatility: VolState = QUIET
        self.last_check: Ms | None = None
        self.checked: CheckCompleted | None = None
        self.checked_version = -1  # of the readings that `checked` judged; nothing to judge twice

    def volatile(self, at: Ms) -> bool:
        """Return True while the fast cycle is on: no limit is loosened because rho fell."""
        return self.volatility.on(at)

    def restore(self, events: Iterable[Event]) -> None:
        """Take in the journal's events, oldest first."""
        for event in events:
            self.apply(event)

    def retired(self, at: Ms) -> list[AlertCleared]:
        """Return the end of alerts whose basket or asset the config does not have any more."""
        return [
            AlertCleared(
                at=at,
                id=entry.raised.id,
                lasted_ms=at - entry.raised.at,
                shift=entry.evidence.shift,
                why="it is no longer in the config",
            )
            for entry in self.board.standing
            if not self._configured(entry)
        ]

    def apply(self, event: Event) -> None:
        """Take in one event; what concerns no signal changes nothing."""
        match event:
            case CheckCompleted():
                self._apply_check(event)
                return  # by far the most, and nothing to the board
            case WatchRaised(basket=name) if name in self.watches:
                self.watches[name].restore(raised=event.pairs)
            case WatchCleared(basket=name) if name in self.watches:
                self.watches[name].restore(cleared=event.pairs)
            case VolatilityBroadened():
                state = VolState(since=event.at) if event.started else self.volatility
                self.volatility = extended(state, event.until, _seen(event))
            case VolatilityFell():
                self.volatility = QUIET
            case RegimeChanged():
                self.regime.restore(Regime(event.regime))
            case BaselineAnchored():
                self.anchors[event.basket] = event
            case AlertRaised() | AlertWorsened() | AlertCleared():
                self._apply_alert(event)
            case _:
                pass
        self.board.apply(event)

    def _apply_alert(self, event: AlertRaised | AlertWorsened | AlertCleared) -> None:
        """Bring the standing of the alert's rule up to what was said; runs before the board forgets the alert."""
        raised = event if isinstance(event, AlertRaised) else self._raised(event.id)
        if raised is None or raised.kind is AlertKind.VOL or raised.basket is None:
            return
        standing = self.standing(raised.basket, raised.asset)
        if isinstance(event, AlertCleared):
            standing = replace(standing, sign=0, said=0.0)
        else:
            standing = replace(standing, sign=raised.direction.sign, said=abs(event.evidence.shift))
        self._stand(raised.basket, raised.asset, standing)

    def _apply_check(self, event: CheckCompleted) -> None:
        before = self.checked
        self.last_check, self.checked = event.at, event
        if before is not None and before.baskets is event.baskets:
            return  # a fast check that saw no new bar leans to nothing new
        bar = event.at if event.as_of is None else event.as_of
        for check in event.baskets:
            self._lean(check, bar)

    def _lean(self, check: BasketCheck, bar: Ms) -> None:
        name = check.basket
        standing = self.standing(name)
        if check.leaning != standing.leaning:
            self._stand(name, None, lean_to(standing, check.leaning, bar))
        if not check.assets_leaning and not self._excesses.get(name):
            return
        leaning = dict(check.assets_leaning)
        for asset in self.baskets.get(name, ()):
            standing = self.standing(name, asset)
            self._stand(name, asset, lean_to(standing, leaning.get(asset, 0), bar))

    def standing(self, name: BasketName, asset: Asset | None = None) -> Standing:
        """Return where a basket's shift stands, or one asset's excess."""
        if asset is None:
            return self._shifts.get(name, IDLE)
        return self._excesses.get(name, {}).get(asset, IDLE)

    def standings(self, name: BasketName) -> Mapping[Asset, Standing]:
        """Return the excesses of a basket's assets that are not idle."""
        return self._excesses.get(name, {})

    def _stand(self, name: BasketName, asset: Asset | None, standing: Standing) -> None:
        if asset is None:
            self._shifts[name] = IDLE if standing == IDLE else standing
        elif standing == IDLE:
            self._excesses.get(name, {}).pop(asset, None)
        else:
            self._excesses.setdefault(name, {})[asset] = standing

    def _raised(self, ident: str) -> AlertRaised | None:
        entry = self.board.get(ident)
        return entry.raised if entry is not None else None

    def _configured(self, entry: BoardEntry) -> bool:
        _, basket, asset = entry.cause
        if basket is None or basket == PORTFOLIO:
            return True
        return basket in self.baskets and (asset is None or asset in self.baskets[basket])


def _seen(event: VolatilityBroadened) -> Breakouts:
    return Breakouts(hot=event.assets, judged=event.judged, breadth=event.breadth, peak_sigma=event.peak_sigma)
