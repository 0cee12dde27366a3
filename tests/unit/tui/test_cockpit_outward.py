"""What is said to the terminal beside the picture: notices and clipboard, in tmux and outside, and when."""

import base64
from collections.abc import Mapping

import pytest

from engine.domain.alerts import AlertKind, Direction, Evidence
from engine.domain.events import AlertRaised, AlertWorsened, EventRecord
from engine.domain.units import BasketName, Ms
from tui.cockpit.calls import AwayNotices
from tui.cockpit.outward import NoticeForm, clipboard, form_of, notice


def raised(number: int, *, words: str = "moving together", rings: bool = True) -> EventRecord:
    event = AlertRaised(
        at=Ms(number),
        id=f"defi.{number}",
        kind=AlertKind.BASKET,
        basket=BasketName("defi"),
        asset=None,
        direction=Direction.UP,
        evidence=Evidence(words=words, shift=0.5),
        rings=rings,
    )
    return EventRecord(seq=number, event=event)


@pytest.mark.parametrize(
    ("form", "sequence"),
    [
        (NoticeForm.OSC_9, "\x1b]9;driftdeck defi: up; now\x07"),
        (NoticeForm.OSC_777, "\x1b]777;notify;driftdeck defi;up, now\x07"),
        (NoticeForm.OSC_99, "\x1b]99;i=driftdeck:d=0;driftdeck defi\x1b\\\x1b]99;i=driftdeck:p=body;up; now\x1b\\"),
        (NoticeForm.OFF, ""),
    ],
)
def test_each_form_has_its_own_sequence(form: NoticeForm, sequence: str) -> None:
    assert notice(form, "driftdeck defi", "up; now", tmux=False) == sequence


def test_in_tmux_the_sequence_is_wrapped_and_its_escapes_doubled() -> None:
    wrapped = notice(NoticeForm.OSC_9, "a", "b", tmux=True)
    assert wrapped == "\x1bPtmux;\x1b\x1b]9;a: b\x07\x1b\\"
    both = clipboard("x", tmux=True)
    assert both == "\x1b]52;c;eA==\x07\x1bPtmux;\x1b\x1b]52;c;eA==\x07\x1b\\"


def test_text_from_outside_cannot_end_the_sequence() -> None:
    said = notice(NoticeForm.OSC_9, "driftdeck", "evil\x07\x1b]52;c;AAAA\x07", tmux=False)
    assert said.count("\x07") == said.count("\x1b") == 1


def test_the_clipboard_carries_any_text_whole() -> None:
    text = "layer-1\nETH ▲+312 ρ .91"
    assert base64.b64decode(clipboard(text, tmux=False)[7:-1]).decode() == text


@pytest.mark.parametrize(
    ("environ", "form"),
    [
        ({"TERM": "xterm-kitty"}, NoticeForm.OSC_99),
        ({"TERM": "tmux-256color", "TMUX": "x", "KITTY_WINDOW_ID": "1"}, NoticeForm.OSC_99),
        ({"TERM": "foot"}, NoticeForm.OSC_777),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, NoticeForm.OSC_9),
        ({"TERM": "screen-256color", "TERM_PROGRAM": "tmux", "LC_TERMINAL": "iTerm2"}, NoticeForm.OSC_9),
        ({"TERM": "xterm-256color"}, NoticeForm.OFF),
        ({"TERM": "linux"}, NoticeForm.OFF),
    ],
)
def test_a_terminal_that_is_not_known_to_understand_is_sent_nothing(
    environ: Mapping[str, str], form: NoticeForm
) -> None:
    assert form_of(environ) is form


def test_an_alert_is_told_once_and_only_while_the_terminal_is_known_to_have_lost_the_focus() -> None:
    said: list[str] = []
    away = False
    notices = AwayNotices(NoticeForm.OSC_9, said.append, away=lambda: away)
    notices.hear([raised(1)])
    assert said == []
    away = True
    notices.hear([raised(2), raised(3, rings=False)])
    notices.hear([raised(2)])
    assert said == ["\x1b]9;driftdeck: defi: moving together\x07"]
    worse = AlertWorsened(at=Ms(9), id="defi.2", evidence=Evidence(words="still more", shift=0.6), rings=True)
    notices.hear([EventRecord(seq=4, event=worse)])
    assert said[1:] == ["\x1b]9;driftdeck: defi: worse: still more\x07"]
    notices.hear([raised(5), raised(6)])
    assert said[2:] == ["\x1b]9;driftdeck, 2 alerts: defi: moving together; defi: moving together\x07"]
