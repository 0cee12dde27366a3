"""A real key of Binance on spot, and fees that BNB pays: answers that the simulated exchange never gives."""

from decimal import Decimal
from typing import Any

import pytest

from engine.adapters.binance_spot_account import BinanceSpotAccount
from engine.adapters.key_permissions import Access
from engine.domain.config import Mode
from engine.domain.errors import BadVenueAnswerError, RefusedError
from engine.domain.units import Ms, Symbol

ETH, BNB = Symbol("ETH/USDT"), Symbol("BNB/USDT")
MAY_TRADE = {"enableWithdrawals": False, "enableSpotAndMarginTrading": True}
BURNS = {"spotBNBBurn": True, "interestBNBBurn": False}


class Answering:
    """A ccxt object whose routes answer what a test has set; one that is not set is not asked for."""

    def __init__(self, **answers: object) -> None:
        markets = {str(s): {"id": s.replace("/", ""), "symbol": s, "baseId": s.partition("/")[0]} for s in (ETH, BNB)}
        self.markets: dict[str, dict[str, Any]] = {name: each | {"spot": True} for name, each in markets.items()}
        self.markets_by_id = {each["id"]: [each] for each in self.markets.values()}
        self._answers = answers

    def market(self, symbol: str) -> dict[str, Any]:
        """Return a market."""
        return self.markets[symbol]

    def __getattr__(self, route: str) -> Any:
        answer = self._answers[route]

        async def ask(_told: object = None) -> object:
            return answer

        return ask


def account(*symbols: Symbol, mode: Mode = Mode.LIVE, **answers: object) -> BinanceSpotAccount:
    return BinanceSpotAccount(Answering(**answers), "USDT", symbols, mode)


@pytest.mark.parametrize(("may", "access"), [(True, Access.TRADE), (False, Access.READ_ONLY)])
async def test_a_key_trades_where_its_rights_name_spot(may: bool, access: Access) -> None:
    rights = MAY_TRADE | {"enableSpotAndMarginTrading": may}
    assert (await account(ETH, sapiGetAccountApiRestrictions=rights).admit()).access is access


@pytest.mark.parametrize(
    ("symbols", "rights", "burns", "said"),
    [
        ((ETH,), MAY_TRADE | {"enableWithdrawals": True}, BURNS, "may withdraw"),
        ((ETH, BNB), MAY_TRADE, BURNS, "switch 'use BNB for fees' off"),
    ],
)
async def test_a_key_that_may_withdraw_and_fees_that_eat_a_coin_of_the_book_are_refused(
    symbols: tuple[Symbol, ...], rights: dict[str, bool], burns: dict[str, bool], said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        await account(*symbols, sapiGetAccountApiRestrictions=rights, sapiGetBnbBurn=burns).admit()


async def test_bnb_may_be_in_the_book_where_it_pays_no_fees() -> None:
    no = BURNS | {"spotBNBBurn": False}
    found = await account(ETH, BNB, sapiGetAccountApiRestrictions=MAY_TRADE, sapiGetBnbBurn=no).admit()
    assert found.access is Access.TRADE
    with pytest.raises(BadVenueAnswerError, match="paid in BNB"):
        await account(BNB, sapiGetAccountApiRestrictions=MAY_TRADE, sapiGetBnbBurn={}).admit()


async def test_a_practice_account_says_whether_it_may_trade() -> None:
    practice = account(ETH, mode=Mode.DEMO, privateGetAccount={"canTrade": True, "balances": []})
    assert (await practice.admit()).notes == ("binance tells what a key may withdraw in live mode only",)
    with pytest.raises(BadVenueAnswerError, match="whether the account may trade"):
        await account(ETH, mode=Mode.DEMO, privateGetAccount={}).admit()


@pytest.mark.parametrize(
    ("coin", "buys", "kept", "fee", "elsewhere"),
    [
        ("ETH", True, "0.0005", "1.5", ""),
        ("USDT", False, "0", "0.0005", ""),
        ("BNB", True, "0", "0", "0.0005 BNB"),
        ("BNB", False, "0", "0", "0.0005 BNB"),
    ],
)
async def test_every_fee_is_booked_in_the_coin_that_paid_it(
    coin: str, buys: bool, kept: str, fee: str, elsewhere: str
) -> None:
    trade = {
        "id": 7, "orderId": 5, "qty": "0.50000000", "price": "3000.00000000", "commission": "0.00050000",
        "commissionAsset": coin, "isBuyer": buys, "time": 1_795_000_000_000,
    }  # fmt: skip
    ours = account(
        ETH,
        privateGetAccount={"balances": []},
        privateGetMyTrades=[trade],
        privateGetOrder={"orderId": 5, "clientOrderId": "dda1"},
    )
    (fill,) = await ours.fills(Ms(1_795_000_000_000 - 1), Ms(1_795_000_000_000 + 1))
    assert (fill.symbol, fill.client_order_id, fill.side) == (ETH, "dda1", "buy" if buys else "sell")
    assert (fill.fee_in_kind, fill.fee, fill.elsewhere) == (Decimal(kept), Decimal(fee), elsewhere)
