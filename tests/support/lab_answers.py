"""A stand-in for the `driftdeck` command line, as a program of its own: canned answers, in the form of the real ones.

Every call is written to `calls` beside the script, so that a test sees what was asked.
"""

import json
import math
import sys
from pathlib import Path

SCRIPT = """
import sys
sys.path.insert(0, {support!r})
from lab_answers import answer
with open({calls!r}, "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
sys.exit(answer(sys.argv[1:]))
"""
RANKED = (("UNI", "AAVE"), ("ETH", "SOL", "AVAX"), ("XRP", "LTC", "XLM", "BCH"), ("POL", "ARB", "OP"), ("SAND", "MANA"))
BOOKS = ("account", "layer-1", "majors-hedged", "defi", "scaling", "payments", "gaming")


def program(folder: Path) -> tuple[str, ...]:
    """Write the script into `folder` and return how it is called."""
    script = folder / "driftdeck.py"
    script.write_text(SCRIPT.format(support=str(Path(__file__).parent), calls=str(folder / "calls")))
    return (sys.executable, str(script))


def calls(folder: Path) -> list[str]:
    """Return the command lines so far."""
    file = folder / "calls"
    return file.read_text().splitlines() if file.exists() else []


def answer(words: list[str]) -> int:
    """Print what a verb answers; one that is not known fails as the real one does."""
    made = {"stress": stress, "build": build, "backtest": backtest}.get(words[0])
    if "missing.csv" in words:
        sys.stderr.write("driftdeck: there is no price file at missing.csv; check the path\n")
        return 2
    if made is None:
        sys.stderr.write(f"driftdeck: no verb {words[0]}: take another\n")
        return 2
    sys.stdout.write(json.dumps(made(words)))
    return 0


def value_of(words: list[str], option: str, default: str = "") -> str:
    """Return what stands after an option."""
    return words[words.index(option) + 1] if option in words else default


def stress(words: list[str]) -> dict[str, object]:
    """Return the answer of `stress --json`."""
    level, shock, of = (value_of(words, option) for option in ("--rho", "--shock", "--lab-of"))
    books = [_book(name, level, shock, size) for size, name in enumerate(BOOKS, 1)]
    document: dict[str, object] = {"at": "2026-11-27T05:00:00Z", "portfolio": books[0], "baskets": books[1:]}
    return document | ({"lab": [_lab(of, level, shock)]} if of else {})


def build(words: list[str]) -> dict[str, object]:
    """Return the answer of `build --json`, and say on stderr what was written."""
    shape, name = value_of(words, "--shape"), value_of(words, "--write")
    if name:
        sys.stderr.write(f"{name} is in the config; a restart of the engine takes it up\n")
    return {
        "at": "2026-11-27T05:00:00Z",
        "shape": shape,
        "notional": float(value_of(words, "--notional")),
        "baskets": [_ranked(assets, shape) for assets in RANKED],
        "refused": [{"asset": "FTT", "why": "no bar for 100 days: delisted, renamed or halted"}],
        "pruned": [],
    }


def backtest(words: list[str]) -> dict[str, object]:
    """Return the answer of `backtest --json`: a fall and a rise over 4,000 bars."""
    bars = 4_000
    stamps = [f"{2021 + k // 8_000}-01-{1 + k % 28:02}T00:00:00Z" for k in range(bars + 1)]
    curve = [50_000.0 - min(k, bars - k) * 10 for k in range(bars + 1)]
    calmer = [50_000.0 + (each - 50_000) * 0.3 + 700 * math.sin(k / 70) for k, each in enumerate(curve)]
    same = [50_000.0 + (each - 50_000) * 0.35 + 300 * math.sin(k / 90) for k, each in enumerate(curve)]
    figures = {"return": -0.326, "max_drawdown": 0.348, "vol_ann": 0.192, "sharpe": -2.0, "turnover": 7.8}
    rest = {"cost": 249.0, "rebalances": 224, "avg_gross": 0.2, "liquidations": {"isolated": 1, "cross": 0}}
    names = ("driftdeck", "standard", "weekly", "exposure_matched", "vol_matched", "renormalised", "inverse_vol", "hrp")
    at = {"top": "2022-05-05T00:00:00Z", "bottom": "2022-05-12T06:00:00Z"}
    return {
        "from": "2022-01-01T00:00:00Z",
        "to": "2022-12-31T00:00:00Z",
        "bars": bars,
        "words": ["Largest drawdown: 34.8%, against 86.8% of base weights bought and held.", "  and so on."],
        "strategies": {
            name: {**figures, **rest, "vol_ann": 0.2 + place / 10, "avg_gross": 0.2 if place != 1 else 1.0}
            for place, name in enumerate(names)
        },
        "equity": {"timestamp": stamps, "driftdeck": calmer, "standard": curve, "exposure_matched": [None, *same[1:]]},
        "fills": [{"filled_at": "2022-03-01T05:00:00Z", "traded": 4_321.0, "cost": 3.2, "equity": 49_000.0}],
        "episodes": [{**at, "fall": 0.31, "cut": 0.5, "fall_done": 0.33, "saved": 0.0042}],
        "warnings": [f"prices are those of {value_of(words, '--prices', 'the store')}"],
    }


def _ranked(assets: tuple[str, ...], shape: str) -> dict[str, object]:
    rho = {"30": 0.67, "60": 0.66, "90": None}
    pair = {"pair": assets[:2], "rho": rho, "calm": 0.69, "stress": 0.61, "share_year": 0.976, "in_band": True}
    figures = {"correlation": 0.71, "now": 0.8, "beta": 1.12, "residual_beta": 0.12, "es95_1d": 326.0}
    return {
        "assets": assets,
        "share_calm": 1.0,
        "share_year": 0.976,
        "mean_calm": 0.69,
        "mean_stress": 0.61,
        "hidden_leverage": 1.52,
        "hidden_leverage_stress": 1.58,
        "overlap": "defi (2 of 2)",
        "hedge": None if shape == "long" else {"asset": "LINK", "hedge_break": 660.0, **figures},
        "cost": 9.0,
        "cost_bps": 7.5,
        "thinnest": "UNI",
        "median_daily_volume": 135_000_000.0,
        "share_of_volume": 0.031,
        "pairs": [pair],
        "toml": f'[[basket]]\nname = "new-basket"\nnotional = 12000\nassets = {json.dumps(assets)}\n',
    }


def _book(name: str, level: str, shock: str, size: int) -> dict[str, object]:
    scenarios = [
        {"name": f"rho_{level}", "es95_1d": 9_876.0 * size, "es95_1d_sigma_1.5": 14_814.0 * size,
         "worst_liquidation_distance": 0.091},
        {"name": "hedge_break", "es95_1d": 1_463.0 * size, "worst_liquidation_distance": 0.091},
        {"name": f"shock:{shock}", "loss": -112.0 if name == "majors-hedged" else 926.0 * size},
    ]  # fmt: skip
    plain = {"gross": 123_456.0 * size, "net": -98_765.0, "hidden_leverage": 1.53, "effective_bets": 6.43}
    named = {} if name == "account" else {"basket": name}
    return {**named, **plain, "es95_1d": None, "vol_ann": 0.5, "scenarios": scenarios}


def _lab(name: str, level: str, shock: str) -> dict[str, object]:
    chance = {day: {"isolated": 0.4086, "cross": 0.0} for day in ("1", "7", "30")}
    assumed = ("independent", "today", f"rho_{level}", f"rho_{level}_sigma_1.5")
    taken = [{"asset": asset, "share": share} for asset, share in (("SOL", 0.84), ("ETH", 0.85), ("AVAX", 0.97))]
    legs = [("ETH", 0.152), ("SOL", 0.094), ("AVAX", None)]
    fallen = {"loss": 1_200.0, "liquidated": taken}
    return {
        "basket": None if name == "account" else name,
        "margin": 1_200.0,
        "collateral": 1_200.0,
        "legs": [{"asset": a, "value": 4_000.0, "margin": 400.0, "liquidation_distance": d} for a, d in legs],
        "cascades": [
            {"name": f"shock:{shock}", "unknown": [], "isolated": fallen, "cross": {"loss": 1_100.0, "liquidated": []}},
            {"name": "LUNA", "unknown": ["SUI"], "isolated": None, "cross": None},
        ],
        "unstored": ["FTX"],
        "odds": dict.fromkeys(assumed, chance),
    }
