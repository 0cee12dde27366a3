"""What a start makes of orders that were under way: looked up first, sent at most once, late news booked."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from engine.core.outcome import Result
from engine.domain.commands import OpenBasket
from engine.domain.config import AccountConfig, Config
from engine.domain.facts import FillRecorded, OrderIntended, TradeFact
from engine.domain.proposal import ProposalState
from engine.domain.units import ProposalId
from support.books import TestClock, correlated_closes, small_config
from support.trading_driver import SLOTS, TradingDriver
from support.trading_moves import LONG_BASKET, LONGS

CLOSES = correlated_closes(3, SLOTS, 3)


class Life(TradingDriver):
    """One life that knows where its journal could be cut: after each batch of facts that a step wrote."""

    def __init__(self, config: Config, *, money: Sequence[TradeFact] | None = None, clock: TestClock) -> None:
        self.cuts: list[int] = []
        super().__init__(config, CLOSES, money=money, clock=clock)

    def _keep(self, result: Result) -> Result:
        kept = super()._keep(result)
        if not self.cuts or self.cuts[-1] < len(self.facts):
            self.cuts.append(len(self.facts))
        return kept


def config(depth: int) -> Config:
    return replace(small_config(LONG_BASKET), account=AccountConfig(paper_depth=Decimal(depth)))


def overfilled(facts: Sequence[TradeFact]) -> list[str]:
    """Return the orders of which more was booked than they asked for."""
    booked: dict[str, Decimal] = {}
    for fact in facts:
        if isinstance(fact, FillRecorded):
            booked[fact.client_order_id] = booked.get(fact.client_order_id, Decimal(0)) + fact.quantity
    orders = [fact.order for fact in facts if isinstance(fact, OrderIntended)]
    return [
        f"{o.asset}: {booked[o.client_order_id]} of {o.quantity}"
        for o in orders
        if booked.get(o.client_order_id, 0) > o.quantity
    ]


@pytest.mark.parametrize("depth", [0, 400])
def test_an_engine_killed_after_any_batch_of_its_journal_goes_on_and_buys_nothing_twice(depth: int) -> None:
    whole = Life(config(depth), clock=TestClock())
    ident = whole.do(OpenBasket(basket=LONGS))
    while whole.trading.board.executing():
        whole.tick()
    wanted = {leg.asset: leg.target for leg in whole.proposal(ident).legs}
    approved = next(place for place, fact in enumerate(whole.facts) if isinstance(fact, OrderIntended))
    cuts = [cut for cut in whole.cuts if cut > approved]
    assert len(cuts) > 5
    for cut in cuts:
        again = Life(config(depth), money=whole.facts[:cut], clock=TestClock())
        for _ in range(200):
            if not again.trading.board.executing():
                break
            again.tick()
        assert overfilled(again.facts) == [], f"cut after {whole.facts[cut - 1]}"
        assert again.entry(ProposalId(ident)).state is ProposalState.DONE, (cut, again.entry(ident))
        assert {asset: again.held(LONGS, asset) for asset in wanted} == wanted
        assert again.disagreements() == []
