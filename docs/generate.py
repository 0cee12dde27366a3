"""Owns the generated parts of the docs: the modules of docs/map.md, the keys of docs/keys.md, the config reference, the
faults of docs/live.md, the manual page.

`make docs` writes them; a house test fails when they are stale. Text between the markers is replaced, all else stays.
"""

import ast
from collections.abc import Callable
from pathlib import Path

from config_reference import config_tables
from man_page import man_page

from tui.commands.drill_faults import fault_table
from tui.commands.look import key_page

ROOT = Path(__file__).resolve().parent.parent
END = "<!-- end of generated part -->"
PACKAGES = ("engine", "tui")


def head_sentence(path: Path) -> str:
    """Return the first sentence of a module's docstring, on one line."""
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    first = " ".join(doc.split("\n\n")[0].split())
    return first.split(". ")[0].rstrip(".")


def module_table() -> str:
    """Return one section per package with a line per module."""
    lines: list[str] = []
    for package in PACKAGES:
        inits = sorted((ROOT / package).rglob("__init__.py"), key=lambda init: init.parent.parts)
        for init in inits:
            modules = sorted(p for p in init.parent.glob("*.py") if p.name != "__init__.py")
            if not modules:
                continue
            room = init.parent.relative_to(ROOT).as_posix()
            lines += [f"### `{room}/`", "", f"{head_sentence(init)}.", "", "| module | it |", "| --- | --- |"]
            lines += [f"| `{room}/{path.name}` | {_as_cell(head_sentence(path))} |" for path in modules]
            lines.append("")
    return "\n".join(lines)


def _as_cell(sentence: str) -> str:
    text = sentence.removeprefix("Owns ").replace("|", "\\|")
    return text[:1].lower() + text[1:] if sentence.startswith("Owns ") else text


GENERATED: dict[str, tuple[str, Callable[[], str]]] = {
    "map.md": ("<!-- generated: modules -->", module_table),
    "keys.md": ("<!-- generated: keys -->", key_page),
    "config.md": ("<!-- generated: config -->", config_tables),
    "live.md": ("<!-- generated: faults -->", fault_table),
}

WHOLE: dict[str, Callable[[], str]] = {"driftdeck.1": man_page}  # pages that nobody writes in


def with_generated(page: str, text: str) -> str:
    """Return the `text` of a page with the part between its markers made anew. Raises ValueError without markers."""
    begin, made = GENERATED[page]
    before, rest = text.split(begin, 1)
    _, after = rest.split(END, 1)
    return f"{before}{begin}\n\n{made()}\n{END}{after}"


if __name__ == "__main__":
    for name in GENERATED:
        target = ROOT / "docs" / name
        target.write_text(with_generated(name, target.read_text(encoding="utf-8")), encoding="utf-8")
    for name, made in WHOLE.items():
        (ROOT / "docs" / name).write_text(made(), encoding="utf-8")
