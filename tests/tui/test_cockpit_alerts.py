"""Alerts on the screen as text: card, list, situation, status, feed, heat map, at the three designed sizes."""

import dataclasses
import math
import re
from pathlib import Path

import pytest

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import AlertAcknowledged, AlertCleared, AlertRaised, AlertSnoozed, AlertWorsened
from engine.domain.units import HOUR_MS, MINUTE_MS, Asset, BasketName, Ms
from engine.domain.views import Section
from support.cockpit_pilot import Rig, attached
from support.fake_alerts import alarm, calm_down, evidence, ident
from support.fake_engine import FakeEngine
from support.fake_facts import opening, watches
from support.fake_scene import FakeScene

SIZES = [(80, 24), (120, 40), (200, 60)]


def alarmed(panic: float = 0.9) -> FakeEngine:
    """Return an engine with alerts in layer-1 and defi."""
    scene = FakeScene(panic=panic)
    engine = FakeEngine(scene)
    engine.add(*opening(scene), *watches(scene), *alarm(scene))
    return engine


def tell(rig: Rig) -> None:
    """Announce that the board, the books and the health moved."""
    rig.engine.touch(Section.ALERTS, Section.BOOKS, Section.HEALTH)
    rig.announce()


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_an_alert_is_a_sentence_with_counts_at_the_right(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        assert rig.rows[1].startswith(" ◆ layer-1  moving together  mean ρ .75→.91  shift +.5")
        if size[0] == 80:
            assert rig.rows[1].endswith("◆2  ◇6  ~1  ▲9/23 ")
        else:
            assert rig.rows[1].endswith("◆ 2 alerts  ◇ 6 watch  ~ 1 stale  ▲ 9/23 past 3σ ")
        pairs = re.findall(r"\w+·\w+ \.\d\d→\.\d\d", rig.rows[1])
        assert len(pairs) == {80: 0, 120: 0, 200: 3}[size[0]]
        assert "…" not in rig.rows[1]
        assert {len(row) for row in rig.rows} == {size[0]}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_cycle_is_fast_and_the_regime_named(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        assert "FAST 15m" in rig.rows[0]
        assert "STRESS .93" in rig.rows[0]
        assert ("9 of 23 assets past 3 sigma" in rig.rows[0]) is (size[0] == 200)
        rig.engine.add(*calm_down(rig.engine.scene, rig.engine.board.standing))
        rig.engine.scene.panic = 0.0
        tell(rig)
        await rig.until(lambda: "every 4h" in rig.rows[0] and "all quiet" in rig.rows[1])
        assert "past 3σ" not in rig.rows[1]
        assert "▲" not in rig.rows[1]


async def test_a_card_has_the_badge_with_its_age_and_the_bar_down_its_side(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        assert rig.rows[3][:38].endswith(" ◆ ALERT 12m ")
        assert rig.rows[3][39:77].endswith(" ◆ ALERT 1m ")
        assert [row[0] for row in rig.rows[4:11]] == ["▌"] * 7
        assert rig.rows[13][0] == " "  # scaling is on WATCH only
        rig.engine.scene.step += 3  # half an hour of market time
        tell(rig)
        await rig.until(lambda: "◆ ALERT 42m" in rig.rows[3])


async def test_at_80_columns_the_list_and_the_selected_strip_show_it(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed(), size=(80, 24)) as rig:
        assert re.match(r"▌◆ layer-1 .*[+]\.5\d ", rig.rows[4][:39])
        assert rig.rows[5].startswith("▌◆ defi")
        assert rig.rows[6].startswith(" ◇ scaling")
        assert " ◆ ALERT 12m " in rig.rows[12]
        assert rig.rows[13][0] == "▌"


async def test_an_acknowledged_alert_is_calmer_and_a_snoozed_one_is_marked(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        now = rig.engine.scene.market_ms
        rig.engine.add(AlertAcknowledged(at=now, id=ident("layer-1"), who="ops"))
        rig.engine.add(AlertSnoozed(at=now, id=ident("defi"), until=Ms(now + HOUR_MS), who="ops"))
        tell(rig)
        await rig.until(lambda: "◆ ALERT 12m ✓ " in rig.rows[3][:38] and "◆ ALERT 1m z " in rig.rows[3][39:77])
        assert (rig.rows[4][0], rig.rows[4][39]) == (" ", " ")
        fills = {
            segment.style.bgcolor.name
            for strip in rig.app.shown()[1:30]
            for segment in strip.crop(0, 77)
            if segment.style and segment.style.bgcolor and "ALERT" in segment.text
        }
        assert "#ffb01f" not in fills
        assert "z 1 m" in rig.text
        assert "✓ 12 m" in rig.text
        rig.engine.scene.step += 7  # the snooze runs out
        tell(rig)
        await rig.until(lambda: rig.rows[3][39:77].endswith(" ◆ ALERT 1h11 "))
        assert rig.rows[4][39] == "▌"
        assert rig.rows[1].startswith(" ◆ defi ")  # nobody has dealt with this one


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_feed_tells_shape_direction_evidence_and_duration(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        top = next(y for y, row in enumerate(rig.rows) if row.startswith(" drift feed"))
        word = "" if size[0] == 80 else " ALERT     "
        assert re.match(rf"▌03:40  ?◆{word} *defi +moving together  mean ρ \.\d\d→\.\d\d  shift [+]", rig.rows[top + 1])
        assert rig.rows[top + 2].startswith(" 03:29")
        assert "1-h volatility past 3σ in 9 of 23 assets" in rig.text
        scene = rig.engine.scene
        worse = dataclasses_replace(evidence(scene, "defi"), shift=0.71)
        rig.engine.add(AlertWorsened(at=scene.market_ms, id=ident("defi"), evidence=worse, rings=True))
        rig.engine.add(AlertCleared(at=scene.market_ms, id=ident("layer-1"), lasted_ms=12 * MINUTE_MS, shift=0.2))
        tell(rig)
        await rig.until(lambda: "alert over after 12 m  shift +.20" in rig.text)
        assert re.search(r"✓.* layer-1 +alert over after 12 m", rig.text)
        assert re.search(r"◆.* defi +worse  mean ρ .*shift [+]\.71", rig.text)


def dataclasses_replace(found: Evidence, *, shift: float) -> Evidence:
    """Return the evidence with another shift."""
    return Evidence(
        words=found.words, shift=shift, rho_base=found.rho_base, rho_now=found.rho_now, pairs=found.pairs, n=found.n
    )


def leaving(now: Ms) -> AlertRaised:
    """Return the fact that SOL leaves layer-1."""
    return AlertRaised(
        at=now,
        id="layer-1.SOL.20221108T0300",
        kind=AlertKind.ASSET,
        basket=BasketName("layer-1"),
        asset=Asset("SOL"),
        direction=Direction.DOWN,
        evidence=Evidence(words="SOL leaves layer-1", shift=-0.31, rho_base=0.8, rho_now=0.5, residual_z=-4.2, n=700),
        rings=False,
    )


def wild(now: Ms) -> AlertRaised:
    """Return the fact that most of the market broke out."""
    found = Evidence(
        words="14 of 23 assets broke out of their usual hour",
        shift=14 / 23,
        assets=tuple(Asset(name) for name in ("ETH", "SOL", "UNI")),
        peak_sigma=7.3,
    )
    return AlertRaised(
        at=now,
        id="market.vol.20221108T0300",
        kind=AlertKind.VOL,
        basket=None,
        asset=None,
        direction=Direction.UP,
        evidence=found,
        rings=True,
    )


async def test_an_asset_that_leaves_its_basket_is_a_watch_and_the_market_an_alert(tmp_path: Path) -> None:
    scene = FakeScene()
    engine = FakeEngine(scene)
    engine.add(leaving(scene.market_ms))
    async with attached(tmp_path, engine) as rig:
        assert rig.rows[1].startswith(" ◇ layer-1  SOL leaves layer-1  mean ρ .80→.50  excess −.31")
        assert "◇ 1 watch" in rig.rows[1]
        assert re.search(r"◇ ASSET     layer-1 +SOL leaves layer-1", rig.text)
        engine.add(wild(scene.market_ms))
        tell(rig)
        await rig.until(lambda: rig.rows[1].startswith(" ◆ market  14 of 23 assets broke out of their usual hour"))
        assert "◆ 1 alert " in rig.rows[1]
        await rig.press("tab", "enter")
        await rig.until(lambda: "breadth" in rig.text)
        assert ".61 of the watched assets  at most 7.3σ" in rig.text
        assert re.search(r"assets +ETH SOL UNI", rig.text)
        await rig.press("tab")
        await rig.until(lambda: "residual return −4.2σ" in rig.text)
        assert "SOL goes its own way" in rig.text


async def test_the_account_as_a_whole_may_alert(tmp_path: Path) -> None:
    scene = FakeScene()
    engine = FakeEngine(scene)
    found = dataclasses_replace(evidence(scene, "defi"), shift=0.5)
    raised = leaving(scene.market_ms)
    changes = {"kind": AlertKind.BASKET, "basket": BasketName("portfolio"), "asset": None, "evidence": found}
    fields = {name: getattr(raised, name) for name in raised.__struct_fields__} | changes
    engine.add(AlertRaised(**fields))
    async with attached(tmp_path, engine) as rig:
        assert rig.rows[1].startswith(" ◆ portfolio  ")
        assert "account  ◆ ALERT .0s" in rig.rows[2]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_facts_that_are_not_kept_come_before_everything(tmp_path: Path, size: tuple[int, int]) -> None:
    engine = alarmed()
    engine.scene.told["journal_trouble"] = "no space left on the disk"
    async with attached(tmp_path, engine, size=size) as rig:
        assert rig.rows[1].startswith(" ! facts are not being kept: no space left on the disk")
        ink = next(segment for segment in rig.app.shown()[1] if "facts" in segment.text)
        assert ink.style is not None
        assert ink.style.color is not None
        assert ink.style.color.name == "#ffb01f"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_heat_map_marks_watch_and_alert_and_gives_the_limit(tmp_path: Path, size: tuple[int, int]) -> None:
    async with attached(tmp_path, alarmed(), size=size) as rig:
        assert re.search(r"shift [+]\.5\d limit \.40", rig.text)
        left = {80: 40, 120: 78, 200: 147}[size[0]]
        cells = [row[left:] for row in rig.rows[4:23] if re.match(r"  ?[+−]\.\d\d", row[left:])]
        assert sum(row.count("◆") for row in cells[:10]) >= 10
        assert any("◇◆" in row for row in cells)
        await rig.press("tab", "tab")  # scaling: on WATCH only
        await rig.until(lambda: "scaling" in rig.rows[3][left:])
        cells = [row[left:] for row in rig.rows[4:14] if re.match(r"  ?[+−]\.\d\d", row[left:])]
        assert any("◇" in row for row in cells)
        assert not any("◆" in row for row in cells)


async def test_the_matrix_of_all_assets_marks_the_pairs_of_baskets_in_alert(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await rig.press("x")
        await rig.until(lambda: "all assets" in rig.rows[3] and "+." in rig.rows[8])
        marked = sum(row.count("◆+") for row in rig.rows[4:28])
        assert marked == 10 + 6  # the pairs of layer-1 and of defi
        assert "◆ basket in ALERT" in rig.text


async def test_e_asks_for_the_other_estimator_and_n_prints_pair_counts(tmp_path: Path) -> None:
    async with attached(tmp_path, alarmed()) as rig:
        await rig.press("e")
        await rig.until(lambda: "corr pearson layer-1" in rig.rows[3])
        await rig.until(lambda: any(fetch.estimator == "pearson" for fetch in rig.engine.fetched))
        await rig.press("n")
        await rig.until(lambda: "pearson n " in rig.rows[3] and " 720 " in rig.rows[7][78:])
        assert "n common bars, under 480 undefined" in rig.text
        assert re.search(r"[+]\.\d\d", rig.rows[8][78:])  # the value stands under the count
        await rig.press("n", "e")
        await rig.until(lambda: "correlation layer-1" in rig.rows[3])
        await rig.press("w", "e")  # a plain window is pearson of itself
        await rig.until(lambda: "winsorized" in rig.rows[3])


async def test_undefined_never_becomes_a_number_in_an_alert(tmp_path: Path) -> None:
    engine = alarmed()
    found = Evidence(words="moving together", shift=math.nan)
    engine.board.standing = {
        key: dataclasses.replace(alert, evidence=found) for key, alert in engine.board.standing.items()
    }
    async with attached(tmp_path, engine) as rig:
        await rig.press("enter")
        await rig.until(lambda: "no pair is named by this alert" in rig.text)
        assert "nan" not in rig.text
        assert "z –" in rig.text
