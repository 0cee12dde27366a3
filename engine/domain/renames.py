"""Owns the renames of assets that are known to have been one for one, so that history under the old name still counts.

Only a table: joining bars is the runtime's, saying so is the core's. A conversion at another ratio is no rename: its
old prices are those of another unit, and they are never scaled.
"""

from engine.domain.units import Asset

RENAMED = {
    Asset("MATIC"): Asset("POL"),
    Asset("FTM"): Asset("S"),
    Asset("EOS"): Asset("A"),
    Asset("RNDR"): Asset("RENDER"),
}
CONVERTED = {Asset("MKR"): (Asset("SKY"), 24_000)}  # one old one became so many new ones


def new_name(asset: Asset) -> Asset | None:
    """Return what `asset` is called since its rename, None where none is known."""
    return RENAMED.get(asset)


def former_name(asset: Asset) -> Asset | None:
    """Return what `asset` was called before its rename, None where none is known."""
    return next((old for old, new in RENAMED.items() if new == asset), None)


def conversion(old: Asset, new: Asset) -> int | None:
    """Return how many `new` one `old` became where that is known not to be one, else None."""
    found = CONVERTED.get(old)
    return found[1] if found is not None and found[0] == new else None
