"""The correlation lab in the cockpit: a pair is marked and looked into, the triangles turn, the network shows."""

from pathlib import Path

from support.cockpit_pilot import Rig, attached
from support.gallery import cascade


def pair_of(rig: Rig) -> tuple[str, ...]:
    """Return the pair whose figures stand there."""
    strip = next(row for row in rig.rows if "30d" in row and "60d" in row and "90d" in row)
    return tuple(strip[80:].split()[:2])


async def test_keys_move_the_pair_and_never_mark_one_asset_twice(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("m")
        await rig.until(lambda: "common" in rig.text or "n 720" in rig.text)
        assert pair_of(rig) == ("ETH", "SOL")
        await rig.press("j")
        assert pair_of(rig) == ("AVAX", "SOL")
        await rig.press("k", "e")
        assert pair_of(rig) == ("ETH", "AVAX")
        await rig.press("w", "w")
        assert pair_of(rig) == ("ETH", "ADA")
        await rig.press("d")
        await rig.until(lambda: "Δ +.3" in rig.text)
        assert len(set(pair_of(rig))) == 2


async def test_the_triangles_turn_and_the_network_takes_their_place(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("m")
        await rig.until(lambda: "below base  above now" in rig.text)
        for says in ("above Δ", "below calm  above stress", "below 90d  above 30d", "below base  above now"):
            await rig.press("v")
            await rig.until(lambda says=says: says in rig.text)  # type: ignore[misc]
        await rig.press("n")
        await rig.until(lambda: "strongest ties" in rig.text)
        assert "layer-1 majors-hedged" in rig.text
        await rig.press("escape")
        await rig.until(lambda: "strongest pairs" in rig.text)
