"""Owns where reference data beside the checkout is found; a test that needs a file skips without it."""

import os
from pathlib import Path

import pytest


def shared_file(name: str) -> Path:
    """Return the file of that name below the shared folder, or skip the test."""
    if "DRIFTDECK_SHARED" in os.environ:
        folder = Path(os.environ["DRIFTDECK_SHARED"])
    elif "DRIFTDECK_DATA" in os.environ:
        folder = Path(os.environ["DRIFTDECK_DATA"]).parent
    else:
        folder = Path(__file__).parents[2].parent / "shared"
    path = folder / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set DRIFTDECK_SHARED to the folder that holds it")
    return path
