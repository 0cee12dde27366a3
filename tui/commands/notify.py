"""Owns `driftdeck notify` and `driftdeck watch`: where messages go, a test of them, noticing that an engine is dead.

An engine that hangs or died says nothing, so somebody else has to look. Addresses are never printed.
"""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from engine.adapters.config_file import load_config
from engine.adapters.heartbeat_ping import HeartbeatPing
from engine.adapters.notifier_apprise import AppriseNotifier
from engine.adapters.notify_targets import HEARTBEAT_VARIABLE, URLS_VARIABLE, Targets, read_targets
from engine.adapters.paths import config_path, notify_file
from engine.domain.errors import NoEngineError, NoticeNotSentError, RefusedError
from engine.domain.notice import Level
from engine.domain.ports import Notifier
from engine.domain.units import MINUTE_MS, SECOND_MS
from engine.domain.views import HealthView, Section
from tui.cockpit.text import spoken
from tui.commands.asking import ask_for, engine_socket
from tui.commands.history import duration_ms
from tui.commands.output import say


def notify(config: Path | None, *, test: bool) -> None:
    """Say where messages would go, and with `test` send one. Raises RefusedError, NoticeNotSentError."""
    targets = read_targets(environ=os.environ, file=notify_file())
    if not (targets.urls or targets.heartbeat):
        raise RefusedError(
            f"nobody is told: put apprise addresses, one a line, into {notify_file()} (mode 0600), or into "
            f"{URLS_VARIABLE}; and a line 'heartbeat https://...' there, or {HEARTBEAT_VARIABLE}"
        )
    notifier = AppriseNotifier(targets.urls) if targets.urls else None
    services = ", ".join(notifier.services) if notifier is not None else "nobody"
    print(f"messages go to {services}; heartbeat {'set' if targets.heartbeat else 'not set'}; from {targets.source}")
    path = config_path(config)
    if path.exists():
        rules = load_config(path).config.notify
        about = ", ".join(rules.baskets) or "all baskets"
        quiet = f", quiet {rules.quiet_hours}" if rules.quiet_hours else ""
        print(f"{rules.level} and above, at most {rules.per_hour} an hour{quiet}, about {about}")
    if test:
        asyncio.run(_test(notifier, targets))
        print("sent: look whether it came")


async def _test(notifier: AppriseNotifier | None, targets: Targets) -> None:
    if notifier is not None:
        await notifier.send(Level.INFO, "driftdeck: a test", "this is how an alert would reach you")
    if targets.heartbeat:
        await HeartbeatPing(targets.heartbeat).ping()


def watch(state: Path | None, *, max_age: str, every: str, once: bool) -> None:
    """Look whether the engine still checks, and say when not. With `once` raises RefusedError and NoEngineError."""
    limit_ms, pause_ms = duration_ms("--max-age", max_age), duration_ms("--every", every)
    if once:
        print(_checked(state, limit_ms))
        return
    targets = read_targets(environ=os.environ, file=notify_file())
    notifier = AppriseNotifier(targets.urls) if targets.urls else None
    if notifier is None:
        say("no addresses are known, so nobody is told but this terminal: see 'driftdeck notify'")
    watchman = Watchman(lambda: _checked(state, limit_ms), notifier)
    while True:
        watchman.look()
        time.sleep(pause_ms / SECOND_MS)


class Watchman:
    """Tells when the engine falls silent, once, and when it is back."""

    def __init__(self, checked: Callable[[], str], notifier: Notifier | None) -> None:
        self._checked = checked
        self._notifier = notifier
        self._silent = False

    def look(self) -> None:
        """Look once; a message that is not taken is tried at the next look."""
        try:
            words, silent = self._checked(), False
        except (NoEngineError, RefusedError) as error:
            words, silent = str(error), True
        if silent is self._silent:
            return
        say(words)
        try:
            if self._notifier is not None:
                level = Level.URGENT if silent else Level.INFO
                title = "driftdeck: the engine is silent" if silent else "driftdeck: the engine is back"
                asyncio.run(self._notifier.send(level, title, words))
        except NoticeNotSentError as error:
            say(str(error))
            return
        self._silent = silent


def _checked(state: Path | None, limit_ms: int) -> str:
    """Return how long ago the engine checked. Raises RefusedError for too long ago, NoEngineError."""
    health = ask_for(engine_socket(state), Section.HEALTH, HealthView)
    if health.last_check_ms is None:
        age_ms, since = health.uptime_s * SECOND_MS, "since it started"
    else:
        age_ms, since = float(health.market_ms - health.last_check_ms), "since its last check"
    words = f"{spoken(age_ms / SECOND_MS)} {since}"
    if age_ms > limit_ms:
        raise RefusedError(f"the engine has not checked for {limit_ms // MINUTE_MS} min ({words}): 'driftdeck status'")
    return f"the engine checks: {words}"
