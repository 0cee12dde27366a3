"""The verbs of `driftdeck`: each answers alone as it does among all others."""

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from tui.commands.main import app, spare_other_verbs

VERBS = sorted(getattr(get_command(app), "commands"))  # noqa: B009 - typer types its group as one command


def said(words: list[str]) -> tuple[int, str]:
    found = CliRunner().invoke(app, words, prog_name="driftdeck")
    return found.exit_code, found.output


def only(words: list[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    with monkeypatch.context() as patch:
        patch.setattr(app, "registered_commands", list(app.registered_commands))
        patch.setattr(app, "registered_groups", list(app.registered_groups))
        spare_other_verbs(words)
        return said(words)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_says_the_same_when_the_others_are_not_built(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code, text = said([verb, "--help"])
    assert code == 0
    assert f"driftdeck {verb}" in text
    assert only([verb, "--help"], monkeypatch) == (code, text)


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--nonsense"], ["atach"], ["atach", "attach"], []])
def test_what_names_no_verb_gets_all_of_them(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert only(words, monkeypatch) == said(words)


def test_a_verb_alone_is_built_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(app, "registered_commands", list(app.registered_commands))
        patch.setattr(app, "registered_groups", list(app.registered_groups))
        spare_other_verbs(["setup-venue", "--yes"])
        assert list(getattr(get_command(app), "commands")) == ["setup-venue"]  # noqa: B009 - as above
