"""How the journal tells what coins do: a fee that the bought coin paid, coins that a basket gets and loses."""

from decimal import Decimal

import msgspec
import pytest

from engine.domain.events import AlertAcknowledged, Event
from engine.domain.facts import Actor, PositionAdopted
from engine.domain.units import Symbol
from support.books import START
from support.some_facts import ACTOR, ETH, LAYER_1, fill
from tui.commands.story import told

DUST = PositionAdopted(
    at=START,
    basket=LAYER_1,
    asset=ETH,
    symbol=Symbol("ETH/USDT"),
    quantity=Decimal("-0.0096"),
    price=Decimal(3126),
    note="too little to be sold",
    actor=Actor(who="engine", terminal="dust"),
)
SHORT = msgspec.structs.replace(DUST, symbol=Symbol("ETH/USDT:USDT"), quantity=Decimal("-1.5"), note="", actor=ACTOR)


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (DUST, 'engine took 0.0096 ETH at 3,126.0 out of layer-1 ("too little to be sold")'),
        (SHORT, "mira gave -1.5 ETH at 3,126.0 to layer-1"),
        (
            msgspec.structs.replace(fill(1, "0.5", "3000", fee="1.5"), fee_in_kind=Decimal("0.0005")),
            "layer-1 bought 0.5 ETH at 3,000.0, fee $1.50 in ETH (p1)",
        ),
    ],
)
def test_coins_are_told_in_words(fact: Event, said: str) -> None:
    assert [sentence for _, sentence in told([fact], "root")] == [said]


@pytest.mark.parametrize(("me", "said"), [("mira", "you saw alert a ('fine')"), ("root", "mira saw alert a ('fine')")])
def test_who_has_seen_an_alert_is_told_of_oneself_and_of_others(me: str, said: str) -> None:
    fact = AlertAcknowledged(at=START, id="a", who="mira", note="fine")
    assert [sentence.replace('"', "'") for _, sentence in told([fact], me)] == [said]
