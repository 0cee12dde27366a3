"""What a correlation rests on, in words."""

import dataclasses

from engine.domain.basket import Side
from engine.domain.events import PairMove
from engine.domain.units import Asset, Symbol, parse_iso
from engine.domain.views import AssetView, PairCounts
from support.fake_scene import FakeScene
from tui.cockpit.glyphs import UNICODE
from tui.cockpit.panels.data_lines import data_lines


def test_the_detail_says_what_a_pair_rests_on_and_since_when_a_young_asset_is_there() -> None:
    basket = FakeScene().books().baskets[0]
    eth, sol = Asset("ETH"), Asset("SOL")
    young = AssetView(
        asset=sol,
        symbol=Symbol("SOL/USDT:USDT"),
        side=Side.LONG,
        history_days=61.0,
        since_ms=parse_iso("2026-05-03T00:00:00Z"),
        used=False,
    )
    counts = PairCounts(first=eth, second=sol, valid={"30": 709, "60": 1429})
    basket = dataclasses.replace(basket, assets=(young,), counts=(counts,))
    move = PairMove(first=sol, second=eth, rho_base=0.5, rho_now=0.8, delta=0.3, z=1.0)
    assert data_lines(UNICODE, basket, move, 90) == [
        "ETH·SOL valid returns 709 of 720 (30d), 1429 of 1440 (60d)",
        "SOL since 2026-05-03, 61 days: shown, not used",
    ]
    assert data_lines(UNICODE, basket, None, 90) == ["SOL since 2026-05-03, 61 days: shown, not used"]
