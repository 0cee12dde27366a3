"""A demo on a state directory that was used before: it goes on, and never goes back or elsewhere."""

import re
from pathlib import Path

import numpy as np

from engine.domain.errors import ExitCode
from engine.domain.units import HOUR_MS, Ms, iso, parse_iso
from support.books import correlated_closes
from support.command_line import driftdeck

START = parse_iso("2023-03-01T00:00:00Z")
LASTS_DAYS = 20  # market time runs while a busy machine starts the engine: two of these demos must fit
ASSETS = ("ETH", "SOL", "AVAX", "NEAR", "MATIC", "OP")


def price_file(folder: Path) -> Path:
    """Write a wide price file from 122 days before START to LASTS_DAYS after it, gaps included."""
    first = Ms(START - 122 * 24 * HOUR_MS)
    closes = correlated_closes(21, (122 + LASTS_DAYS) * 24, len(ASSETS))
    closes[500:510, 1] = np.nan
    path = folder / "prices.csv"
    rows = [
        ",".join([iso(Ms(first + n * HOUR_MS)), *("" if np.isnan(value) else f"{value:.6f}" for value in row)])
        for n, row in enumerate(closes)
    ]
    path.write_text("\n".join([",".join(("timestamp", *ASSETS)), *rows]) + "\n", encoding="utf-8")
    return path


def checks_of(stdout: str) -> list[str]:
    return sorted(set(re.findall(r"^\d{4}-\d\d-\d\dT\d\d:00:00Z", stdout, re.MULTILINE)))


def play(state: Path, *more: str) -> tuple[int, list[str], str]:
    done = driftdeck("demo", "--headless", "--speed", "14400", "--duration", "3", "--state", str(state), *more)
    return done.returncode, checks_of(done.stdout), done.stderr


def test_a_second_demo_goes_on_where_the_first_ended_and_another_seed_is_refused(tmp_path: Path) -> None:
    code, first, said = play(tmp_path / "state")
    assert (code, len(first) > 1) == (0, True), said
    code, second, said = play(tmp_path / "state")
    assert (code, second[0] >= first[-1]) == (0, True), said
    code, _, said = play(tmp_path / "state", "--seed", "8")
    assert code == ExitCode.REFUSED
    assert "seed=7" in said


def test_a_replay_plays_the_file_under_the_names_of_its_time_and_continues(tmp_path: Path) -> None:
    chosen = ("--replay", str(price_file(tmp_path)), "--start", iso(START))
    code, first, said = play(tmp_path / "state", *chosen)
    assert code == 0, said
    assert iso(START) <= first[0] < iso(Ms(START + LASTS_DAYS * 24 * HOUR_MS))
    config = (tmp_path / "state" / "demo.toml").read_text(encoding="utf-8")
    assert "MATIC" in config
    assert "POL" not in config
    assert "defi" not in config
    code, second, said = play(tmp_path / "state", *chosen)
    assert (code, second[0] >= first[-1]) == (0, True), said
    assert "goes on from" in said


def test_a_start_outside_the_file_names_what_it_covers(tmp_path: Path) -> None:
    chosen = ("--replay", str(price_file(tmp_path)), "--start", "2020-01-01T00:00:00Z")
    code, _, said = play(tmp_path / "state", *chosen)
    assert code == ExitCode.USAGE
    assert "2022-10-30" in said
