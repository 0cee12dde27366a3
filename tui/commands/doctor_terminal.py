"""Owns the doctor's look at the terminal: size, colors, characters, tmux's options, the host's clock; and the mends.

Asks tmux and the system's own tools, changes nothing. What a tool does not answer is not guessed at.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence

from engine.adapters.venue_knowledge import Finding, Verdict
from tui.cockpit.glyphs import ASCII, for_terminal
from tui.cockpit.theme import ColorSystem, system_of

MIN_COLUMNS, MIN_ROWS = 80, 24
ANSWERS_WITHIN_S = 3.0
LONGEST_ESCAPE_MS = 50  # a longer wait makes Esc feel dead
Ask = Callable[[Sequence[str]], str]


def ask(command: Sequence[str]) -> str:
    """Return what a command prints, empty where it is missing, silent or refuses."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ANSWERS_WITHIN_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def terminal_findings(environment: Mapping[str, str], asked: Ask = ask) -> list[Finding]:
    """Say how this terminal will show the cockpit, and what to type where that could be better."""
    found = [*_size(), _colors(environment)]
    locale = next((environment[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environment.get(name)), "")
    if "utf-8" not in locale.lower() and "utf8" not in locale.lower():
        words = f"locale {locale or 'unset'}: 'export LC_CTYPE=C.UTF-8', or run the cockpit with --ascii"
        found.append(Finding(what="characters", verdict=Verdict.NOTE, words=words))
    elif for_terminal(environment, ascii_only=False) is ASCII:
        words = f"locale {locale}: shapes would be two columns wide, so ASCII ones are shown; LC_CTYPE=C.UTF-8 has them"
        found.append(Finding(what="characters", verdict=Verdict.NOTE, words=words))
    if environment.get("TMUX"):
        found += _tmux(asked)
    return found


def clock_findings(asked: Ask = ask) -> list[Finding]:
    """Say whether this host keeps its clock right by itself, where it tells."""
    kept = asked(("timedatectl", "show", "-p", "NTPSynchronized", "--value"))
    if kept == "no":
        words = "this host's clock is not synchronized: 'sudo timedatectl set-ntp true'"
        return [Finding(what="host clock", verdict=Verdict.NOTE, words=words)]
    return [Finding(what="host clock", verdict=Verdict.GOOD, words="synchronized")] if kept == "yes" else []


def _size() -> list[Finding]:
    if not sys.stdout.isatty():
        return []
    size = shutil.get_terminal_size((0, 0))
    fits = size.columns >= MIN_COLUMNS and size.lines >= MIN_ROWS
    words = f"{size.columns}x{size.lines}" + ("" if fits else f": the cockpit needs {MIN_COLUMNS}x{MIN_ROWS}")
    return [Finding(what="terminal", verdict=Verdict.GOOD if fits else Verdict.BAD, words=words)]


def _colors(environment: Mapping[str, str]) -> Finding:
    term, system = environment.get("TERM", "") or "unset", system_of(environment)
    if environment.get("NO_COLOR"):
        return Finding(what="colors", verdict=Verdict.NOTE, words="none, as NO_COLOR says: 'unset NO_COLOR' for colors")
    if system is ColorSystem.TRUE:
        return Finding(what="colors", verdict=Verdict.GOOD, words="truecolor")
    if system is ColorSystem.X256:
        words = "256; 'export COLORTERM=truecolor' where the terminal has more"
        return Finding(what="colors", verdict=Verdict.GOOD, words=words)
    words = f"TERM={term}: 16 colors or none; 'export TERM=xterm-256color' where the terminal can"
    return Finding(what="colors", verdict=Verdict.NOTE, words=words)


def _tmux(asked: Ask) -> list[Finding]:
    """Compare tmux's options with what the cockpit makes use of."""

    def option(*flags: str) -> str:
        return asked(("tmux", "show-options", *flags))

    terminal, focus = option("-gqv", "default-terminal"), option("-gqv", "focus-events")
    passes, escape = option("-gwqv", "allow-passthrough"), option("-sqv", "escape-time")
    features = option("-sqv", "terminal-features") + option("-sqv", "terminal-overrides")
    wanted = (
        (terminal and "256color" not in terminal, 'set -g default-terminal "tmux-256color"', "for 256 colors"),
        (
            terminal and "RGB" not in features and "Tc" not in features,
            'set -as terminal-features ",*:RGB"',
            "for finer ramps, where the terminal has true color",
        ),
        (focus == "off", "set -g focus-events on", "so that keys typed while a pane gets the focus decide nothing"),
        (passes in ("off", ""), "set -g allow-passthrough on", "for notices and the clipboard (tmux 3.3 and later)"),
        (
            escape.isdigit() and int(escape) > LONGEST_ESCAPE_MS,
            "set -s escape-time 10",
            f"Esc waits {escape} ms now",
        ),
    )
    if not terminal:
        return [Finding(what="tmux", verdict=Verdict.NOTE, words="it does not answer: 'tmux show-options -g'")]
    found = [
        Finding(what="tmux", verdict=Verdict.NOTE, words=f"{why}: tmux {command} (and into ~/.tmux.conf)")
        for missing, command, why in wanted
        if missing
    ]
    return found or [Finding(what="tmux", verdict=Verdict.GOOD, words=f"{terminal}, all options as they should be")]
