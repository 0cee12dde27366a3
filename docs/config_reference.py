"""Owns the reference of the config file: one table per section, made from what the config's own reader accepts.

Defaults and meanings are read from the file that `driftdeck init` writes, limits from the refusals that a trader would
read. So the page cannot say anything else than the program does.
"""

import re
from decimal import Decimal

from pydantic import BaseModel, ValidationError

from engine.adapters.config_model import SECTIONS, AssetModel, BasketModel
from engine.adapters.config_template import InitChoices, config_text

WRONG: tuple[object, ...] = ("\x00?", Decimal("1e15"), 10**17, "999999999d", [0])
HIDDEN = ("simulation",)  # written by `driftdeck demo` only
MEANINGS = {
    "name": "what the basket is called, everywhere",
    "theme": "take assets, thesis and notional from a theme; any key beside it wins",
    "thesis": "why these belong together",
    "notional": "base exposure (sum of absolute values at factor 1), in the account's currency",
    "share": "the same as a share of equity, which it then follows",
    "leverage": "margin = notional / leverage",
    "decision": "who decides on a proposal",
    "on_no_answer": "what happens when nobody answers in time",
    "no_answer_after": "how long that is",
    "allow_large": "true: more than five assets",
    "venue": "one of [venues.NAME], where it is not the default one",
    "assets": "names, or tables as below",
    "asset": "what is held",
    "side": "a short earns when the price falls",
    "weight": "share of the base exposure; assets without one share the rest",
    "symbol": "the market, where it is not the usual one",
    "formerly": "the name before a rename one for one: its bars of then count",
}


def config_tables() -> str:
    """Return the sections of the page."""
    written = _written()
    lines: list[str] = []
    for section, model in SECTIONS.items():
        if section in HIDDEN:
            continue
        lines += [f"### `[{section}]`", ""]
        lines += ["| key | default | accepted | what it is |", "| --- | --- | --- | --- |"]
        for key in model.model_fields:
            default, meaning = written.get((section, key), ("", ""))
            takes = accepted(model, key)
            lines.append(_row(key, default, takes, "" if _same(takes, meaning) else meaning))
        lines.append("")
    for title, model in (("[[basket]]", BasketModel), ("assets", AssetModel)):
        lines += [f"### `{title}`", "", "| key | default | accepted | what it is |", "| --- | --- | --- | --- |"]
        for key, field in model.model_fields.items():
            if key in MEANINGS:
                given = not field.is_required() and field.default_factory is None and field.default not in (None, "")
                default = _toml(field.default, key) if given else ""
                lines.append(_row(key, default, accepted(model, key), MEANINGS[key]))
        lines.append("")
    return "\n".join(lines)


def _same(takes: str, meaning: str) -> bool:
    """Return whether a comment only lists what is accepted anyway."""
    return {word.strip(' "') for word in takes.split(",")} == {word.strip(' "') for word in meaning.split("|")}


def accepted(model: type[BaseModel], key: str) -> str:
    """Return what a key takes, in the words in which everything else is refused."""
    said: list[str] = []
    for wrong in WRONG:
        try:
            model.model_validate({key: wrong})
        except ValidationError as error:
            said += [each["msg"] for each in error.errors() if each["loc"] == (key,)]
    words = [re.split(r", not |; ", each)[0].removeprefix("must be ").removeprefix("each ") for each in said]
    plain = [word for word in dict.fromkeys(words) if not word.startswith("must not")]
    limits = [word for word in plain if re.match(r"(between|at least|above|at most)", word)]
    kinds = [word for word in plain if word not in limits]
    kind = re.sub(r" \(without quotes\)| such as \"5s\", \"15m\" or \"4h\"|one of ", "", kinds[0]) if kinds else ""
    return ", ".join([kind, *limits[:1]]) if kind else "".join(limits[:1])


def _written() -> dict[tuple[str, str], tuple[str, str]]:
    """Return default and meaning of each key as `driftdeck init` writes them."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    section = ""
    for line in config_text(InitChoices(), []).splitlines():
        if table := re.match(r"\[(\w+)\]", line):
            section = table[1]
        elif pair := re.match(r"(\w+) = (\"[^\"]*\"|\[[^\]]*\]|\S+)\s*(?:# (.*))?$", line):
            found[section, pair[1]] = (pair[2], pair[3] or "")
    return found


def _toml(value: object, key: str) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if key == "no_answer_after":
        return '"20m"'
    return f'"{value}"' if isinstance(value, str) else str(value)


def _row(key: str, default: str, takes: str, meaning: str) -> str:
    shown = f"`{default}`" if default else ""
    cells = (f"`{key}`", shown, takes, meaning)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
