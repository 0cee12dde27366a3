"""Owns what an account's stream spoke of and nobody has asked for yet, and when the desk is woken for it.

A burst of messages is one question. What was spoken of and is not proven yet is asked for a few times more: venues list
an execution a little after they stream it. Never asks and never believes.
"""

import asyncio
from collections.abc import Callable

from engine.domain.order import AccountNews
from engine.domain.ports import Clock

EVERY_S = 0.25  # at most, however much the stream has to say
GATHER_S = 0.02  # an order's message and its fill's come together
ASKED_AGAIN = 3


class Hints:
    """The hints of one desk; `wake` makes it look."""

    def __init__(self, clock: Clock, wake: Callable[[], None]) -> None:
        self._clock = clock
        self._wake = wake
        self._news: AccountNews | None = None
        self._taken_at = float("-inf")
        self._again = 0

    def add(self, news: AccountNews) -> None:
        """Take in what the stream spoke of."""
        self._again = ASKED_AGAIN
        self._keep(news)

    def take(self) -> AccountNews | None:
        """Return all that was spoken of since the last time, None where nothing was."""
        news, self._news = self._news, None
        if news is not None:
            self._taken_at = self._clock.monotonic()
        return news

    def unproven(self, news: AccountNews) -> None:
        """Hear which fills were asked for and are not listed yet."""
        if news.fills and self._again:
            self._again -= 1
            self._keep(news)

    def _keep(self, news: AccountNews) -> None:
        known, first = self._news or AccountNews(), self._news is None
        self._news = AccountNews(orders=known.orders | news.orders, fills=known.fills | news.fills)
        if first:
            wait = max(GATHER_S, self._taken_at + EVERY_S - self._clock.monotonic())
            asyncio.get_running_loop().call_later(wait, self._wake)
