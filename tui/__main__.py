"""`python -m tui` is the `driftdeck` command."""

from tui.commands.main import run_cli

run_cli()
