"""The health page: how the engine and its lines are, and its log by level and text."""

from pathlib import Path

import pytest

from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine
from support.fake_room import SAID
from support.fake_scene import FakeScene
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


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
async def test_nothing_that_the_log_or_the_clock_says_is_cut_off(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, cascade(), size=size) as rig:
        await rig.press("i")
        await rig.until(lambda: "4 lines" in rig.text)
        assert {len(row) for row in rig.rows} == {size[0]}
        words = " ".join(" ".join(rig.rows[3:-1]).split())
        for _, source, said in SAID:
            assert source in words
            assert said.split()[-1] in words
        assert "this host's is not compared" in words
        assert "…" not in words


@pytest.mark.parametrize(
    ("told", "says"),
    [
        ({"mode": "demo", "account_streaming": True}, "orders      the venue's stream tells when to ask"),
        (
            {"mode": "demo", "account_stream_why": "the stream is silent"},
            "orders      asked for every two seconds: the stream is silent",
        ),
        ({"mode": "demo"}, "orders      asked for every two seconds while any is under way"),
    ],
)
async def test_it_says_how_orders_are_followed(tmp_path: Path, told: dict[str, object], says: str) -> None:
    engine = FakeEngine(FakeScene(told=told))
    async with attached(tmp_path, engine) as rig:
        await rig.press("i")
        await rig.until(lambda: says in rig.text)


async def test_on_paper_nobody_follows_an_account(tmp_path: Path) -> None:
    async with attached(tmp_path, cascade()) as rig:
        await rig.press("i")
        await rig.until(lambda: "newest fact" in rig.text)
        assert not any(row.startswith(" orders ") for row in rig.rows)
