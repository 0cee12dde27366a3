"""The wire over a real UNIX socket: fetch, announce, resume, refuse, survive nonsense and slow readers."""

import asyncio
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from engine.domain.commands import Command, StopEngine
from engine.domain.errors import NoEngineError, RefusedError
from engine.domain.events import EventRecord, QuoteWentStale
from engine.domain.facts import Actor
from engine.domain.units import Asset, Ms
from engine.domain.views import QuoteRow, QuotesView, Section
from engine.wire.client import Facts, ProtocolError, Pulse, WireClient
from engine.wire.codec import MAX_FRAME, encode_frame, encode_view, read_server_message
from engine.wire.messages import PROTOCOL, Fetch, Hello, Refusal
from engine.wire.server import CUT_OFF_ABOVE, SKIP_PULSES_ABOVE, WireServer

VIEW = QuotesView(rows=(QuoteRow(asset=Asset("ETH"), symbol="ETH/USDT:USDT", last=3012.4, age_s=0.2),))  # type: ignore[arg-type]


class ScriptedSource:
    """A view source whose events and versions a test sets."""

    def __init__(self) -> None:
        self.epoch = 7
        self.pid = 4127
        self.records: list[EventRecord] = []
        self.lost_before = 0
        self.version = 1
        self.acts: list[Command] = []

    def add_events(self, count: int) -> None:
        for _ in range(count):
            event = QuoteWentStale(at=Ms(0), asset=Asset("ETH"), age_s=20.0)
            self.records.append(EventRecord(seq=len(self.records) + 1, event=event))

    def pulse(self) -> Pulse:
        return Pulse(beat=1, market_ms=Ms(5), seq=len(self.records), versions={Section.QUOTES: self.version})

    def events_after(self, seq: int, limit: int) -> tuple[Sequence[EventRecord], bool]:
        kept = [record for record in self.records if record.seq > max(seq, self.lost_before)]
        return kept[:limit], seq < self.lost_before

    def snapshot(self, fetch: Fetch) -> tuple[int, bytes]:
        if fetch.section is not Section.QUOTES:
            raise RefusedError("only quotes here")
        return self.version, encode_view(VIEW)

    async def act(self, command: Command, actor: Actor) -> tuple[str, ...]:
        self.acts.append(command)
        return ()


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[tuple[WireServer, ScriptedSource]]:
    source = ScriptedSource()
    server = WireServer(path, source)
    await server.start()
    try:
        yield server, source
    finally:
        await server.stop()


class Heard:
    """What a client was told."""

    def __init__(self) -> None:
        self.pulses: asyncio.Queue[Pulse] = asyncio.Queue()
        self.facts: asyncio.Queue[Facts] = asyncio.Queue()

    def listen(self, client: WireClient) -> None:
        client.listen(on_pulse=self.pulses.put_nowait, on_facts=self.facts.put_nowait)


async def test_the_socket_belongs_to_its_owner_alone_and_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    async with served(path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_a_view_arrives_as_it_was_sent(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        source.version = 42
        client = await WireClient.connect(tmp_path / "s")
        client.listen()
        version, view = await client.fetch(Section.QUOTES)
        assert (version, view.rows[0].last) == (42, 3012.4)  # type: ignore[union-attr]
        assert client.welcome.pid == 4127
        await client.close()


async def test_many_fetches_at_once_each_get_their_own_answer(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        client = await WireClient.connect(tmp_path / "s")
        client.listen()
        asked = [client.fetch(Section.QUOTES), client.fetch(Section.BOOKS), client.fetch(Section.QUOTES)]
        first, second, third = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(first, tuple)
        assert isinstance(third, tuple)
        assert str(second) == "only quotes here"
        await client.close()


async def test_announcements_and_events_come_in_order_and_once(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (server, source):
        source.add_events(3)
        client = await WireClient.connect(tmp_path / "s")
        heard = Heard()
        heard.listen(client)
        first = await heard.facts.get()
        source.add_events(2)
        server.announce()
        server.announce()
        second = await heard.facts.get()
        assert [r.seq for r in (*first.records, *second.records)] == [1, 2, 3, 4, 5]
        assert heard.facts.empty()
        await client.close()


async def test_a_client_resumes_where_it_was(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        source.add_events(10)
        client = await WireClient.connect(tmp_path / "s", epoch=7, resume_after=8)
        heard = Heard()
        heard.listen(client)
        facts = await heard.facts.get()
        assert ([r.seq for r in facts.records], facts.gap) == ([9, 10], False)
        await client.close()


async def test_another_life_of_the_engine_starts_from_its_first_event(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        source.add_events(2)
        client = await WireClient.connect(tmp_path / "s", epoch=6, resume_after=900)
        heard = Heard()
        heard.listen(client)
        assert [r.seq for r in (await heard.facts.get()).records] == [1, 2]
        await client.close()


async def test_events_that_are_no_longer_kept_are_said_to_be_missing(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        source.add_events(10)
        source.lost_before = 6
        client = await WireClient.connect(tmp_path / "s", epoch=7, resume_after=2)
        heard = Heard()
        heard.listen(client)
        facts = await heard.facts.get()
        assert (facts.gap, facts.records[0].seq) == (True, 7)
        await client.close()


async def test_a_read_only_connection_cannot_act(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        client = await WireClient.connect(tmp_path / "s", read_only=True)
        client.listen()
        with pytest.raises(RefusedError, match="read-only"):
            await client.act(StopEngine())
        assert source.acts == []
        await client.close()


async def test_an_act_reaches_the_engine(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (_, source):
        client = await WireClient.connect(tmp_path / "s")
        client.listen()
        await client.act(StopEngine())
        assert source.acts == [StopEngine()]
        await client.close()


async def test_nobody_there_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(NoEngineError, match="driftdeck run"):
        await WireClient.connect(tmp_path / "nobody")


async def test_another_protocol_is_refused_with_advice(tmp_path: Path) -> None:
    async with served(tmp_path / "s"):
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        writer.write(encode_frame(Hello(protocol=PROTOCOL + 1, client="later", read_only=False)))
        answer = await read_server_message(reader)
        assert isinstance(answer, Refusal)
        assert "restart the older one" in answer.why
        writer.close()


@pytest.mark.parametrize(
    "nonsense",
    [b"GET / HTTP/1.1\r\n\r\n", (MAX_FRAME + 1).to_bytes(4, "big"), b"\x00\x00\x00\x02\xff\xff", b"\x00"],
    ids=["http", "too long", "not msgpack", "cut off"],
)
async def test_nonsense_ends_its_own_connection_only(tmp_path: Path, nonsense: bytes) -> None:
    async with served(tmp_path / "s"):
        good = await WireClient.connect(tmp_path / "s")
        good.listen()
        reader, writer = await asyncio.open_unix_connection(str(tmp_path / "s"))
        writer.write(nonsense)
        writer.write_eof()
        await reader.read()
        writer.close()
        assert (await good.fetch(Section.QUOTES))[0] == 1
        await good.close()


async def test_a_lost_engine_fails_what_is_waiting(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (server, _):
        client = await WireClient.connect(tmp_path / "s")
        client.listen()
        await server.stop()
        assert "closed" in await client.lost
        with pytest.raises(NoEngineError):
            await client.fetch(Section.QUOTES)
        await client.close()


async def test_a_reader_that_sleeps_costs_bounded_memory_and_loses_no_event(tmp_path: Path) -> None:
    async with served(tmp_path / "s") as (server, source):
        sleeper = await WireClient.connect(tmp_path / "s")  # never listens yet
        await asyncio.sleep(0)
        for _ in range(200):
            source.add_events(100)
            server.announce()
        waiting = max(c.backlog for c in server._connections.values() if c is not None)
        assert waiting < SKIP_PULSES_ABOVE + 200_000 < CUT_OFF_ABOVE
        heard = Heard()
        heard.listen(sleeper)
        seen: list[int] = []
        while len(seen) < 20_000:
            if heard.facts.empty():
                server.announce()
            seen += [r.seq for r in (await heard.facts.get()).records]
        assert seen == list(range(1, 20_001))
        await sleeper.close()


async def test_an_engine_that_says_nothing_sensible_is_a_protocol_error(tmp_path: Path) -> None:
    async def shout(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(encode_frame(Refusal(id=0, why="too many cooks")))
        writer.close()

    server = await asyncio.start_unix_server(shout, path=str(tmp_path / "s"))
    with pytest.raises(ProtocolError, match="too many cooks"):
        await WireClient.connect(tmp_path / "s")
    server.close()
    await server.wait_closed()
