"""Owns what the lab pages have found, and which commands find it: from what is set on a page to the steps of a job.

Never formats and never runs a process itself (`lab_jobs` does). What was found stays until something newer comes, so a
page says of what it is by the answer's own words.
"""

from collections.abc import Sequence
from pathlib import Path

from tui.cockpit.lab_choice import BASE, MONEY, SHAPES, SIZED, TYPED, BacktestChoice, BuilderChoice, StressChoice
from tui.cockpit.lab_jobs import Job, LabJobs, Step
from tui.cockpit.lab_views import (
    BacktestView,
    BuildView,
    LabBook,
    Ranked,
    StressView,
    backtest_view,
    build_view,
    stress_view,
)

STRESS, BUILDER, BACKTEST, WRITING = "stress", "builder", "backtest", "writing"
ACCOUNT = "account"
PAUSE_S = 0.6  # after a step of a slider: the next one comes within it


class Labs:
    """The findings of one cockpit. `state` is the engine's state directory, for the commands."""

    def __init__(self, jobs: LabJobs | None = None, *, state: Path | None = None, themes: Sequence[str] = ()) -> None:
        self.jobs = jobs or LabJobs(lambda: None)
        self.revision = 0
        self.stress: StressView | None = None
        self.books: dict[str, LabBook] = {}  # the lab of each book, made for the figures in `stress`
        self.build: BuildView | None = None
        self.backtest: BacktestView | None = None
        self.themes = tuple(themes)
        self._state = () if state is None else ("--state", str(state))
        self._asked: dict[str, object] = {}
        self._stress_key: object = None
        self._played: tuple[str, ...] = ()

    def job(self, page: str) -> Job:
        """Return what a page has under way, or how its last job ended."""
        return self.jobs.job(page)

    def leave(self, page: str) -> None:
        """End what a page has under way; it begins anew when the page is opened again."""
        if self.jobs.job(page).running:
            self._asked.pop(page, None)
            self.jobs.stop(page)

    def again(self, page: str) -> None:
        """Forget that a page has been asked for, so that the next look asks again."""
        self._asked.pop(page, None)
        if page == STRESS:
            self._stress_key = None

    def book_names(self, baskets: Sequence[str]) -> tuple[str, ...]:
        """Return the books of the stress page: those of the answer, else the account and the baskets."""
        if self.stress is not None:
            return tuple(book.basket for book in self.stress.books)
        return (ACCOUNT, *baskets)

    def want_stress(self, choice: StressChoice, book: str, market: str) -> None:
        """Begin to make what the stress page shows and nobody has made."""
        key = (choice.rho, choice.move, choice.leverage, choice.what, market)
        if self._asked.get(STRESS) == (key, book):
            return
        moved = self.stress is not None and key != self._stress_key
        self._asked[STRESS] = (key, book)
        asked = ("stress", "--json", *self._state, *_of(choice), "--shock", f"{market}={choice.move}%")
        steps = []
        if key != self._stress_key:
            steps.append(Step(what="scenarios", arguments=asked, take=lambda answer: self._take(answer, key)))
        if key != self._stress_key or book not in self.books:
            arguments = (*asked, "--lab-of", book)
            steps.append(Step(what=f"odds of {book}", arguments=arguments, take=lambda answer: self._take(answer, key)))
        self.jobs.start(STRESS, steps, after_s=PAUSE_S if moved else 0.0)

    def want_build(self, choice: BuilderChoice) -> None:
        """Begin to rank what the builder's page asks for and nobody has ranked."""
        asked = self._build(choice)
        if self._asked.get(BUILDER) != asked:
            pause = PAUSE_S if self.build is not None else 0.0
            self._asked[BUILDER] = asked
            self.jobs.start(BUILDER, [Step(what="ranking", arguments=asked, take=self._take_build)], after_s=pause)

    def want_backtest(self, choice: BacktestChoice) -> None:
        """Begin to play the past that the backtest's page asks for, where nobody has."""
        prices = ("--prices", choice.prices) if choice.prices else ()
        asked = ("backtest", "--json", *self._state, *prices)
        if self._asked.get(BACKTEST) != asked:
            self._asked[BACKTEST] = asked
            if asked != self._played:
                self.backtest = None  # the name of other prices above it would be a lie
            self._played = asked
            self.jobs.start(BACKTEST, [Step(what="backtest", arguments=asked, take=self._take_backtest)])

    def _take_backtest(self, answer: bytes) -> None:
        self.backtest = backtest_view(answer)
        self.revision += 1

    def write(self, choice: BuilderChoice, picked: Ranked, place: int, name: str) -> None:
        """Write a basket into the config: the one that is on the screen, at the bars it was ranked on, or none."""
        at = ("--at", self.build.at) if self.build is not None else ()
        assets = ",".join((*picked.assets, *((picked.hedge.asset,) if picked.hedge else ())))
        which = ("--write", name, "--pick", str(place + 1), "--expect", assets, "--yes")
        step = Step(what=name, arguments=(*self._build(choice), *at, *which), take=lambda _: None)
        self.jobs.start(WRITING, [step])

    def _build(self, choice: BuilderChoice) -> tuple[str, ...]:
        source: tuple[str, ...] = ()
        if choice.source:
            source = ("--candidates", choice.typed) if choice.source == TYPED else ("--theme", choice.source)
        prices = ("--prices", choice.prices) if choice.prices else ()
        how = ("--shape", SHAPES[choice.shape], "--notional", str(MONEY[choice.money]))
        return ("build", "--json", *self._state, *prices, *source, *how)

    def _take_build(self, answer: bytes) -> None:
        self.build = build_view(answer)
        self.revision += 1

    def _take(self, answer: bytes, key: object) -> None:
        found = stress_view(answer)
        if key != self._stress_key:
            self.books = {}
        self._stress_key = key
        self.stress = found
        self.books |= {book.basket or ACCOUNT: book for book in found.lab}
        self.revision += 1


def _of(choice: StressChoice) -> tuple[str, ...]:
    whose = {BASE: ("--base",), SIZED: ("--sized",)}.get(choice.what, ())
    leverage = ("--leverage", str(choice.leverage)) if choice.leverage else ()
    return ("--rho", f"{choice.rho:g}", *leverage, *whose)
