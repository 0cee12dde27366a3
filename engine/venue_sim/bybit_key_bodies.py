"""Owns what Bybit v5 says of a key and of the account's set-up: permissions, margin mode, fee rates, coins.

It maps; it decides nothing. A key that may withdraw shows it in its Wallet permissions.
"""

from collections.abc import Iterable

from engine.venue_sim.accounts import Account, VenueName
from engine.venue_sim.bybit_private_bodies import MODES, Row, text
from engine.venue_sim.order_desk import FEES
from engine.venue_sim.orders import QUOTE, Market


def key_result(account: Account) -> Row:
    """Return the key and its permissions."""
    key = account.key
    trades = key.may_trade
    return {
        "id": str(2_208_000 + account.number),
        "note": "simulated",
        "apiKey": key.key,
        "readOnly": int(key.read_only),
        "secret": "",
        "permissions": {
            "ContractTrade": ["Order", "Position"] if trades else [],
            "Spot": ["SpotTrade"] if trades else [],
            "Wallet": ["AccountTransfer", *(["Withdraw"] if key.may_withdraw else [])],
            "Options": [],
            "Derivatives": ["DerivativesTrade"] if trades else [],
            "CopyTrading": [],
            "BlockTrade": [],
            "Exchange": [],
            "NFT": [],
            "Affiliate": [],
            "Earn": [],
        },
        "ips": ["*"],
        "type": 1,
        "deadlineDay": 83,
        "expiredAt": "2027-02-17T00:00:00Z",
        "createdAt": "2026-11-19T00:00:00Z",
        "unified": 0,
        "uta": 1,
        "userID": 1_448_000 + account.number,
        "inviterID": 0,
        "vipLevel": "No VIP",
        "mktMakerLevel": "0",
        "affiliateID": 0,
        "rsaPublicKey": "",
        "isMaster": True,
        "parentUid": "0",
        "kycLevel": "LEVEL_1",
        "kycRegion": "",
    }


def account_result(account: Account) -> Row:
    """Return the account's mode."""
    return {
        "marginMode": MODES[account.margin_mode],
        "updatedTime": "1697078946000",
        "unifiedMarginStatus": 5,
        "dcpStatus": "OFF",
        "timeWindow": 10,
        "smpGroup": 0,
        "isMasterTrader": False,
        "spotHedgingStatus": "OFF",
    }


def fee_rows(market: Market, symbols: Iterable[str]) -> list[Row]:
    """Return the fee rates of symbols."""
    taker, maker = FEES[VenueName.BYBIT, market]
    return [
        {"symbol": symbol, "baseCoin": "", "takerFeeRate": text(taker), "makerFeeRate": text(maker)}
        for symbol in symbols
    ]


def coin_rows(coins: Iterable[str]) -> list[Row]:
    """Return the coins the venue knows; chains are not simulated, nothing can be withdrawn."""
    return [{"name": coin, "coin": coin, "remainAmount": "0", "chains": []} for coin in (QUOTE, *coins)]
