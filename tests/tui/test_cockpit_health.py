"""The health page: how the engine and its lines are, and its log by level and text."""

from pathlib import Path

from support.cockpit_pilot import attached
from support.gallery import cascade


async def test_the_log_is_shown_by_level_and_by_text(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("i")
        await rig.until(lambda: "4 lines" in rig.text)
        assert "182 MB at most" in rig.text
        assert "journal.db 1.9 MB" in rig.text
        await rig.press("v")
        await rig.until(lambda: "warnings" in rig.text and "2 lines" in rig.text)
        assert "link up" not in rig.text
        await rig.press("v", "v", "slash", "s", "i", "l", "e", "n", "t", "enter")
        await rig.until(lambda: "1 lines" in rig.text)
        assert "silent for 12 s" in rig.text
        await rig.press("escape", "escape")
        await rig.until(lambda: "strongest pairs" in rig.text)


async def test_a_made_up_market_has_no_clock_that_the_hosts_is_compared_with(tmp_path: Path) -> None:
    for market, said in (("sim", "market time is the made-up market's"), ("real", "this host")):
        source = cascade()
        source.scene.market = market
        folder = tmp_path / market
        folder.mkdir()
        async with attached(folder, source) as rig:
            await rig.press("i")
            await rig.until(lambda said=said: said in rig.text)  # type: ignore[misc]
