"""Owns the private stream of an account: opens it, hands on its hints, finds it silent, and opens it again.

What it says is never believed, so nothing is lost without it: the desk asks as ever. A stream can be silent for ever
while its pings succeed (FACTS 4); an account where nothing happens is silent, too. So it is held against what the venue
proves: a fill that was read and that the stream did not speak of makes it a silent one.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable

from engine.core.inputs import AccountStreamReported, Input
from engine.domain.errors import RefusedError, VenueUnreachableError
from engine.domain.order import AccountNews, Fill
from engine.domain.ports import AccountStream, Clock
from engine.domain.units import FillId, Ms
from engine.runtime.history_loader import retry_delay

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
SPOKEN_OF_WITHIN_S = 5.0  # a fill is read first and streamed a moment later, or the other way round
SETTLES_S = 2.0  # what happened while the stream was opened may have been before it
SOUND_AFTER_S = 60.0  # a stream that lived so long starts the waits anew
REMEMBERED = 2_000


class SilentAccountStreamError(VenueUnreachableError):
    """The stream is connected and did not speak of what the venue has proven."""


class AccountFeed:
    """Keeps the private stream of one account open."""

    def __init__(
        self,
        open_stream: Callable[[], AccountStream],
        clock: Clock,
        *,
        put: Callable[[Input], None],
        hint: Callable[[AccountNews | None], None],
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Take the parts; `hint` hears what the stream speaks of, None for "anything may have happened before it".

        `speed` is market seconds per host second.
        """
        self._open_stream = open_stream
        self._clock = clock
        self._put = put
        self._hint = hint
        self._speed = speed
        self._sleep = sleep
        self._spoken: OrderedDict[FillId, None] = OrderedDict()
        self._due: dict[FillId, float] = {}  # fills that the venue has proven, and until when they may be spoken of
        self._since: Ms | None = None  # market time from which the connection speaks, None before it does
        self._doubted = False  # the last one was silent: this one has to speak before it is believed to
        self._said: tuple[bool, str] | None = None

    async def run(self) -> None:
        """Listen for ever; where that is refused say so and leave it."""
        attempt = 0
        while True:
            began = self._clock.monotonic()
            try:
                await self._connect()
            except RefusedError as error:
                self._say(False, str(error))
                await asyncio.Event().wait()
            except VenueUnreachableError as error:
                self._doubted = self._doubted or isinstance(error, SilentAccountStreamError)
                self._say(False, str(error))
            attempt = 0 if self._clock.monotonic() - began > SOUND_AFTER_S else attempt + 1
            await self._sleep(retry_delay(attempt))

    def proven(self, fills: Iterable[Fill]) -> None:
        """Hear which fills the venue has answered with: the stream has to speak of them, too."""
        if self._since is None:
            return
        due = self._clock.monotonic() + SPOKEN_OF_WITHIN_S
        for fill in fills:
            if fill.at >= self._since and fill.fill_id not in self._spoken:
                self._due.setdefault(fill.fill_id, due)

    async def _connect(self) -> None:
        stream = self._open_stream()
        try:
            await self._listen(stream)
        finally:
            self._since = None
            await stream.close()

    async def _listen(self, stream: AccountStream) -> None:
        """Listen until it fails or is silent. Raises VenueUnreachableError, RefusedError."""
        self._due.clear()
        pump = asyncio.create_task(stream.run(self._opened, self._heard), name="account-stream")
        try:
            while not pump.done():
                await self._sleep(LOOK_EVERY_S)
                self._refuse_silence()
            pump.result()
            raise VenueUnreachableError("the venue ended the account's stream")
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    def _opened(self) -> None:
        if self._since is None:
            self._since = Ms(self._clock.market_ms() + int(SETTLES_S * 1000 * self._speed))
            if not self._doubted:
                self._say(True, "")
            self._hint(None)

    def _heard(self, news: AccountNews) -> None:
        for fill in news.fills:
            self._spoken[fill] = None
            self._due.pop(fill, None)
        while len(self._spoken) > REMEMBERED:
            self._spoken.popitem(last=False)
        self._doubted = False
        self._say(True, "")
        self._hint(news)

    def _refuse_silence(self) -> None:
        now = self._clock.monotonic()
        if any(due < now for due in self._due.values()):
            raise SilentAccountStreamError("the account's stream is silent: it did not speak of a fill")

    def _say(self, up: bool, why: str) -> None:
        if (up, why) != self._said:
            self._said = (up, why)
            log.log(logging.INFO if up else logging.WARNING, "account stream: %s", why or "orders are followed")
            self._put(AccountStreamReported(up=up, why=why))
