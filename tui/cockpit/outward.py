"""Owns what is said to the terminal itself beside the picture: notices (OSC 9, 777, 99) and its clipboard (OSC 52).

In tmux such a sequence is wrapped, so that it reaches the terminal around it (`allow-passthrough on`). Text is cleaned:
nothing that came from outside can end a sequence or begin another one. Never writes: the app's driver does.
"""

import base64
from collections.abc import Mapping
from enum import StrEnum

from tui.cockpit.glyphs import clean

_ESC, _ST, _BEL = "\x1b", "\x1b\\", "\x07"
LONGEST_NOTICE = 200


class NoticeForm(StrEnum):
    """How a terminal is told something; the values are those of `--notices`."""

    AUTO = "auto"
    OFF = "off"
    OSC_9 = "9"  # iTerm2, WezTerm, Ghostty, Windows Terminal's neighbors
    OSC_777 = "777"  # foot, rxvt, VTE with its patch
    OSC_99 = "99"  # kitty


def form_of(environ: Mapping[str, str]) -> NoticeForm:
    """Return what the terminal behind `environ` understands; off where that is not known (it has its bell)."""
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "") or environ.get("LC_TERMINAL", "")
    if "KITTY_WINDOW_ID" in environ or term == "xterm-kitty":
        return NoticeForm.OSC_99
    if term.startswith(("foot", "rxvt")):
        return NoticeForm.OSC_777
    known = program.lower() in ("iterm.app", "iterm2", "wezterm", "ghostty") or environ.get("LC_TERMINAL") == "iTerm2"
    return NoticeForm.OSC_9 if known or "GHOSTTY_RESOURCES_DIR" in environ else NoticeForm.OFF


def notice(form: NoticeForm, title: str, body: str, *, tmux: bool) -> str:
    """Return the sequence that shows a notice, empty where the form is off."""
    head, said = (clean(part)[:LONGEST_NOTICE] for part in (title, body))
    match form:
        case NoticeForm.OSC_9:
            sequence = f"{_ESC}]9;{head}: {said}{_BEL}"
        case NoticeForm.OSC_777:
            sequence = f"{_ESC}]777;notify;{head.replace(';', ',')};{said.replace(';', ',')}{_BEL}"
        case NoticeForm.OSC_99:
            sequence = f"{_ESC}]99;i=driftdeck:d=0;{head}{_ST}{_ESC}]99;i=driftdeck:p=body;{said}{_ST}"
        case _:
            return ""
    return _passed_through(sequence) if tmux else sequence


def clipboard(text: str, *, tmux: bool) -> str:
    """Return the sequence that puts `text` on the clipboard of the terminal.

    In tmux both ways are taken: its own (`set-clipboard on`) and through it; one that is off is ignored.
    """
    sequence = f"{_ESC}]52;c;{base64.b64encode(text.encode()).decode()}{_BEL}"
    return sequence + _passed_through(sequence) if tmux else sequence


def _passed_through(sequence: str) -> str:
    return f"{_ESC}Ptmux;{sequence.replace(_ESC, _ESC * 2)}{_ST}"
