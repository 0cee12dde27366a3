"""Owns `driftdeck ack` and `driftdeck snooze`: what a person says to an alert."""

from pathlib import Path

from engine.domain.commands import AcknowledgeAlert, SnoozeAlert
from tui.commands.asking import engine_socket, tell_engine
from tui.commands.history import duration_ms
from tui.commands.output import say


def acknowledge(ident: str, state: Path | None, *, note: str) -> None:
    """Acknowledge an alert. Raises RefusedError, NoEngineError."""
    tell_engine(engine_socket(state), AcknowledgeAlert(id=ident, note=note))
    say(f"{ident} is acknowledged: it speaks again only when it worsens")


def snooze(ident: str, state: Path | None, *, how_long: str) -> None:
    """Snooze an alert's cause. Raises RefusedError, NoEngineError, ConfigError."""
    tell_engine(engine_socket(state), SnoozeAlert(id=ident, for_ms=duration_ms("--for", how_long)))
    say(f"{ident} is silent for {how_long} of market time, also if it ends and comes back")
