"""Owns the reading of a venue's list of markets: a row that ccxt cannot read costs itself, not all the others.

ccxt reads the whole list in one go and fails with the first bad row. Where it does, the same answers are given to it
again, without asking the venue, in halves, until the bad rows stand alone; then once more without them. Their names go
to whoever loads the list. Never mends a row, and gives up where there are many: then it is the venue that has changed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
MOST_BROKEN = 16
DEEPEST = 3  # an envelope, its result, and the list in it
_NAMES = ("symbol", "instId", "id", "name", "altname", "product_id", "contract", "currency_pair")

Place = tuple[str | int, ...]  # of a row: its answer's url, then keys and positions down to it


class Answers:
    """The answers behind one load of the list, given again without those rows that are left out."""

    def __init__(self) -> None:
        self.again = False  # they are given again: nothing is asked, so nothing waits in line
        self.left_out: frozenset[Place] = frozenset()
        self.asked = 0
        self._of: dict[str, Any] = {}

    def __contains__(self, url: str) -> bool:
        return url in self._of

    @property
    def whole(self) -> bool:
        """Return True where every request of the load was answered."""
        return self.asked == len(self._of)

    def keep(self, url: str, answer: Any) -> None:
        """Keep what the venue answered to a request that was counted in `asked`."""
        self._of[url] = answer

    def of(self, url: str) -> Any:
        """Return the answer of a url without the rows that are left out."""
        return _without(self._of[url], (url,), self.left_out)

    def rows(self) -> list[Place]:
        """Return the place of every row of every answer."""
        return [place for url, answer in self._of.items() for place in _rows(answer, (url,))]

    def name(self, place: Place) -> str:
        """Return what the venue calls the row at a place."""
        row: Any = self._of[str(place[0])]
        for key in place[1:]:
            row = row[key]
        said = [str(row[key]) for key in _NAMES if row.get(key)] if isinstance(row, dict) else []
        return said[0] if said else str(place[-1])


_KEPT: ContextVar[Answers | None] = ContextVar("kept", default=None)


def answers_kept() -> Answers | None:
    """Return the answers of the load that is under way in this task, None outside of one."""
    return _KEPT.get()


async def load_markets(exchange: Any, *, reload: bool = False) -> tuple[str, ...]:
    """Load the list of markets into a ccxt object; return the venue's names of those that cannot be read.

    Raises whatever ccxt raises where that is not the fault of a few rows.
    """
    from ccxt.base.errors import ExchangeError

    with _keeping() as answers:
        try:
            await exchange.load_markets(reload=reload)
            return ()
        except (*UNREADABLE, ExchangeError):
            broken = await _broken(exchange, answers) if answers.whole else []
            if not 0 < len(broken) <= MOST_BROKEN:
                raise
        answers.left_out = frozenset(broken)
        await exchange.load_markets(reload=True)
        return tuple(sorted(answers.name(place) for place in broken))


@contextmanager
def _keeping() -> Iterator[Answers]:
    answers = Answers()
    token = _KEPT.set(answers)
    try:
        yield answers
    finally:
        _KEPT.reset(token)


async def _broken(exchange: Any, answers: Answers) -> list[Place]:
    """Return the rows that cannot be read, a few more than are borne where there are many."""
    rows, found = answers.rows(), list[Place]()
    parts = [rows]
    while parts and len(found) <= MOST_BROKEN:
        part = parts.pop()
        if await _readable(exchange, answers, frozenset(rows) - frozenset(part)):
            continue
        if len(part) == 1:
            found += part
        else:
            parts += [part[len(part) // 2 :], part[: len(part) // 2]]
    return found


async def _readable(exchange: Any, answers: Answers, left_out: frozenset[Place]) -> bool:
    from ccxt.base.errors import ExchangeError

    answers.again, answers.left_out = True, left_out
    try:
        await exchange.fetch_markets()
    except (*UNREADABLE, ExchangeError):
        return False
    return True


def _rows(value: Any, place: Place) -> Iterator[Place]:
    """Yield the places of what may be a row: the items of lists, and of an object that holds one object per market."""
    if isinstance(value, list):
        yield from ((*place, at) for at in range(len(value)))
    elif isinstance(value, dict):
        objects = sum(isinstance(each, dict) for each in value.values())
        if objects > 1 and 2 * objects > len(value):
            yield from ((*place, key) for key in value)
        elif len(place) <= DEEPEST:
            for key, each in value.items():
                yield from _rows(each, (*place, key))


def _without(value: Any, place: Place, left_out: frozenset[Place]) -> Any:
    if isinstance(value, list):
        return [each for at, each in enumerate(value) if (*place, at) not in left_out]
    if isinstance(value, dict) and len(place) <= DEEPEST + 1:
        kept = ((key, each) for key, each in value.items() if (*place, key) not in left_out)
        return {key: _without(each, (*place, key), left_out) for key, each in kept}
    return value
