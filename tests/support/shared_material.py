"""Real prices, recorded answers and oracle figures that are not part of the repository: found, or skipped loudly.

They lie in `shared/` beside the checkout, or where `DRIFTDECK_SHARED` says (`DRIFTDECK_DATA`: its `data` folder).
"""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def place_of(*parts: str) -> Path:
    """Return where one shared file or folder would be."""
    data = os.environ.get("DRIFTDECK_DATA")
    named = os.environ.get("DRIFTDECK_SHARED") or (str(Path(data).parent) if data else None)
    return (Path(named) if named else REPOSITORY.parent / "shared").joinpath(*parts)


def shared(*parts: str) -> Path:
    """Return the path of one shared file or folder, or skip the test."""
    path = place_of(*parts)
    if not path.exists():
        pytest.skip(f"shared/{'/'.join(parts)} is not beside the checkout: set DRIFTDECK_SHARED to check against it")
    return path
