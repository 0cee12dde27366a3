"""Every dependency is pinned, told with its licence and its reason, and permissive, what it brings along included."""

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
RUNTIME = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = [Requirement(text) for texts in PROJECT["project"]["optional-dependencies"].values() for text in texts]
BUILD = [Requirement(text) for text in PROJECT["build-system"]["requires"]]

PERMISSIVE = {"0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Zlib"}
BY_FILE = {"certifi", "orjson"}  # MPL-2.0 binds whoever changes their files: docs/dependencies.md
WORDS = {  # how packages without an SPDX expression call theirs
    "Apache Software License": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    return {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in lines)}


def brought(requirements: Iterable[Requirement]) -> set[str]:
    """Return what is installed of these packages and of all that they bring along."""
    found: set[str] = set()
    due = list(requirements)
    while due:
        wanted = due.pop()
        name = canonicalize_name(wanted.name)
        extras = ("", *wanted.extras)
        if name in found or (wanted.marker and not any(wanted.marker.evaluate({"extra": extra}) for extra in extras)):
            continue
        try:
            further = metadata.requires(name) or []
        except metadata.PackageNotFoundError:  # of an extra that is not installed here
            continue
        found.add(name)
        for each in map(Requirement, further):
            if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in extras):
                each.marker = None
                due.append(each)
    return found


def licence_of(name: str) -> str:
    """Return what a package's metadata say: the SPDX expression, else its classifiers, else its own words."""
    told = metadata.metadata(name).json
    expression = told.get("license_expression")
    if expression:
        return str(expression)
    kinds = [each.split("::")[-1].strip() for each in told.get("classifier", []) if each.startswith("License ::")]
    words = kinds or [str(told.get("license") or "unknown").splitlines()[0]]
    return " OR ".join(WORDS.get(each, each) for each in words)


def permits(expression: str, permitted: set[str]) -> bool:
    """Return True where one of the choices that an SPDX expression leaves is permitted whole."""
    parts = [part.strip("() ") for part in re.split(r"\s+AND\s+(?![^(]*\))", expression)]
    return all(any(choice.strip() in permitted for choice in part.split(" OR ")) for part in parts)


def row_of(name: str) -> str:
    """Return the line of the page that names a package."""
    return next((line for line in PAGE.splitlines() if re.search(rf"[|,] {re.escape(name)}[ |]", line)), "")


def test_expressions_are_read_as_they_are_meant() -> None:
    assert permits("MIT OR GPL-3.0", {"MIT"})
    assert not permits("MIT AND GPL-3.0", {"MIT"})
    assert permits("MPL-2.0 AND (Apache-2.0 OR MIT)", {"MPL-2.0", "MIT"})
    assert not permits("MPL-2.0 AND (Apache-2.0 OR MIT)", {"MIT"})
    assert not permits("GPL-2.0", PERMISSIVE)


@pytest.mark.parametrize("name", sorted(brought(RUNTIME)))
def test_what_is_installed_with_the_program_is_permissive_pinned_and_on_the_page(name: str) -> None:
    licence, allowed = licence_of(name), PERMISSIVE | ({"MPL-2.0"} if name in BY_FILE else set())
    assert permits(licence, allowed), f"{name} is {licence}: not on the list of licences"
    assert name in pins(), f"constraints.txt does not pin {name}"
    row = row_of(name)
    assert row, f"docs/dependencies.md does not name {name}"
    assert pins()[name] in row, f"docs/dependencies.md names another version of {name} than constraints.txt"


@pytest.mark.parametrize("name", sorted({canonicalize_name(each.name) for each in (*RUNTIME, *EXTRAS, *BUILD)}))
def test_what_the_project_asks_for_is_pinned_and_has_version_licence_and_reason(name: str) -> None:
    version = pins().get(name)
    assert version is not None, f"constraints.txt does not pin {name}"
    cells = [cell.strip() for cell in row_of(name).split("|")[1:-1]]
    assert version in cells, f"docs/dependencies.md does not name {name} {version}"
    licence, reason = cells[-2:]
    assert reason
    try:
        told = licence_of(name)
    except metadata.PackageNotFoundError:
        return
    assert told.startswith(("GNU Lesser", licence)) or permits(told, {licence}) or told == licence, f"{name} is {told}"


def test_what_extras_bring_along_is_pinned() -> None:
    assert sorted(brought([*RUNTIME, *EXTRAS]) - set(pins())) == []
