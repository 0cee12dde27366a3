"""`driftdeck init` and `driftdeck check`: what init writes is complete and passes; what check says is clear."""

import json
import stat
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from engine.adapters.config_file import load_config
from engine.adapters.config_model import SECTIONS
from engine.adapters.config_template import STARTER_BASKETS
from engine.adapters.paths import config_path
from engine.domain.config import Config
from engine.domain.errors import ConfigError, ExitCode, RefusedError, StoreError
from tui.commands.check import check
from tui.commands.init import init


class Terminal:
    """Stands for a stdin that is, or is not, a terminal."""

    def __init__(self, *, tty: bool) -> None:
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty


@pytest.fixture(autouse=True)
def own_places(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "platform"))
    monkeypatch.delenv("DRIFTDECK_CONFIG", raising=False)


def answers(monkeypatch: pytest.MonkeyPatch, *given: str) -> list[str]:
    """Sit a person at the terminal who types `given`, then Enter for ever; returns the questions asked."""
    asked: list[str] = []
    typed = iter(given)

    def prompt(question: str, default: str) -> str:
        asked.append(question)
        return next(typed, "") or default

    monkeypatch.setattr(sys, "stdin", Terminal(tty=True))
    monkeypatch.setattr(typer, "prompt", prompt)
    return asked


def test_what_init_writes_passes_and_equals_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    init(path, yes=True)
    loaded = load_config(path)
    assert replace(loaded.config, baskets=()) == Config()
    assert tuple(basket.name for basket in loaded.config.baskets) == STARTER_BASKETS
    assert any(basket.hedged for basket in loaded.config.baskets)
    assert all("majors-hedged" in line for line in loaded.warnings)


def test_what_init_writes_holds_every_key_there_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    init(path, yes=True)
    table = tomllib.loads(path.read_text())
    for section, model in SECTIONS.items():
        if section != "simulation":  # the demo's own
            assert table[section].keys() == model.model_fields.keys()
    assert max(len(line) for line in path.read_text().splitlines()) <= 120


def test_the_file_is_private_and_nothing_else_is_left_behind(tmp_path: Path) -> None:
    init(tmp_path / "new" / "config.toml", yes=True)
    (only,) = (tmp_path / "new").iterdir()
    assert only.name == "config.toml"
    assert stat.S_IMODE(only.stat().st_mode) == 0o600


def test_init_says_where_it_wrote_and_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    init(None, yes=True)
    said = capsys.readouterr().out
    assert f"wrote {config_path()} with 6 baskets" in said
    assert config_path().exists()
    assert "Next: driftdeck check, then driftdeck run" in said
    init(tmp_path / "my.toml", yes=True)
    assert f"driftdeck check --config {tmp_path / 'my.toml'}" in capsys.readouterr().out


def test_init_overwrites_only_with_force(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("# mine\n")
    with pytest.raises(RefusedError, match="--force"):
        init(path, yes=True)
    assert path.read_text() == "# mine\n"
    init(path, yes=True, force=True)
    assert load_config(path).config.baskets


def test_without_a_terminal_init_asks_for_yes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(tty=False))
    with pytest.raises(ConfigError, match="driftdeck init --yes") as caught:
        init(tmp_path / "config.toml")
    assert caught.value.exit_code is ExitCode.USAGE
    assert not (tmp_path / "config.toml").exists()


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be written"):
        init(tmp_path / "file" / "config.toml", yes=True)


def test_a_person_who_presses_enter_gets_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = answers(monkeypatch)
    init(tmp_path / "asked.toml")
    init(tmp_path / "yes.toml", yes=True)
    assert len(asked) == 5
    assert (tmp_path / "asked.toml").read_text() == (tmp_path / "yes.toml").read_text()


def test_answers_are_asked_again_until_they_make_sense(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = answers(
        monkeypatch,
        "binanec",
        "binance",
        "futures",
        "spot",
        "-3",
        "much",
        "1,234.5",
        "defy",
        "defi, gaming",
        "always",
        "auto_reduce",
    )
    init(tmp_path / "config.toml")
    config = load_config(tmp_path / "config.toml").config
    assert (config.venue.id, config.venue.market, str(config.account.equity)) == ("binance", "spot", "1234.5")
    assert [basket.name for basket in config.baskets] == ["defi", "gaming"]
    assert {basket.decision for basket in config.baskets} == {"auto_reduce"}
    assert len(asked) == 11
    assert 'did you mean "binance"' in capsys.readouterr().out


def test_on_spot_no_hedged_basket_is_proposed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answers(monkeypatch, "", "spot")
    init(tmp_path / "config.toml")
    baskets = load_config(tmp_path / "config.toml").config.baskets
    assert [basket.name for basket in baskets] == list(STARTER_BASKETS[:-1])


def test_check_sums_a_good_config_up_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    init(path, yes=True)
    capsys.readouterr()
    check(path)
    said = capsys.readouterr()
    assert said.out == (f"{path} is fine: 6 baskets, 22 assets, bybit swap in USDT, paper mode, equity 50,000 USD\n")
    assert [line.split(" (")[0] for line in said.err.splitlines()] == [f"warning: {path}: basket[5].assets"]


def test_check_as_json_is_one_document_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    init(path, yes=True)
    capsys.readouterr()
    check(path, as_json=True)
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert said.err == ""
    assert document["ok"] is True
    assert document["baskets"] == list(STARTER_BASKETS)
    assert len(document["assets"]) == 22
    assert document["venue"] == {"id": "bybit", "market": "swap", "quote": "USDT"}
    assert (document["mode"], len(document["warnings"])) == ("paper", 1)


def test_check_raises_every_mistake_and_lists_them_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[venue]\nmode = "paepr"\n[account]\nequity = -1\n')
    with pytest.raises(ConfigError) as caught:
        check(path)
    assert len(caught.value.problems) == 2
    assert str(caught.value).splitlines()[0] == f"2 mistakes in the config {path}:"
    with pytest.raises(ConfigError):
        check(path, as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["ok"] is False
    assert document["errors"] == list(caught.value.problems)


def test_check_of_a_missing_file_points_to_init(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigError, match="driftdeck init"):
        check(tmp_path / "gone.toml", as_json=True)
    assert "driftdeck init" in json.loads(capsys.readouterr().out)["errors"][0]
