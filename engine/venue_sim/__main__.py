"""Owns `python -m engine.venue_sim`: hands over to `cli` and ends with its exit code, nothing else."""

import sys

from engine.venue_sim.cli import main

if __name__ == "__main__":
    sys.exit(main())
