"""The manual page: every verb with its options, and nothing that troff would stumble over."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from man_page import man_page

ROOT = Path(__file__).resolve().parents[2]


def test_every_verb_and_the_options_of_each_stand_in_the_page() -> None:
    page = man_page()
    for verb in ("demo", "run", "attach", "approve", "notify", "credentials set", "import csv", "export"):
        assert f".SS driftdeck {verb}" in page
    assert r"\fB\-\-read\-only\fR" in page
    assert ".SH EXIT STATUS" in page


def test_the_page_is_installed_with_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/driftdeck.1": "share/man/man1/driftdeck.1"}


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed here: the page is not formatted")
def test_troff_has_nothing_to_complain_about() -> None:
    done = subprocess.run(
        ("groff", "-man", "-Tutf8", "-ww"), input=man_page(), capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "the venue did not answer" in done.stdout


def test_the_list_of_commands_at_80_columns_ends_no_sentence_in_dots() -> None:
    done = subprocess.run(
        (sys.executable, "-m", "tui", "--help"),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
        env={**os.environ, "COLUMNS": "80"},
    )
    _, listed = done.stdout.split("Commands:")
    assert [line for line in listed.splitlines() if line.endswith("...")] == []
