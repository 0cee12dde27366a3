"""The board is a fold: raise, worsen, acknowledge, snooze, clear; the most urgent first; snoozed causes do not ring."""

import pytest

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.errors import RefusedError
from engine.domain.events import AlertCleared, AlertRaised, AlertWorsened
from engine.domain.units import HOUR_MS, Asset, BasketName, Ms
from engine.signals.board import PORTFOLIO, Board, alert_id

L1 = BasketName("layer-1")


def evidence(shift: float) -> Evidence:
    return Evidence(words="moving together", shift=shift)


def raised(
    kind: AlertKind, basket: str | None, *, asset: str | None = None, at: int = 0, shift: float = 0.5
) -> AlertRaised:
    name, held = None if basket is None else BasketName(basket), None if asset is None else Asset(asset)
    return AlertRaised(
        at=Ms(at),
        id=alert_id(kind, name, held, Ms(at)),
        kind=kind,
        basket=name,
        asset=held,
        direction=Direction.UP if shift > 0 else Direction.DOWN,
        evidence=evidence(shift),
        rings=True,
    )


def test_an_alert_lives_from_its_message_to_its_recovery() -> None:
    board, event = Board(), raised(AlertKind.BASKET, "layer-1")
    board.apply(event)
    board.apply(AlertWorsened(at=Ms(5), id=event.id, evidence=evidence(0.65), rings=True))
    (entry,) = board.standing
    assert (entry.evidence.shift, entry.spoken_at, entry.raised) == (0.65, 5, event)
    assert board.find(AlertKind.BASKET, L1) == entry
    board.apply(AlertCleared(at=Ms(9), id=event.id, lasted_ms=9, shift=0.2))
    assert board.standing == ()
    assert board.find(AlertKind.BASKET, L1) is None
    assert [one.raised.id for one in board.recent] == [event.id]


def test_the_most_urgent_stands_first() -> None:
    board = Board()
    events = [
        raised(AlertKind.ASSET, "layer-1", asset="SOL", shift=-0.9),
        raised(AlertKind.BASKET, PORTFOLIO),
        raised(AlertKind.VOL, None, shift=0.6),
        raised(AlertKind.BASKET, "defi", shift=-0.8),
        raised(AlertKind.BASKET, "layer-1", shift=0.5),
        raised(AlertKind.BASKET, "memes", shift=0.6),
    ]
    for event in events:
        board.apply(event)
    assert [entry.raised.basket or "market" for entry in board.standing] == [
        "memes",
        "layer-1",
        "defi",
        "market",
        "portfolio",
        "layer-1",
    ]
    board.apply(board.acknowledge(events[5].id, Ms(1), who="me"))
    assert board.standing[0].raised.basket == "layer-1"


def test_what_was_acknowledged_is_news_again_when_it_worsens() -> None:
    board, event = Board(), raised(AlertKind.BASKET, "layer-1")
    board.apply(event)
    fact = board.acknowledge(event.id, Ms(1), who="me", note="seen")
    seen = [board.standing[0].acknowledged]  # a request changes nothing until it is applied
    board.apply(fact)
    seen.append(board.standing[0].acknowledged)
    board.apply(AlertWorsened(at=Ms(2), id=event.id, evidence=evidence(0.7), rings=True))
    assert [*seen, board.standing[0].acknowledged] == [None, fact, None]


def test_a_snoozed_cause_does_not_ring_even_when_it_ends_and_comes_back() -> None:
    board, event = Board(), raised(AlertKind.BASKET, "layer-1")
    board.apply(event)
    board.apply(board.snooze(event.id, Ms(1), until=Ms(4 * HOUR_MS), who="me"))
    cause = (AlertKind.BASKET, L1, None)
    assert not board.may_ring(cause, Ms(2))
    board.apply(AlertCleared(at=Ms(3), id=event.id, lasted_ms=3, shift=0.1))
    assert not board.may_ring(cause, Ms(4 * HOUR_MS - 1))
    assert board.may_ring(cause, Ms(4 * HOUR_MS))
    assert board.may_ring((AlertKind.BASKET, BasketName("defi"), None), Ms(2))
    again = raised(AlertKind.BASKET, "layer-1", at=HOUR_MS)
    board.apply(again)
    assert board.standing[0].snoozed_until == 4 * HOUR_MS


def test_an_asset_that_leaves_never_rings() -> None:
    assert not Board().may_ring((AlertKind.ASSET, L1, Asset("SOL")), Ms(0))


def test_requests_about_alerts_that_do_not_stand_are_refused_by_name() -> None:
    board = Board()
    with pytest.raises(RefusedError, match="open alerts are none"):
        board.acknowledge("nothing", Ms(0), who="me")
    board.apply(raised(AlertKind.BASKET, "layer-1"))
    with pytest.raises(RefusedError, match=r"layer-1\.19700101T0000"):
        board.snooze("nothing", Ms(0), until=Ms(5), who="me")
    with pytest.raises(RefusedError, match="over already"):
        board.snooze("layer-1.19700101T0000", Ms(5), until=Ms(5), who="me")


def test_ids_name_the_cause_and_the_instant() -> None:
    assert alert_id(AlertKind.BASKET, L1, None, Ms(0)) == "layer-1.19700101T0000"
    assert alert_id(AlertKind.VOL, None, None, Ms(HOUR_MS)) == "market.vol.19700101T0100"
