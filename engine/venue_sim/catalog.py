"""Owns what the simulated exchange lists: assets, themes, steps, and how each one leans on the market.

Never computes a price: the factor model reads the loadings, the dialect reads the steps. The order of the table is
part of the seeded path (random columns are drawn in it), so new assets go to the end.
"""

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.units import Asset


class Theme(StrEnum):
    """The themes that move together."""

    MAJORS = "majors"
    LAYER_1 = "layer-1"
    DEFI = "defi"
    SCALING = "scaling"
    PAYMENTS = "payments"
    GAMING = "gaming"
    STORAGE = "storage"
    GOLD = "gold"


@dataclass(frozen=True, slots=True, kw_only=True)
class SimAsset:
    """One simulated asset.

    `price` is the level at the first start, `decimals` the digits of a price step, `lot` the quantity step as text.
    `vol` is the calm hourly standard deviation of log returns; `market` and `theme` are shares of its variance.
    `crash` scales how much of an episode's fall it takes, `turnover` is quote currency per day.
    """

    asset: Asset
    price: float
    decimals: int
    lot: str
    theme: Theme
    vol: float = 0.0075
    market: float = 0.45
    theme_share: float = 0.21
    crash: float = 1.0
    turnover: float = 8e7


def _row(  # one line of the table
    name: str,
    price: float,
    decimals: int,
    lot: str,
    theme: Theme,
    *,
    vol: float,
    market: float = 0.45,
    theme_share: float = 0.21,
    crash: float = 1.0,
    turnover: float = 8e7,
) -> SimAsset:
    return SimAsset(
        asset=Asset(name),
        price=price,
        decimals=decimals,
        lot=lot,
        theme=theme,
        vol=vol,
        market=market,
        theme_share=theme_share,
        crash=crash,
        turnover=turnover,
    )


_M, _L1, _D, _S = Theme.MAJORS, Theme.LAYER_1, Theme.DEFI, Theme.SCALING
_P, _G, _F, _AU = Theme.PAYMENTS, Theme.GAMING, Theme.STORAGE, Theme.GOLD

CATALOG: tuple[SimAsset, ...] = (
    _row("BTC", 91_400.0, 1, "0.001", _M, vol=0.0050, market=0.63, theme_share=0.12, crash=0.80, turnover=9e9),
    _row("ETH", 3_120.0, 2, "0.01", _L1, vol=0.0064, market=0.61, theme_share=0.12, crash=0.95, turnover=5e9),
    _row("BNB", 872.0, 1, "0.01", _M, vol=0.0055, market=0.53, theme_share=0.18, crash=0.80, turnover=6e8),
    _row("SOL", 138.0, 2, "0.1", _L1, vol=0.0078, market=0.49, theme_share=0.18, crash=1.10, turnover=3e9),
    _row("AVAX", 14.6, 3, "0.1", _L1, vol=0.0083, market=0.47, theme_share=0.20, crash=1.10, turnover=2e8),
    _row("NEAR", 2.21, 4, "0.1", _L1, vol=0.0090, market=0.45, theme_share=0.20, crash=1.12, turnover=1.5e8),
    _row("APT", 2.86, 4, "0.1", _L1, vol=0.0092, crash=1.15),
    _row("SUI", 1.64, 4, "1", _L1, vol=0.0096, crash=1.15, turnover=5e8),
    _row("DOT", 2.74, 4, "0.1", _L1, vol=0.0080, market=0.49, theme_share=0.20),
    _row("ATOM", 2.94, 4, "0.1", _L1, vol=0.0080, theme_share=0.20),
    _row("XRP", 2.23, 4, "0.1", _P, vol=0.0074, turnover=2e9),
    _row("LTC", 92.4, 2, "0.1", _P, vol=0.0068, market=0.47, turnover=3e8),
    _row("XLM", 0.2563, 5, "1", _P, vol=0.0078, theme_share=0.24),
    _row("BCH", 481.0, 1, "0.01", _P, vol=0.0072, turnover=2e8),
    _row("ADA", 0.4871, 4, "1", _M, vol=0.0078, market=0.54, theme_share=0.16, crash=1.05, turnover=5e8),
    _row("DOGE", 0.1582, 5, "1", _M, vol=0.0084, market=0.53, theme_share=0.14, crash=1.08, turnover=1e9),
    _row("UNI", 6.43, 3, "0.1", _D, vol=0.0086, turnover=1.5e8),
    _row("AAVE", 172.0, 2, "0.01", _D, vol=0.0085, turnover=1.8e8),
    _row("CRV", 0.4312, 4, "0.1", _D, vol=0.0098, crash=1.12),
    _row("LINK", 13.4, 3, "0.1", _D, vol=0.0080, market=0.49, turnover=4e8),
    _row("MKR", 1_482.0, 1, "0.001", _D, vol=0.0078, market=0.41),
    _row("COMP", 34.8, 2, "0.01", _D, vol=0.0088),
    _row("POL", 0.1424, 5, "1", _S, vol=0.0086, theme_share=0.22),
    _row("MATIC", 0.1423, 5, "1", _S, vol=0.0086, theme_share=0.22),
    _row("ARB", 0.2231, 5, "0.1", _S, vol=0.0092, theme_share=0.22, crash=1.10, turnover=1.2e8),
    _row("OP", 0.3344, 5, "0.1", _S, vol=0.0092, theme_share=0.22, crash=1.10, turnover=1.2e8),
    _row("SAND", 0.1641, 5, "1", _G, vol=0.0088, theme_share=0.22, crash=1.08),
    _row("MANA", 0.1748, 5, "1", _G, vol=0.0086, theme_share=0.22, crash=1.06),
    _row("AXS", 1.124, 4, "0.1", _G, vol=0.0092, theme_share=0.22, crash=1.10),
    _row("INJ", 5.93, 3, "0.1", _L1, vol=0.0098, theme_share=0.18, crash=1.15),
    _row("FIL", 1.63, 4, "0.1", _F, vol=0.0088, market=0.49, theme_share=0.10, crash=1.10),
    _row("PAXG", 4_085.0, 2, "0.001", _AU, vol=0.0022, market=0.03, theme_share=0.10, crash=0.06, turnover=4e7),
)
