"""When the bell rings, and which facts of the wire count as heard live."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import AlertRaised, AlertWorsened, EventRecord
from engine.domain.proposal import ProposalKind
from engine.domain.units import BasketName, Ms
from engine.wire.server import WireServer
from support.fake_drafts import Drafter
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene
from tui.cockpit.bell import APART_S, Bell
from tui.cockpit.bridge import Bridge, end
from tui.cockpit.deck import BOOKS, HEALTH, QUOTES, Deck

EVIDENCE = Evidence(words="moving together", shift=0.5)


def raised(number: int, *, rings: bool = True) -> AlertRaised:
    """Return an alert that began."""
    return AlertRaised(
        at=Ms(number),
        id=f"defi.{number}",
        kind=AlertKind.BASKET,
        basket=BasketName("defi"),
        asset=None,
        direction=Direction.UP,
        evidence=EVIDENCE,
        rings=rings,
    )


def test_it_rings_for_what_rings_and_for_nothing_else() -> None:
    now, strokes = 0.0, 0

    def strike() -> None:
        nonlocal strokes
        strokes += 1

    bell = Bell(strike, clock=lambda: now)
    bell.hear([EventRecord(seq=1, event=raised(1, rings=False))])
    assert strokes == 0
    bell.hear([EventRecord(seq=2, event=raised(2)), EventRecord(seq=3, event=raised(3))])
    assert strokes == 1
    now += APART_S / 2
    bell.hear([EventRecord(seq=4, event=raised(4))])
    assert strokes == 1
    now += APART_S / 2
    bell.hear([EventRecord(seq=5, event=AlertWorsened(at=Ms(5), id="defi.4", evidence=EVIDENCE, rings=True))])
    assert strokes == 2
    bell.hear([])
    assert strokes == 2


def test_switched_off_it_is_silent() -> None:
    rung: list[int] = []
    Bell(None).hear([EventRecord(seq=1, event=raised(1))])
    assert rung == []


async def test_history_at_attach_is_not_heard_but_what_comes_after_and_what_a_lost_line_missed_is(
    tmp_path: Path,
) -> None:
    engine, deck, socket = FakeEngine(FakeScene()), Deck(), tmp_path / "e.sock"
    engine.add(raised(1), raised(2))
    heard: list[int] = []

    def hear(records: Iterable[EventRecord]) -> None:
        heard.extend(record.seq for record in records)

    async def until(number: int) -> None:
        async with asyncio.timeout(5):
            while deck.seq < number:  # noqa: ASYNC110 - asks the state, which has no event of its own
                await asyncio.sleep(0.01)

    server = WireServer(socket, engine)
    await server.start()
    bridge = Bridge(socket=socket, deck=deck, wants=lambda: [HEALTH, QUOTES, BOOKS], changed=lambda: None, heard=hear)
    task = asyncio.create_task(bridge.run())
    try:
        await until(2)
        assert heard == []
        engine.add(raised(3))
        server.announce()
        await until(3)
        assert heard == [3]
        await server.stop()
        engine.add(raised(4))
        await server.start()
        bridge.retry_now()
        await until(4)
        assert heard == [3, 4]
    finally:
        await end([task])
        await server.stop()


def test_a_proposal_that_comes_with_its_alert_does_not_ring_again() -> None:
    now, strokes = 0.0, 0

    def strike() -> None:
        nonlocal strokes
        strokes += 1

    bell = Bell(strike, clock=lambda: now)
    drafted = Drafter(FakeScene(panic=0.9)).draft("defi", ProposalKind.REBALANCE, 0.3)
    bell.hear([EventRecord(seq=1, event=raised(1)), EventRecord(seq=2, event=drafted)])
    assert strokes == 1
    now += 10 * APART_S
    bell.hear([EventRecord(seq=3, event=drafted)])
    assert strokes == 1
