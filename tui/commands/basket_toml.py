"""Owns a ranked basket as TOML: the [[basket]] table that goes into the config. Reads and writes no file."""

import tomlkit
from tomlkit.items import Table

from engine.lab.builder import RankedBasket
from engine.lab.hedge_leg import HEDGE_WEIGHT, Shape

THESIS = "say here why these belong together"


def basket_table(name: str, basket: RankedBasket, shape: Shape, notional: float) -> Table:
    """Return the basket as a [[basket]] table; assets without a weight share what the hedge leg leaves."""
    table = tomlkit.table()
    table["name"] = name
    table["thesis"] = THESIS
    table["notional"] = int(notional) if float(notional).is_integer() else notional
    legs = tomlkit.array()
    own = "short" if shape is Shape.SHORT else ""
    for asset in basket.assets:
        leg = tomlkit.inline_table().append("asset", asset)
        legs.append(leg.append("side", own) if own else leg)
    if basket.hedge is not None:
        leg = tomlkit.inline_table().append("asset", basket.hedge.asset)
        legs.append((leg if own else leg.append("side", "short")).append("weight", HEDGE_WEIGHT))
    table["assets"] = legs
    return table


def basket_toml(name: str, basket: RankedBasket, shape: Shape, notional: float) -> str:
    """Return the table as it would stand in the file."""
    return f"[[basket]]\n{basket_table(name, basket, shape, notional).as_string()}"
