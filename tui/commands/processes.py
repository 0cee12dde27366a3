"""Owns starting, waiting for and ending the processes behind a cockpit: engine and simulated exchange.

Children are this installation's own modules, run by this interpreter, detached from the terminal. Never imports the
engine's heavy rooms: a child's own command line is the interface.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from engine.domain.errors import DriftdeckError, ExitCode

END_WITHIN_S = 5.0
LAST_WORDS = 2_000
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
LOOK_EVERY_S = 0.02


def use_one_thread() -> None:
    """Keep numpy's algebra to one thread, before it is imported, unless the user has said otherwise.

    Matrices of a hundred assets gain nothing from more, and threads that wait for each other on a busy machine cost a
    warm start three times its time.
    """
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)


class ChildError(DriftdeckError):
    """A child process ended; its own sentence and exit code are passed on."""

    def __init__(self, sentence: str, code: int) -> None:
        super().__init__(sentence)
        self.exit_code = ExitCode(code) if code in set(ExitCode) else ExitCode.REFUSED


class Child:
    """One child process with its stderr kept for the sentence it may end with."""

    def __init__(self, name: str, module: str, arguments: Sequence[str], *, words: Path, keep_stdin: bool) -> None:
        self.name = name
        self._words = words
        descriptor = os.open(words, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                stdin=subprocess.PIPE if keep_stdin else subprocess.DEVNULL,
                stdout=subprocess.PIPE if keep_stdin else subprocess.DEVNULL,
                stderr=descriptor,
                start_new_session=True,
                env=ONE_THREAD | os.environ,
                text=True,
            )
        finally:
            os.close(descriptor)

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self._process.pid

    @property
    def stdout(self) -> IO[str]:
        """Return the child's stdout. Raises RuntimeError where it was not kept."""
        if self._process.stdout is None:
            raise RuntimeError(f"{self.name} was started without a pipe")
        return self._process.stdout

    def ended(self) -> ChildError | None:
        """Return why the child ended, None while it runs."""
        code = self._process.poll()
        if code is None:
            return None
        words = self.last_words()
        if "Traceback" in words:
            words = f"{self.name} ended on a fault of its own ({words.splitlines()[-1]})"
        return ChildError(words or f"{self.name} ended with code {code} and said nothing", code)

    def last_words(self) -> str:
        """Return what the child wrote on stderr, its end only."""
        with contextlib.suppress(OSError):
            return self._words.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:].strip()
        return ""

    def end(self) -> None:
        """Ask the child to end, then make it; returns when it is gone."""
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.close()
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class SimReady:
    """What the simulated exchange says when it listens."""

    proxy: str
    ca_file: str
    control: str
    market_ms: int
    speed: float
    source: str
    identity: str
    label: str


def start_sim(arguments: Sequence[str], *, words: Path) -> tuple[Child, SimReady]:
    """Start the simulated exchange and wait until it listens. Raises ChildError with its own sentence."""
    child = Child("the simulated exchange", "engine.venue_sim", arguments, words=words, keep_stdin=True)
    line = child.stdout.readline()
    if not line:
        child.end()
        raise child.ended() or ChildError("the simulated exchange said nothing", int(ExitCode.REFUSED))
    said = json.loads(line)
    return child, SimReady(**{name: said[name] for name in SimReady.__slots__})


def start_engine(config: Path, state: Path, *, live: bool = False, exit_when_idle_s: float | None = None) -> Child:
    """Start the engine, detached; it goes on when this process ends."""
    arguments = ["--config", str(config), "--state", str(state)]
    if live:
        arguments.append("--live")
    if exit_when_idle_s is not None:
        arguments += ["--exit-when-idle", str(exit_when_idle_s)]
    return Child("the engine", "engine.runtime.daemon", arguments, words=state / "engine.err", keep_stdin=False)


def end_process(pid: int) -> None:
    """Ask a process that is not a child of this one to end, and make it when it does not."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        if wait_until_true(lambda: not is_running(pid), END_WITHIN_S):
            return


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let no second ctrl-c and no terminal that closes stop what must be done to its end."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def is_running(pid: int) -> bool:
    """Return True while the process `pid` exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_until_true(condition: Callable[[], bool], within_s: float) -> bool:
    """Return True once `condition` holds, False after `within_s`."""
    pause, until = threading.Event(), time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            return False
        pause.wait(LOOK_EVERY_S)
    return True
