"""Owns the `Heartbeat` port: a request to an address that expects one, so that silence is noticed elsewhere.

Any service that takes a GET does (healthchecks and its like). The address is a secret and is never named.
"""

import aiohttp

from engine.domain.errors import NoticeNotSentError

WITHIN_S = 10.0


class HeartbeatPing:
    """Pings one address, through the environment's proxy where there is one."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def ping(self) -> None:
        """Send one request. Raises NoticeNotSentError."""
        try:
            timeout = aiohttp.ClientTimeout(total=WITHIN_S)
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
                session.get(self._address) as answer,
            ):
                status = answer.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise NoticeNotSentError(f"the heartbeat was not taken ({type(error).__name__})") from None
        if status >= 400:
            raise NoticeNotSentError(f"the heartbeat was not taken (HTTP {status})")
