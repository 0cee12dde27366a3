"""Owns the characters of the cockpit: one set in Unicode, one in ASCII, the same width each.

All shapes of the Unicode set are East-Asian-ambiguous, so a CJK locale (where terminals draw them two columns wide)
and a locale without UTF-8 get the ASCII set. Text from outside is cleaned here to one column per character.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """Every character that is not a letter or digit. All are one column; `spark` runs from low to high."""

    info: str = "·"
    watch: str = "◇"
    alert: str = "◆"
    proposal: str = "▶"
    vol: str = "▲"
    stale: str = "~"
    done: str = "✓"
    caution: str = "!"
    link_on: str = "■"
    link_off: str = "□"
    beat: str = "●"
    gone: str = "○"
    minus: str = "−"
    rho: str = "ρ"
    delta: str = "Δ"
    sigma: str = "σ"
    arrow: str = "→"
    up: str = "▲"
    down: str = "▼"
    times: str = "×"
    either: str = "±"
    dot: str = "·"
    undefined: str = "··"
    dash: str = "–"
    ellipsis: str = "…"
    weight: str = "━"
    half: str = "╾"
    track: str = "─"
    target: str = "┃"
    rule: str = "─"
    edge: str = "▌"
    above: str = "▴"
    below: str = "▾"
    enter: str = "↵"
    focus: str = "»"
    into: str = "›"
    more: str = "░▒▓"  # heat levels without color, from weak to strong; themes have their own beside these
    less: str = "╌╍━"
    spark: str = " ▁▂▃▄▅▆"
    braille: bool = True
    cover: str = "•••"
    mask: str = ""  # what amounts of money look like: themselves, or `cover` while they are hidden


UNICODE = Glyphs()
ASCII = Glyphs(
    info=".",
    watch="o",
    alert="*",
    proposal=">",
    vol="^",
    done="+",
    link_on="#",
    link_off=".",
    beat="@",
    gone="o",
    minus="-",
    rho="r",
    delta="d",
    sigma="s",
    arrow=">",
    up="^",
    down="v",
    times="x",
    either="~",
    dot="-",
    undefined="..",
    dash="-",
    ellipsis="~",
    weight="=",
    half="-",
    track=".",
    target="|",
    rule="-",
    edge="|",
    above="^",
    below="v",
    enter="<",
    focus="=",
    more=":%#",
    less=",;=",
    into="/",
    spark=" ._-=+#",
    braille=False,
    cover="***",
)


def for_terminal(environ: Mapping[str, str], *, ascii_only: bool) -> Glyphs:
    """Return the set that this terminal draws one column wide."""
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    cjk = locale[:2].lower() in ("zh", "ja", "ko")
    narrow_bytes = locale in ("C", "POSIX") or ("." in locale and "utf" not in locale.lower())
    return ASCII if ascii_only or cjk or narrow_bytes else UNICODE


def clean(text: str, *, ascii_only: bool = False) -> str:
    """Return text from outside with everything that could be wider or narrower than one column replaced by `?`."""
    limit = 0x7F if ascii_only else 0x2FF
    return "".join(char if char.isprintable() and ord(char) <= limit else "?" for char in text)
