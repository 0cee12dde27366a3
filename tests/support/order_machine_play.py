"""Owns the playing of the order machine on each dialect: how long, at random or always alike, and what is said of it.

`python -m support.order_machine_play` (or `make machine`) plays thousands of steps.
"""

import argparse
import logging
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from support.order_machine import OrderMachine
from support.order_moves import VENUES


def machine_of(venue: str) -> type[OrderMachine]:
    """Return the machine that speaks a dialect."""
    return type(f"{venue.title()}Machine", (OrderMachine,), {"venue_id": venue, "played": Counter()})


def play(venue: str, *, lives: int, moves: int, seed: bool = False, shrink: bool = False) -> Counter[str]:
    """Play so many runs of so many moves; return what happened. Raises AssertionError with the shortest way there."""
    machine = machine_of(venue)
    how = settings(
        max_examples=lives,
        stateful_step_count=moves,
        deadline=None,
        derandomize=not seed,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        print_blob=False,
        database=None,
    )
    run_state_machine_as_test(machine, settings=how)
    return machine.played


def main() -> int:
    """Play on both dialects and say what happened."""
    parser = argparse.ArgumentParser(description="play the order path against the simulated exchange, broken at random")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--moves", type=int, default=50)
    parser.add_argument("--venue", choices=VENUES, action="append", help="only this one")
    given = parser.parse_args()
    logging.disable()  # thousands of faults, each with its line
    for venue in given.venue or VENUES:
        began = time.monotonic()
        played = play(venue, lives=given.runs, moves=given.moves, seed=True, shrink=True)
        told = ", ".join(f"{name} {count}" for name, count in sorted(played.items()))
        sys.stdout.write(f"{venue}: books and exchange agree. {told} ({time.monotonic() - began:.0f} s)\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
