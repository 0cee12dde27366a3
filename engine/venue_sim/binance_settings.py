"""Owns the settings of a Binance USD-M account as routes: leverage, margin type, position mode, brackets, fee rates.

Refusals are the venue's own: what is set already, and what open orders or positions forbid.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from engine.venue_sim.accounts import Account, MarginMode, VenueName
from engine.venue_sim.binance_account_bodies import Row, account_row, text
from engine.venue_sim.binance_bodies import Segment
from engine.venue_sim.binance_parameters import Parameters, asset_of, needed, whole
from engine.venue_sim.binance_refusals import BinanceRefusalError
from engine.venue_sim.exchange import Exchange
from engine.venue_sim.order_desk import FEES
from engine.venue_sim.orders import QUOTE, Market

Handler = Callable[[Account, Parameters, Exchange], object]
Routes = Mapping[tuple[str, str], tuple[Handler, int]]
_FUTURES = Segment.FUTURES
_MOST_LEVERAGE = 50
_MODES = {"CROSSED": MarginMode.CROSS, "ISOLATED": MarginMode.ISOLATED}
_DONE: Row = {"code": 200, "msg": "success"}


def _set_leverage(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset, leverage = asset_of(_FUTURES, given, exchange), whole(given, "leverage", 0)
    if not 1 <= leverage <= _MOST_LEVERAGE:
        raise BinanceRefusalError(-4028, f"Leverage {leverage} is not valid")
    account.leverages[asset] = Decimal(leverage)
    return {"leverage": leverage, "maxNotionalValue": "2000000", "symbol": f"{asset}{QUOTE}"}


def _set_margin_type(account: Account, given: Parameters, exchange: Exchange) -> object:
    asset, mode = asset_of(_FUTURES, given, exchange), _MODES.get(needed(given, "marginType"))
    if mode is None:
        raise BinanceRefusalError(-1130, "Data sent for parameter 'marginType' is not valid.")
    if mode is account.mode(asset):
        raise BinanceRefusalError(-4046, "No need to change margin type.")
    if any(order.request.asset == asset for order in account.open.values()):
        raise BinanceRefusalError(-4047, "Margin type cannot be changed if there exists open orders.")
    if account.position(asset).quantity:
        raise BinanceRefusalError(-4048, "Margin type cannot be changed if there exists position.")
    account.modes[asset] = mode
    return _DONE


def _position_mode(account: Account, _given: Parameters, _exchange: Exchange) -> object:
    return {"dualSidePosition": account.hedge}


def _set_position_mode(account: Account, given: Parameters, _exchange: Exchange) -> object:
    wanted = needed(given, "dualSidePosition").lower() == "true"
    if wanted is account.hedge:
        raise BinanceRefusalError(-4059, "No need to change position side.")
    if any(order.request.market is Market.SWAP for order in account.open.values()):
        raise BinanceRefusalError(-4067, "Position side cannot be changed if there exists open orders.")
    if account.held():
        raise BinanceRefusalError(-4068, "Position side cannot be changed if there exists position.")
    account.hedge = wanted
    return _DONE


def _brackets(_account: Account, given: Parameters, exchange: Exchange) -> object:
    wanted = [asset_of(_FUTURES, given, exchange)] if given.get("symbol") else list(exchange.instant().quotes)
    bracket: Row = {"bracket": 1, "initialLeverage": _MOST_LEVERAGE, "notionalCap": 1_000_000_000, "notionalFloor": 0}
    bracket |= {"maintMarginRatio": 0.01, "cum": 0.0}
    return [{"symbol": f"{asset}{QUOTE}", "notionalCoef": 1.0, "brackets": [bracket]} for asset in wanted]


def _symbol_config(account: Account, given: Parameters, exchange: Exchange) -> object:
    wanted = [asset_of(_FUTURES, given, exchange)] if given.get("symbol") else list(exchange.instant().quotes)
    names = {mode: name for name, mode in _MODES.items()}
    return [
        {
            "symbol": f"{asset}{QUOTE}",
            "marginType": names[account.mode(asset)],
            "isAutoAddMargin": False,
            "leverage": int(account.leverage(asset)),
            "maxNotionalValue": "2000000",
        }
        for asset in wanted
    ]


def _account_config(account: Account, _given: Parameters, exchange: Exchange) -> object:
    row = account_row(account, exchange.instant().quotes)
    kept = {name: row[name] for name in ("feeTier", "canTrade", "canDeposit", "canWithdraw", "multiAssetsMargin")}
    return kept | {"dualSidePosition": account.hedge, "updateTime": 0, "tradeGroupId": -1}


def _many_assets(_account: Account, _given: Parameters, _exchange: Exchange) -> object:
    return {"multiAssetsMargin": False}


def _fees(_account: Account, given: Parameters, exchange: Exchange) -> object:
    taker, maker = FEES[VenueName.BINANCE, Market.SWAP]
    symbol = f"{asset_of(_FUTURES, given, exchange)}{QUOTE}"
    return {"symbol": symbol, "makerCommissionRate": text(maker, 6), "takerCommissionRate": text(taker, 6)}


# By method and path: what answers, and its weight.
SETTINGS: dict[tuple[str, str], tuple[Handler, int]] = {
    ("POST", "/fapi/v1/leverage"): (_set_leverage, 1),
    ("POST", "/fapi/v1/marginType"): (_set_margin_type, 1),
    ("GET", "/fapi/v1/positionSide/dual"): (_position_mode, 30),
    ("POST", "/fapi/v1/positionSide/dual"): (_set_position_mode, 1),
    ("GET", "/fapi/v1/leverageBracket"): (_brackets, 1),
    ("GET", "/fapi/v1/symbolConfig"): (_symbol_config, 5),
    ("GET", "/fapi/v1/accountConfig"): (_account_config, 5),
    ("GET", "/fapi/v1/multiAssetsMargin"): (_many_assets, 30),
    ("GET", "/fapi/v1/commissionRate"): (_fees, 20),
}
