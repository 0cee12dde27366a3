"""Owns how a command opens a cockpit on its stage: the trader's own keys, colors and themes, and a quick start.

Used by `run`, `attach` and `demo`. Never starts an engine (the stage does) and never paints.
"""

import gc
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from tui.cockpit.options import Look
from tui.commands.stage import Stage


def cockpit_on(
    stage: Stage,
    look: Look,
    *,
    memory: Path,
    read_only: bool = False,
    tour_seen: Path | None = None,
    drill: bool = False,
) -> Callable[[], str | None]:
    """Return what opens the cockpit and returns the sentence to end with. Raises ConfigError for a bad key file.

    The cockpit of a `drill`, or of a state in which one runs, may break the simulated exchange.
    """
    gc.disable()  # what is imported now is kept: the cockpit turns it on again with its first frame
    from engine.adapters.basket_themes import theme_files
    from engine.adapters.paths import user_colors_dir, user_keys_file, user_themes_dir
    from tui.cockpit.app import run_cockpit
    from tui.cockpit.keymap import wear
    from tui.cockpit.options import CockpitOptions
    from tui.commands.drill import SimulatedExchange

    wear(user_keys_file())
    exchange = SimulatedExchange(stage.state)
    options = CockpitOptions(
        socket=stage.socket,
        state=stage.state,
        basket_themes=tuple(theme_files(user_themes_dir())),
        read_only=read_only,
        **asdict(look),
        memory=memory,
        tour_seen=tour_seen,
        colors=user_colors_dir(),
        backstage=stage,
        faults=exchange if drill or exchange.noted else None,
    )
    return lambda: run_cockpit(options)
