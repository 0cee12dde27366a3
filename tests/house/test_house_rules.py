"""The house: sizes, heads, broad excepts, and a map that is true. One splits a file instead of allow-listing it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import generate
import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = sorted(p for top in ("engine", "tui", "themes") for p in (ROOT / top).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
SUPERVISOR = ROOT / "engine" / "runtime" / "daemon.py"
MOST_LINES, MOST_FUNCTION_LINES, MOST_METHODS = 300, 50, 25

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


@pytest.mark.parametrize("path", PRODUCT + TESTS, ids=name_of)
def test_no_file_outgrows_its_room(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_functions_and_classes_stay_small(path: Path) -> None:
    tree = parsed(path)
    long = [f.name for f in functions(tree) if (f.end_lineno or 0) - f.lineno + 1 > MOST_FUNCTION_LINES]
    crowded = [
        c.name
        for c in ast.walk(tree)
        if isinstance(c, ast.ClassDef) and sum(isinstance(n, Function) for n in c.body) > MOST_METHODS
    ]
    assert (long, crowded) == ([], [])


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_every_module_opens_with_its_head(path: Path) -> None:
    assert len(ast.get_docstring(parsed(path)) or "") >= 20


@pytest.mark.parametrize("path", [p for p in PRODUCT if p.name == "__init__.py"], ids=name_of)
def test_a_package_file_holds_a_docstring_at_most(path: Path) -> None:
    body = parsed(path).body[1:]
    assert all(isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("__") for node in body)


@pytest.mark.parametrize("path", PRODUCT, ids=name_of)
def test_nothing_but_the_supervisor_catches_everything(path: Path) -> None:
    broad = [
        node.lineno
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in ("Exception", "BaseException"))
        and ast.unparse(node.body[-1]) != "raise"  # clean up and pass on is not catching
    ]
    assert broad == [] or path == SUPERVISOR


@pytest.mark.parametrize("path", TESTS, ids=name_of)
def test_every_test_can_fail(path: Path) -> None:
    def can_fail(function: Function) -> bool:
        nodes = list(ast.walk(function))
        asserts = any(isinstance(node, ast.Assert | ast.Raise) for node in nodes)
        calls = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
        return asserts or any(re.search(r"raises|check|assert|expect|verify|until", call) for call in calls)

    tests = [f for f in functions(parsed(path)) if f.name.startswith("test_")]
    assert [f.name for f in tests if not can_fail(f)] == []


def test_no_module_is_called_utils() -> None:
    assert [name_of(p) for p in PRODUCT if re.search(r"util|helper|misc|common", p.stem)] == []


@pytest.mark.parametrize("page", generate.GENERATED)
def test_the_generated_pages_are_fresh(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert text == generate.with_generated(page, text), "run 'make docs'"


@pytest.mark.parametrize("page", generate.WHOLE)
def test_the_pages_that_are_made_whole_are_fresh(page: str) -> None:
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == generate.WHOLE[page](), "run 'make docs'"


def test_the_map_names_only_what_exists() -> None:
    text = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:engine|tui|themes|docs|tests)/[\w/.-]*)`", text)
    assert len(paths) > 50
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_no_machine_path_or_index_is_committed() -> None:
    forbidden = re.compile("/" + r"work/|/" + r"home/\w|/" + r"root/|index" + "-url|pypi" + r"\.org")
    texts = [p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".txt"} and ".venv" not in p.parts]
    assert [name_of(p) for p in texts if forbidden.search(p.read_text(encoding="utf-8"))] == []
