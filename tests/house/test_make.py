"""The tools behind `make`: each can be asked what it does, so none of them has died unseen between two runs by hand."""

import re
import runpy
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TAKES_ARGS = re.findall(r"-m (support\.\w+) \$\(ARGS\)", MAKEFILE)


def test_the_makefile_names_them() -> None:
    assert len(TAKES_ARGS) >= 10


@pytest.mark.parametrize("module", TAKES_ARGS)
def test_it_says_what_it_takes(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", [module, "--help"])
    monkeypatch.delitem(sys.modules, module, raising=False)  # another test of this process may have imported it
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
