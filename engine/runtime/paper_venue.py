"""Owns the paper venue of an engine: made from what the journal says, fed with the prices that the engine reads.

Names the paper classes for `bootstrap`. Prices reach it after the core, so that an order is judged and filled on the
same quotes.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.adapters.paper_account import Held, MarginRules
from engine.adapters.paper_broker import PaperBroker, PaperTerms
from engine.core.inputs import Input, InstrumentsListed, QuotesArrived
from engine.core.outcome import MovePaperMoney
from engine.core.trading import Trading, planned_margins, working_orders
from engine.domain.config import Config
from engine.domain.market import Instrument, MarketKind
from engine.domain.ports import Clock
from engine.domain.units import Symbol


class PaperVenue:
    """A paper broker and the prices it lives on."""

    def __init__(self, broker: PaperBroker) -> None:
        self.broker = broker
        self._listings: dict[str, Mapping[Symbol, Instrument]] = {}

    def move(self, effect: MovePaperMoney) -> None:
        """Let the account gain money or a position."""
        if effect.symbol is not None:
            self.broker.adopt(effect.symbol, effect.quantity, effect.price)
        if effect.amount:
            self.broker.deposit(effect.amount)

    def hear(self, item: Input, wake: Callable[[], None]) -> None:
        """Take prices and markets from what the feed says."""
        match item:
            case QuotesArrived(quotes=quotes):
                self.broker.take_quotes(quotes)
                wake()
            case InstrumentsListed(listed=listed, venue=venue):
                self._listings[venue] = listed
                self.broker.take_instruments(
                    {s: each for found in self._listings.values() for s, each in found.items()}
                )
            case _:
                pass


def paper_venue(config: Config, trading: Trading, clock: Clock, *, life: str) -> PaperVenue:
    """Return the paper venue as the journal left it; `life` is a number that no earlier start had."""
    account = trading.account
    spot = {name for name, venue in config.book_venues.items() if venue.market is MarketKind.SPOT}
    all_spot = len(spot) == len(config.book_venues)
    broker = PaperBroker(
        clock,
        PaperTerms(
            fee_bps=Decimal(str(config.account.fee_bps)),
            slippage_bps=Decimal(str(config.account.slippage_bps)),
            depth=config.account.paper_depth or None,
        ),
        MarginRules(
            isolated=config.account.margin == "isolated" and not all_spot,
            leverage=config.leverage,
            reserved={} if all_spot else planned_margins(config),
            tiers={},
        ),
        wallet=account.wallet,
        held=[Held(symbol=p.symbol, quantity=p.quantity, cost=p.cost) for p in account.netted],
        working=working_orders(trading),
        funded_until=trading.funded_until,
        life=life,
    )
    return PaperVenue(broker)
