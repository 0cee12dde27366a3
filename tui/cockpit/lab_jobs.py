"""Owns the lab's work for the cockpit: commands of `driftdeck` as child processes, one job a page, niced.

A job is one or more steps; each step is a command line whose answer on stdout is handed over as it comes. Never
computes and never blocks: the cockpit imports no numerics, and an engine beside it goes first. Why so: docs/adr/0010.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import msgspec

PROGRAM = (sys.executable, "-m", "tui")
NICE = 10
END_WITHIN_S = 2.0
LAST_WORDS = 2_000
_ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command; `take` gets its stdout and may raise msgspec.DecodeError. `what` says what is being made."""

    what: str
    arguments: tuple[str, ...]
    take: Callable[[bytes], None]


@dataclass(slots=True)
class Job:
    """What a page can say of its work: under way since when (monotonic), or the sentence it ended with."""

    what: str = ""
    since: float = 0.0
    error: str = ""
    done: str = ""  # the last line that the command said on stderr, where it ended well
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def running(self) -> bool:
        """Return whether something is being made."""
        return bool(self.what)


class LabJobs:
    """Run at most one job per page. `changed` is called whenever there is something new to paint."""

    def __init__(
        self,
        changed: Callable[[], None],
        *,
        program: Sequence[str] = PROGRAM,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._changed = changed
        self._program = tuple(program)
        self._environ = {**_ONE_THREAD, **(os.environ if environ is None else environ)}
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def job(self, page: str) -> Job:
        """Return the job of a page, an idle one where none was started."""
        return self._jobs.get(page) or Job()

    def start(self, page: str, steps: Sequence[Step], *, after_s: float = 0.0) -> None:
        """Begin a job after a pause, in the place of what the page has under way."""
        self.stop(page)
        if steps:
            job = Job(what=steps[0].what, since=self._clock())
            self._jobs[page] = job
            job.task = asyncio.create_task(self._run(job, tuple(steps), after_s), name=f"lab-{page}")

    def stop(self, page: str) -> None:
        """Cancel what a page has under way; what it made before stays."""
        job = self._jobs.pop(page, None)
        if job is not None and job.task is not None and not job.task.done():
            job.task.cancel()
            self._ending.add(job.task)
            job.task.add_done_callback(self._ending.discard)

    @property
    def running(self) -> bool:
        """Return whether anything is being made."""
        return any(job.running for job in self._jobs.values())

    @property
    def work(self) -> list[asyncio.Task[None]]:
        """Return what is under way or being ended."""
        running = [job.task for job in self._jobs.values() if job.task is not None and not job.task.done()]
        return [*running, *self._ending]

    async def _run(self, job: Job, steps: tuple[Step, ...], after_s: float) -> None:
        try:
            await asyncio.sleep(after_s)
            for step in steps:
                job.what, job.since = step.what, self._clock()
                self._changed()
                job.error = await self._step(job, step)
                if job.error:
                    break
        finally:
            job.what = ""
        self._changed()

    async def _step(self, job: Job, step: Step) -> str:
        """Run one command to its end; return why it failed, nothing where it did not."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._program,
                *step.arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=self._environ,
                start_new_session=True,
            )
        except OSError as error:
            return f"the {step.what} could not be started: {error.strerror}"
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            answer, words = await process.communicate()
        finally:
            await _end(process)
        said = words.decode("utf-8", "replace")[-LAST_WORDS:].strip()
        if process.returncode:
            return sentence(said) or f"the {step.what} ended with code {process.returncode} and said nothing"
        job.done = said.splitlines()[-1] if said else ""
        try:
            step.take(answer)
        except msgspec.DecodeError as error:
            return f"the {step.what} came in a form that this cockpit does not know ({error})"
        return ""


def sentence(said: str) -> str:
    """Return what a command said when it failed, as one line: its own sentence, or that the fault is the command's."""
    lines = said.splitlines()
    if any(line.startswith("Traceback") for line in lines):
        return f"the command ended on a fault of its own ({lines[-1]})"
    own = next((place for place, line in enumerate(lines) if line.startswith("driftdeck: ")), 0)
    return " ".join(line.strip() for line in lines[own:]).removeprefix("driftdeck: ")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask a child that still runs to end, then make it."""
    if process.returncode is not None:
        return
    for signal in (process.terminate, process.kill):
        with contextlib.suppress(ProcessLookupError):
            signal()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), END_WITHIN_S)
            return
