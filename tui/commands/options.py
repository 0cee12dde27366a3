"""Owns the options that every command shares, declared once."""

from pathlib import Path
from typing import Annotated

import typer

from tui.cockpit.outward import NoticeForm

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Config file; else $DRIFTDECK_CONFIG, else the platform's place."),
]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", metavar="DIR", help="State directory; else $DRIFTDECK_STATE, else the platform's place."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
ThemeOption = Annotated[
    str,
    typer.Option(
        "--theme",
        metavar="NAME",
        envvar="DRIFTDECK_THEME",
        help="Color theme of the cockpit; else the one kept there last, else graphite.",
        show_default=False,
    ),
]
RedUpOption = Annotated[
    bool,
    typer.Option("--red-up", envvar="DRIFTDECK_RED_UP", help="Gains in the color of losses and the other way round."),
]
PrivateOption = Annotated[
    bool, typer.Option("--private", envvar="DRIFTDECK_PRIVATE", help="Hide amounts of money; p shows them.")
]
NoticesOption = Annotated[
    NoticeForm,
    typer.Option(
        "--notices", envvar="DRIFTDECK_NOTICES", help="How this terminal shows an alert while it has not the focus."
    ),
]
AsciiOption = Annotated[bool, typer.Option("--ascii", help="Use ASCII shapes only.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask: approve what is printed.")]
