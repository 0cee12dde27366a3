"""Owns the making of proposals from the state: which targets a kind of proposal has, and what it supersedes.

Drafts only; a draft without legs is no proposal and says why. Never approves anything: `decisions` and `automatic` do.
"""

from collections.abc import Collection
from dataclasses import replace
from functools import cached_property

from engine.core.baskets import BasketTrack
from engine.core.outcome import Outcome
from engine.core.record import record
from engine.core.state import EngineState
from engine.core.trade_market import account_value, basket_rho, equity_now, notional_of, picture, sizing_of
from engine.core.trading import planned_margins
from engine.domain.basket import Basket
from engine.domain.facts import ProposalDrafted
from engine.domain.portfolio import ZERO, AccountValue
from engine.domain.proposal import Proposal, ProposalKind
from engine.domain.units import Asset, BasketName, Ms, Symbol
from engine.quant.arrays import Floats
from engine.rebalance.figures import Picture
from engine.rebalance.proposer import Occasion, Standing, Terms, draft, held_values
from engine.rebalance.targets import Targets, closed_targets, sized_targets

_BPS = 1e-4
_ONLY_REDUCTIONS = "volatility is on, so nothing grows"


class Draftsman:
    """One moment of the state, at which any number of proposals is drafted."""

    def __init__(self, state: EngineState, at: Ms) -> None:
        self._state = state
        self._at = at
        self.picture: Picture = picture(state)
        self.equity = equity_now(state)
        self._sized: dict[tuple[BasketName, bool], Targets] = {}
        self._held: dict[BasketName, Floats] = {}

    @cached_property
    def value(self) -> AccountValue:
        """Return the account at this moment, position by position."""
        return account_value(self._state)

    def held(self, basket: Basket) -> Floats:
        """Return what is held of each leg [N], signed money; NaN where it has no price."""
        name = basket.name
        if name not in self._held:
            self._held[name] = held_values(basket, self._state.trading.account.book(name), self.picture)
        return self._held[name]

    def sized(self, track: BasketTrack, *, only_reduce: bool = False) -> Targets:
        """Return what the sizing rule wants the basket to hold now."""
        key = track.basket.name, only_reduce
        if key not in self._sized:
            self._sized[key] = self._targets(track, only_reduce=only_reduce)
        return self._sized[key]

    def _targets(self, track: BasketTrack, *, only_reduce: bool) -> Targets:
        sizing = sizing_of(self._state, track.basket)
        return sized_targets(
            track.basket,
            float(notional_of(track.basket, self.equity)),
            sizing,
            rho_eff=basket_rho(self._state, track, sizing),
            sigma=self.picture.sigma[track.rows],
            held=self.held(track.basket),
            only_reduce=only_reduce,
            figured=not self._state.unwatched,
        )

    def of_kind(self, track: BasketTrack, kind: ProposalKind, *, cause: str, reason: str) -> Proposal:
        """Return a sized proposal. While volatility is on nothing grows but what the trader opens himself."""
        volatile = self._state.signals.volatile(self._at)
        only_reduce = kind is ProposalKind.REDUCE or (volatile and kind is not ProposalKind.OPEN)
        said = reason
        if volatile and kind is ProposalKind.REBALANCE:
            said = f"{reason} ({_ONLY_REDUCTIONS})" if reason else _ONLY_REDUCTIONS
        return self.make(track, kind, self.sized(track, only_reduce=only_reduce), cause=cause, reason=said)

    def closing(self, track: BasketTrack, fraction: float, *, reason: str) -> Proposal:
        """Return the closing of a fraction of every leg."""
        basket = track.basket
        targets = closed_targets(basket, float(notional_of(basket, self.equity)), self.held(basket), fraction)
        return self.make(track, ProposalKind.CLOSE, targets, cause="", reason=reason)

    def edited(self, track: BasketTrack, before: Proposal, drop: Collection[Asset], scale: float) -> Proposal:
        """Return `before` without some of its legs, the others scaled, at the prices of now.

        Where the book has changed since, a leg trades what its own target still lacks, and never the other way.
        """
        held = self.held(track.basket)
        values = held.copy()
        book = {each.symbol: each.quantity for each in self._state.trading.account.book(before.basket).positions}
        for leg in before.legs:
            place = track.basket.assets.index(leg.asset) if leg.asset in track.basket.assets else None
            price = self.picture.price(leg.symbol)
            if place is not None and leg.asset not in drop and price is not None:
                position, way = book.get(leg.symbol, ZERO), leg.side.sign
                quantity = min(leg.quantity, max(ZERO, (leg.target - position) * way))
                book[leg.symbol] = position + way * quantity
                values[place] += scale * float(way * quantity * price)
        sized = self.sized(track)
        changes = [f"without {', '.join(drop)}" if drop else "", f"scaled to {scale:.0%}" if scale != 1 else ""]
        said = ", ".join(change for change in changes if change)
        reason = f"{before.reason} ({said})" if said else before.reason
        targets = replace(sized, values=values)
        edited = before.edited or bool(said)
        return self.make(track, before.kind, targets, cause=before.cause, reason=reason, edited=edited)

    def _margins(self) -> dict[Symbol, float] | None:
        """Return what stands behind each symbol where margins are isolated."""
        if self._state.config.account.margin != "isolated":
            return None
        return {symbol: float(margin) for symbol, margin in planned_margins(self._state.config).items()}

    def make(
        self, track: BasketTrack, kind: ProposalKind, targets: Targets, *, cause: str, reason: str, edited: bool = False
    ) -> Proposal:
        """Return the proposal that leads to `targets`."""
        state, basket = self._state, track.basket
        trading, config = state.trading, state.config
        waiting = trading.board.waiting(basket.name)
        occasion = Occasion(
            id=trading.board.next_id(basket.name),
            kind=kind,
            cause=cause,
            reason=reason,
            at=self._at,
            supersedes=waiting.proposal.id if waiting is not None else None,
            edited=edited,
        )
        standing = Standing(
            book=trading.account.book(basket.name),
            account=trading.account.netted,
            equity=self.equity,
            cost_year=trading.cost_of_year(basket.name, self._at),
            margins=self._margins() if not state.unwatched else None,
        )
        terms = Terms(
            fee_bps=config.account.fee_bps,
            slippage_bps=config.account.slippage_bps,
            valid_ms=config.rules.proposal_expires_ms,
            band=config.limits.max_slippage_bps * _BPS,
            net_tolerance=sizing_of(state, basket).net_tolerance,
            figured=not state.unwatched,
        )
        notional = notional_of(basket, self.equity)
        return draft(basket, notional, targets, occasion, standing, self.picture, terms)


def put_forward(state: EngineState, out: Outcome, at: Ms, proposal: Proposal) -> None:
    """Let a proposal wait for a decision; it takes the place of the one that waited before."""
    record(state, out, ProposalDrafted(at=at, proposal=proposal))
    out.made.append(proposal.id)


def why_nothing(proposal: Proposal) -> str:
    """Return why a draft trades nothing, in words."""
    if not proposal.skipped:
        why = f"its rule cuts nothing now, and {_ONLY_REDUCTIONS}" if _ONLY_REDUCTIONS in proposal.reason else ""
        return f"nothing to do for {proposal.basket}: {why or 'it holds what its rule wants'}"
    reasons = "; ".join(f"{leg.asset} {leg.why}" for leg in proposal.skipped)
    return f"nothing to do for {proposal.basket}: {reasons}"


def is_flat(state: EngineState, basket: BasketName) -> bool:
    """Return True where the basket's book holds nothing."""
    return basket not in state.trading.holding
