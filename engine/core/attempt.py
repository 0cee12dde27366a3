"""Owns what the core remembers of its own doing in this life: what was sent, what waits since when, what is wanted.

Nothing here survives a restart and nothing here is a fact: host times and intentions. A new start looks every open
order up before it sends anything (`recovering`).
"""

from dataclasses import dataclass, field
from decimal import Decimal

import msgspec

from engine.core.inputs import AccountStreamReported
from engine.domain.order import VenuePosition
from engine.domain.proposal import ProposalKind
from engine.domain.units import BasketName, ClientOrderId, ProposalId, Symbol


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """A proposal that should be drafted as soon as its prices are there; `edit` keeps the legs of another one."""

    kind: ProposalKind
    cause: str
    reason: str
    since: float  # host seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """By how much the venue differs from the books, and since when (host seconds): a late listing passes by itself."""

    gap: Decimal
    since: float


@dataclass(slots=True)
class Attempt:
    """Host times and intentions of one engine life."""

    seen: dict[ProposalId, float] = field(default_factory=dict)  # host second at which a proposal was first shown
    asked: dict[tuple[BasketName, str], float] = field(default_factory=dict)  # ... its cause was first put to a person
    sent: dict[ClientOrderId, float] = field(default_factory=dict)
    waiting: dict[ClientOrderId, float] = field(default_factory=dict)  # orders that the gate holds back, since when
    recovering: set[ClientOrderId] = field(default_factory=set)  # looked up before anything is sent on them
    looked_up: bool = False
    lost: dict[ClientOrderId, float] = field(default_factory=dict)  # when the outcome of its request got lost
    absent: dict[ClientOrderId, float] = field(default_factory=dict)  # since when the venue says it does not know it
    looked: dict[ClientOrderId, float] = field(default_factory=dict)  # when an unclear order was last looked up
    crossing: set[ClientOrderId] = field(default_factory=set)  # taken back to cross with what is left
    canceling: dict[ClientOrderId, float] = field(default_factory=dict)  # when its cancel was last asked for
    wishes: dict[BasketName, Wish] = field(default_factory=dict)
    positions: tuple[VenuePosition, ...] = ()
    reconciled: bool = False  # positions were listed and compared in this life
    broker_down: str = ""  # why the private side of the venue does not answer
    account_stream: AccountStreamReported = AccountStreamReported(up=False, why="")  # noqa: RUF009 - frozen
    differs: dict[Symbol, Difference] = field(default_factory=dict)  # positions that are not what the books say
    balance_seen: Difference | None = None
    balance_gap: Decimal = Decimal(0)  # the venue's balance beyond the books', once it stood still
    journal_down: str = ""  # why facts cannot be kept: nothing is decided or sent from then on
    books_shown: float = float("-inf")
    begun: bool = False  # the first look at standing alerts, and the demo's opening, are done
