"""Decisions as they arrive: several clients at once, a client that may only look, numbers that moved, a full disk."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from engine.adapters.sqlite_journal import SqliteJournal
from engine.core.trading import Trading
from engine.domain.basket import Side
from engine.domain.commands import (
    ApproveProposals,
    CloseBasket,
    Command,
    DepositMoney,
    FlattenAccount,
    HaltTrading,
    HoldProposal,
    OpenBasket,
    Shown,
)
from engine.domain.config import Config
from engine.domain.errors import RefusedError
from engine.domain.events import HistoryLoaded
from engine.domain.facts import ProposalDecided, ProposalEnded, TradeFact
from engine.domain.journal import TRADE_KINDS
from engine.domain.proposal import ProposalState
from engine.domain.trade_views import BlotterView, ProposalsView
from engine.domain.units import Asset, BasketName, ProposalId
from engine.domain.views import BooksView, HealthView, Section
from engine.runtime.engine import Parts
from engine.wire.client import WireClient
from support.books import TestClock, basket, long_basket, small_config, symbol_of
from support.engine_room import SPEED, Listener, connected, parts_on, running, until, venue
from support.fake_market_data import FakeMarketData
from support.sameness import same

LONGS, HEDGED = BasketName("longs"), BasketName("hedged")


def two_baskets() -> Config:
    hedged = basket("hedged", {"AAA": Side.LONG, "DDD": Side.SHORT}, notional=6_000)
    config = small_config(long_basket("longs", "AAA", "BBB", "CCC"), hedged, speed=SPEED)
    return replace(config, venue=replace(config.venue, poll_every_ms=20))


@asynccontextmanager
async def trading(state_dir: Path) -> AsyncIterator[tuple[Parts, WireClient, Listener]]:
    """Run an engine that has history and prices."""
    config = two_baskets()
    parts = parts_on(config, venue(config), TestClock(), state_dir)
    async with running(parts) as (client, listener):
        await listener.wait_for(HistoryLoaded)
        await until(lambda: parts.state.attempt.begun)
        yield parts, client, listener


async def proposals(client: WireClient) -> ProposalsView:
    _, view = await client.fetch(Section.PROPOSALS)
    assert isinstance(view, ProposalsView)
    return view


async def opened(client: WireClient, listener: Listener, name: BasketName) -> None:
    (ident,) = await client.act(OpenBasket(basket=name))
    await client.act(ApproveProposals(shown=await shown(client, ident)))
    assert await ended(listener, ident) is ProposalState.DONE


async def ended(listener: Listener, ident: str) -> ProposalState:
    """Return what a proposal became, once it is over."""
    return (await listener.wait_for(ProposalEnded, lambda fact: fact.proposal == ident)).state


async def shown(client: WireClient, *idents: str) -> tuple[Shown, ...]:
    """Return these proposals as a screen shows them."""
    pending = {view.proposal.id: view.proposal for view in (await proposals(client)).pending}
    return tuple(Shown(id=ProposalId(each), hash=pending[ProposalId(each)].hash) for each in idents)


async def test_of_two_cockpits_and_a_command_exactly_one_approves(tmp_path: Path) -> None:
    async with trading(tmp_path) as (parts, first, listener):
        others = [await connected(parts.server._path, client=name) for name in ("cockpit", "command")]
        for client in others:
            client.listen()
        clients = [first, *others]
        for _ in range(5):
            (ident,) = await first.act(OpenBasket(basket=LONGS))
            seen = [await shown(client, ident) for client in clients]
            answers = await asyncio.gather(
                *(client.act(ApproveProposals(shown=each)) for client, each in zip(clients, seen, strict=True)),
                return_exceptions=True,
            )
            refusals = [str(answer) for answer in answers if isinstance(answer, RefusedError)]
            assert len(refusals) == 2
            assert all(ident in why and ("executed already" in why or "done" in why) for why in refusals)
            assert await ended(listener, ident) is ProposalState.DONE
            (closing,) = await first.act(CloseBasket(basket=LONGS))
            await first.act(ApproveProposals(shown=await shown(first, closing)))
            assert await ended(listener, closing) is ProposalState.DONE
        decided = [event.proposal for event in listener.events if isinstance(event, ProposalDecided)]
        assert len(decided) == len(set(decided)) == 10
        for client in others:
            await client.close()


async def test_a_client_that_may_only_look_decides_nothing(tmp_path: Path) -> None:
    async with trading(tmp_path) as (parts, client, _):
        (ident,) = await client.act(OpenBasket(basket=LONGS))
        looker = await connected(parts.server._path, read_only=True)
        looker.listen()
        commands: list[Command] = [
            ApproveProposals(shown=await shown(looker, ident)),
            HoldProposal(id=ProposalId(ident)),
            OpenBasket(basket=HEDGED),
            FlattenAccount(),
            HaltTrading(),
            DepositMoney(amount=Decimal(1)),
        ]
        for command in commands:
            with pytest.raises(RefusedError, match="read-only"):
                await looker.act(command)
        await looker.close()
        assert [view.state for view in (await proposals(client)).pending] == [ProposalState.PENDING]


async def test_numbers_that_moved_are_refused_and_quoted_again(tmp_path: Path) -> None:
    async with trading(tmp_path) as (parts, client, _):
        (ident,) = await client.act(OpenBasket(basket=LONGS))
        seen = await shown(client, ident)
        with pytest.raises(RefusedError, match="has changed since it was shown"):
            await client.act(ApproveProposals(shown=(Shown(id=seen[0].id, hash="0" * 16),)))
        newest = (await proposals(client)).pending[0].proposal
        assert newest.id == "longs-2"
        market = parts.feed.data_of(symbol_of("AAA"))
        assert isinstance(market, FakeMarketData)
        for path in market.closes.values():
            path[max(at for at in path if at <= market.now_ms)] *= 1.02
        moved = parts.state.quotes[Asset("AAA")]
        await until(lambda: parts.state.quotes[Asset("AAA")].last != moved.last)
        with pytest.raises(RefusedError, match=r"outside of .* a fresh quote is there: longs-3"):
            await client.act(ApproveProposals(shown=(Shown(id=newest.id, hash=newest.hash),)))
        await client.act(ApproveProposals(shown=await shown(client, "longs-3")))


async def test_everything_is_flattened_with_one_confirmation_and_opposite_legs_cross(tmp_path: Path) -> None:
    async with trading(tmp_path) as (_, client, listener):
        for name in (LONGS, HEDGED):
            await opened(client, listener, name)
        idents = await client.act(FlattenAccount())
        assert set(idents) == {"longs-2", "hedged-2"}
        await client.act(ApproveProposals(shown=await shown(client, *idents)))
        for ident in idents:
            assert await ended(listener, ident) is ProposalState.DONE
        _, blotter = await client.fetch(Section.BLOTTER)
        assert isinstance(blotter, BlotterView)
        assert blotter.positions == ()
        closing = [order for order in blotter.orders if "longs-2" in order.proposals or "hedged-2" in order.proposals]
        assert all(order.reduce_only for order in closing)
        assert sorted(order.asset for order in closing) == ["AAA", "BBB", "CCC", "DDD"]  # one order for both AAA legs


async def test_a_full_journal_refuses_decisions_and_leaves_nothing_half_done(tmp_path: Path) -> None:
    async with trading(tmp_path) as (parts, client, listener):
        await opened(client, listener, LONGS)
        before = parts.state.trading.account
        (ident,) = await client.act(CloseBasket(basket=LONGS))
        seen = await shown(client, ident)
        journal = parts.journal
        assert isinstance(journal, SqliteJournal)
        (pages,) = journal._db.execute("PRAGMA page_count").fetchone()
        journal._db.execute(f"PRAGMA max_page_count = {pages}")  # the disk is full: SQLite's own error
        with pytest.raises(RefusedError, match=r"cannot be written .*full.*check the disk"):
            for _ in range(200):  # the last page may still have room for a few facts
                await client.act(DepositMoney(amount=Decimal(1), note="x" * 400))
        await until(lambda: bool(parts.state.attempt.journal_down))
        with pytest.raises(RefusedError, match="nothing can be decided: the journal"):
            await client.act(ApproveProposals(shown=seen))
        _, health = await client.fetch(Section.HEALTH)
        _, books = await client.fetch(Section.BOOKS)
        assert isinstance(health, HealthView)
        assert "cannot be written" in health.journal_trouble
        assert isinstance(books, BooksView)
        assert books.baskets[0].gross > 0
        view = (await proposals(client)).pending[0]
        assert "nothing can be decided" in view.refusal
        kept = Trading(record.fact for record in journal.read(kinds=TRADE_KINDS) if isinstance(record.fact, TradeFact))
        assert same(kept.account, parts.state.trading.account)
        assert kept.account.books == before.books  # the close was not begun
        told = [event for event in listener.events if isinstance(event, ProposalDecided) and event.proposal == ident]
        assert told == []  # and nobody was told that it was
