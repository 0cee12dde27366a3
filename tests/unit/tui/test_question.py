"""A question takes a clear yes for a yes, and everything else for a no."""

import io
from typing import NoReturn

import pytest

from tui.commands.question import says_yes


class Interrupted(io.StringIO):
    def readline(self, size: int | None = -1, /) -> NoReturn:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("stdin", "yes"),
    [
        (io.StringIO("y\n"), True),
        (io.StringIO("Yes \n"), True),
        (io.StringIO("maybe\n"), False),
        (io.StringIO(""), False),
        (Interrupted(), False),
    ],
    ids=["y", "yes", "maybe", "ctrl-d", "ctrl-c"],
)
def test_anything_but_a_clear_yes_is_a_no(
    stdin: io.StringIO, yes: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", stdin)
    assert says_yes("Approve it?") is yes
    assert capsys.readouterr().err.rstrip("\n") == "Approve it? [y/N] "
