"""The trader's own keys: put on, shown everywhere, and refused where they could not work or are a danger."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.domain.errors import ConfigError
from engine.domain.facts import TradingHalted
from support.cockpit_pilot import attached
from support.fake_engine import MONEY
from support.gallery import cascade
from support.some_facts import ACTOR
from tui.cockpit.choice import Page
from tui.cockpit.key_names import Action, Context
from tui.cockpit.keymap import own_keys, wear
from tui.cockpit.keys import KEYS, put_on, row_for


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    put_on(KEYS)


def written(folder: Path, text: str) -> Path:
    path = folder / "keys.toml"
    path.write_text(text, encoding="utf-8")
    return path


async def test_own_keys_do_what_the_old_ones_did_and_are_shown(tmp_path: Path) -> None:
    wear(written(tmp_path, 'blotter = "B"\npalette = ";"\n'))
    async with attached(tmp_path, cascade()) as rig:
        seen: list[Page] = []
        for key in ("b", "B"):
            await rig.press(key)
            seen.append(rig.app.choice.page)
        assert seen == [Page.COCKPIT, Page.BLOTTER]
        await rig.press("semicolon", "b", "l", "o")
        assert any("B " in row and "blotter" in row for row in rig.rows)


async def test_every_hint_on_the_screen_names_the_own_keys(tmp_path: Path) -> None:
    own = {"hold": "J", "half": "M", "newest": "N", "lock": "K", "log_level": "B", "halt": "X", "private": "Q"}
    wear(written(tmp_path, "".join(f'{action} = "{key}"\n' for action, key in own.items())))
    engine = cascade()
    async with attached(tmp_path, engine) as rig:
        await rig.press("a")
        await rig.until(lambda: "J hold" in rig.text and "7 M 2 scale" in rig.text)
        engine.desk.refusals[next(iter(engine.desk.views))] = "ETH left its band"
        engine.add(TradingHalted(at=engine.scene.market_ms, note="lunch", actor=ACTOR))
        engine.touch(*MONEY)
        rig.announce()
        await rig.until(lambda: "X resumes" in rig.rows[1])
        await rig.press("escape", "K", "i")
        await rig.until(lambda: "B level" in rig.text)
        rig.app.choice.notice = None
        await rig.until(lambda: "locked, K unlocks" in rig.rows[-1])
        await rig.press("Q")
        assert "amounts are hidden: Q shows them" in rig.rows[-1]


def test_several_keys_and_signs_are_taken(tmp_path: Path) -> None:
    wear(written(tmp_path, 'next_basket = ["down", "+"]\n'))
    found = [row_for(key, Context.COCKPIT) for key in ("down", "plus")]
    assert [row.action for row in found if row is not None] == [Action.NEXT_BASKET] * 2
    assert row_for("tab", Context.COCKPIT) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('reviev = "A"', "there is no such action"),
        ('review = "alt+a"', "alt+a cannot be a key"),
        ('review = "f5"', "f5 cannot be a key"),
        ('review = "ctrl+shift+a"', "cannot be a key"),
        ("review = 5", "or a list of keys"),
        ('journal = "b"', "both blotter and journal"),
        ('approve = "a"', "its keys are fixed"),
        ('confirm = "H"', "its keys are fixed"),
        ('cancel = "x"', "its keys are fixed"),
        ('halt = "y"', "answers every question and opens none"),
        ('review = ["A", "y"]', "answers every question and opens none"),
        ('note_keep = "e"', "its keys are fixed"),
        ('palette_run = "e"', "its keys are fixed"),
        ('rebalance = "enter"', "hit without looking"),
        ('halt = "space"', "hit without looking"),
        ('quit = "x"', "its keys are fixed"),
        ("review = ", "cannot be read as keys"),
    ],
)
def test_what_could_not_work_is_refused_in_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        own_keys(written(tmp_path, text))
    assert says in "\n".join((str(caught.value), *caught.value.problems))


def test_all_mistakes_are_told_at_once_and_no_file_is_no_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        own_keys(written(tmp_path, 'reviev = "A"\nhalt = "enter"\njournal = "b"\n'))
    assert len(caught.value.problems) >= 3
    wear(tmp_path / "none.toml")
    assert row_for("b", Context.COCKPIT) is not None
