"""Owns the requests a client may make of the engine, imperative. The engine answers each with done or a refusal.

Every request is refused on a read-only connection. What drafts a proposal only drafts it: money moves when somebody
approves exactly those numbers.
"""

from decimal import Decimal

import msgspec

from engine.domain.units import Asset, BasketName, ClientOrderId, ProposalId, Symbol


class StopEngine(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """End the engine process in an orderly way."""


class AcknowledgeAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person has seen an alert: it speaks again only when it worsens."""

    id: str
    note: str = ""


class SnoozeAlert(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No ringing from this alert's cause for a while of market time."""

    id: str
    for_ms: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal as somebody saw it: `hash` covers every number that was on the screen."""

    id: ProposalId
    hash: str


class ApproveProposals(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Execute these proposals, all or none; several go out together, netted (`flatten`)."""

    shown: tuple[Shown, ...]
    note: str = ""


class HoldProposal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Do not trade: its cause is silent until it worsens."""

    id: ProposalId
    note: str = ""


class SnoozeProposal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Decide later: nothing is drafted for this basket by itself for a while of market time."""

    id: ProposalId
    for_ms: int


class EditProposal(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draft the same proposal without some legs, or with every leg scaled to a fraction; it supersedes the old one."""

    id: ProposalId
    drop: tuple[Asset, ...] = ()
    scale: float = 1.0


class OpenBasket(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draft the opening trades of a basket that is flat."""

    basket: BasketName


class RebalanceBasket(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draft a rebalance because the trader wants one; `note` says why (the thesis changed)."""

    basket: BasketName
    note: str


class CloseBasket(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draft the closing of a basket, or of a fraction of every leg."""

    basket: BasketName
    fraction: float = 1.0


class FlattenAccount(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Draft the closing of everything that is held, one proposal a basket."""


class AdoptPosition(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Give a signed quantity that the account holds already to a basket; without a price at the present one."""

    basket: BasketName
    asset: Asset
    quantity: Decimal
    price: Decimal | None = None
    note: str = ""


class DepositMoney(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Put paper money into the account."""

    amount: Decimal
    note: str = ""


class WithdrawMoney(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take paper money out of the account."""

    amount: Decimal
    note: str = ""


class ResolveOrder(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Say by hand what became of an order whose outcome is unknown: all that was filled of it, at which price."""

    id: ClientOrderId
    filled: Decimal
    price: Decimal | None = None
    note: str = ""


class AcceptVenue(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Take the venue's word: on a frozen symbol, or on the balance where no symbol is named."""

    symbol: Symbol | None = None


class HaltTrading(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """No order leaves from now on, and what is open is canceled; survives restarts."""

    note: str = ""


class ResumeTrading(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Orders may leave again."""

    note: str = ""


AlertCommand = AcknowledgeAlert | SnoozeAlert
TradeCommand = (
    ApproveProposals
    | HoldProposal
    | SnoozeProposal
    | EditProposal
    | OpenBasket
    | RebalanceBasket
    | CloseBasket
    | FlattenAccount
    | AdoptPosition
    | DepositMoney
    | WithdrawMoney
    | ResolveOrder
    | AcceptVenue
    | HaltTrading
    | ResumeTrading
)
CoreCommand = AlertCommand | TradeCommand  # what the core does; the rest is the process's own
Command = StopEngine | CoreCommand
