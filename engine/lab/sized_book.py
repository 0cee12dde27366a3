"""Owns what the sizing rule would hold of every basket at an instant of a price table, opened from nothing.

The definitions of the engine: the larger of the 30-day and the now correlation, as `[sizing]` says. Prints nothing; the
positions go to the stress figures and the stress lab.
"""

import numpy as np

from engine.adapters.price_file import PriceTable
from engine.domain.basket import Basket
from engine.domain.config import Config, Estimator, SizingConfig
from engine.domain.units import DAY_MS, Asset, BasketName
from engine.lab.correlate import closed_rows, last_returns
from engine.lab.stress_book import Positions, StressMarket
from engine.market.usage import used_history
from engine.quant.arrays import Floats
from engine.quant.comoments import required
from engine.quant.correlation import pearson
from engine.quant.ewma import MEMORY_BARS
from engine.quant.now_history import now_matrix
from engine.quant.returns import log_returns
from engine.rebalance.targets import RHO_MAX, sized_targets, sizing_rho

RISK_DAYS = 30
_NOW_HALFLIVES = 40  # what lies before them weighs 1e-12


def sized_positions(config: Config, market: StressMarket, table: PriceTable) -> Positions:
    """Return the signed money per basket and asset; an asset of undefined correlation opens with nothing."""
    rows = closed_rows(table, market.at)
    closes = table.closes[:rows][:, [table.assets.index(asset) for asset in market.assets]]
    used = used_history(~np.isnan(closes), log_returns(closes), DAY_MS // table.bar_ms)[-1]
    found: dict[BasketName, dict[Asset, float]] = {}
    for basket in config.baskets:
        rule = dict(config.basket_sizing).get(basket.name, config.sizing)
        rho = _rho_eff(config, basket, rule, table, rows)
        places = [market.assets.index(asset) for asset in basket.assets]
        rho[~used[places], :] = np.nan
        rho[:, ~used[places]] = np.nan
        targets = sized_targets(
            basket, float(basket.notional), rule, rho_eff=rho, sigma=market.sigma[places], held=np.zeros(len(places))
        )
        found[basket.name] = dict(zip(basket.assets, targets.values.tolist(), strict=True))
    return found


def _rho_eff(config: Config, basket: Basket, rule: SizingConfig, table: PriceTable, rows: int) -> Floats:
    """Return the signed correlation [n, n] that sizes a basket, in the order of its legs."""
    days = RISK_DAYS if rule.rho == RHO_MAX else int(rule.rho.removesuffix("d"))
    slots = days * DAY_MS // table.bar_ms
    halflife = config.rules.now_halflife_ms / table.bar_ms
    signs = np.array([float(leg.side.sign) for leg in basket.legs])
    window = pearson(_last(basket, table, rows, slots, rule.estimator), required(slots))
    recent = _last(basket, table, rows, max(MEMORY_BARS, round(_NOW_HALFLIVES * halflife)), rule.estimator)
    sides = np.outer(signs, signs)
    return sizing_rho(rule, window * sides, now_matrix(recent, halflife) * sides)


def _last(basket: Basket, table: PriceTable, rows: int, slots: int, method: Estimator) -> Floats:
    found: Floats = last_returns(table, assets=basket.assets, slots=slots, rows=rows, method=method)[-slots:]
    return found
