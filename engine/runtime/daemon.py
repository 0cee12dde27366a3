"""Owns the engine process: arguments, lock, log, signals, exit code. `python -m engine.runtime.daemon`.

`driftdeck run` and `driftdeck demo` start it detached; `run --headless` calls `serve` in the foreground. A failure is
one line on stderr and an exit code of CONTRACT, never a traceback.
"""

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from engine.domain.config import Config
from engine.domain.errors import DriftdeckError, ExitCode
from engine.domain.units import Ms, iso
from engine.runtime.bootstrap import assemble, load_settings, prepare_state_dir
from engine.runtime.engine import Engine
from engine.runtime.engine_room import LogRing
from engine.runtime.lock import StateLock
from engine.runtime.logs import LOG_NAME, log_to_file

log = logging.getLogger(__name__)


class EngineFaultError(DriftdeckError):
    """A fault of the program, not of its surroundings; the log holds the traceback."""


async def _run(settings: Config, state: Path, ring: LogRing, exit_when_idle_s: float | None) -> None:
    parts = assemble(settings, state, ring=ring)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, parts.stopped.set)
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the terminal that started it may go
    gc.collect()
    gc.freeze()
    await Engine(parts, exit_when_idle_s=exit_when_idle_s).run()


def serve(config_path: Path, state: Path, *, live: bool = False, exit_when_idle_s: float | None = None) -> None:
    """Run the engine in this process until it is stopped. Raises DriftdeckError."""
    prepare_state_dir(state)
    settings = load_settings(config_path, live=live)
    with StateLock(state, since=iso(Ms(int(time.time()) * 1000)), config=config_path):
        log_to_file(state)
        ring = LogRing()
        logging.getLogger().addHandler(ring)
        try:
            asyncio.run(_run(settings, state, ring, exit_when_idle_s))
        except DriftdeckError as error:
            log.warning("ending: %s", error)
            raise
        except Exception as error:  # the supervisor: the one place that catches everything, to log it and end
            log.exception("the engine ended on a fault of its own")
            raise EngineFaultError(
                f"the engine ended on a fault of its own ({type(error).__name__}): see {state / LOG_NAME}"
            ) from error
        log.info("ended in an orderly way")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse arguments, serve, and turn an error into one line and an exit code."""
    parser = argparse.ArgumentParser(prog="python -m engine.runtime.daemon")
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--exit-when-idle", type=float, default=None, metavar="SECONDS")
    parser.add_argument("--live", action="store_true")
    args = parser.parse_args(argv)
    try:
        serve(args.config, args.state, live=args.live, exit_when_idle_s=args.exit_when_idle)
    except DriftdeckError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return int(error.exit_code)
    return int(ExitCode.DONE)


if __name__ == "__main__":
    sys.exit(main())
