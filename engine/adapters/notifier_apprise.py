"""Owns the `Notifier` port by apprise (extra `notify`): one message to each of the trader's services.

Apprise is imported on the first need and only where addresses are known. Its own log lines name addresses, so they go
nowhere; what leaves here says how many services failed and of which kind, never where.
"""

import asyncio
import logging
import warnings
from collections.abc import Sequence
from typing import Any

from engine.domain.errors import NoticeNotSentError, RefusedError
from engine.domain.notice import Level

log = logging.getLogger(__name__)

KINDS = {Level.INFO: "info", Level.WARNING: "warning", Level.URGENT: "failure"}


class AppriseNotifier:
    """Sends to all addresses, side by side in threads."""

    def __init__(self, urls: Sequence[str]) -> None:
        """Take the addresses. Raises RefusedError without the extra, or for an address that apprise does not know."""
        try:
            import apprise
        except ImportError:
            raise RefusedError(
                "messages need the extra notify: pip install 'driftdeck[notify]' (addresses for them are set)"
            ) from None
        for name in ("apprise", "urllib3"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._services: list[Any] = []
        for place, url in enumerate(urls, start=1):
            with warnings.catch_warnings():  # all of its services are imported here, with what Python deprecates
                warnings.simplefilter("ignore")
                service = apprise.Apprise.instantiate(url)
            if service is None:
                raise RefusedError(
                    f"address {place} of {len(urls)} is none that apprise knows: see its list of services, "
                    "such as tgram://TOKEN/CHAT"
                )
            self._services.append(service)

    @property
    def services(self) -> tuple[str, ...]:
        """Return the kinds of services, without their addresses."""
        return tuple(str(service.service_name) for service in self._services)

    async def send(self, level: Level, title: str, body: str) -> None:
        """Send to every service; one that fails is logged. Raises NoticeNotSentError where none took it."""
        sent = [self._send(service, level, title, body) for service in self._services]
        took = await asyncio.gather(*sent)
        failed = [str(service.service_name) for service, ok in zip(self._services, took, strict=True) if not ok]
        if not failed:
            return
        why = f"{len(failed)} of {len(took)} services did not take the message: {', '.join(failed)}"
        if len(failed) == len(took):
            raise NoticeNotSentError(why)
        log.warning("%s", why)  # sent again it would come twice to the others

    async def _send(self, service: Any, level: Level, title: str, body: str) -> bool:
        try:
            return bool(
                await asyncio.to_thread(service.notify, body=body or title, title=title, notify_type=KINDS[level])
            )
        except (TypeError, ValueError, OSError):
            return False
