"""Owns a ccxt session that follows no redirect: an order would go out twice, and a price would be another host's.

A mixin in front of a ccxt class; whoever is redirected is told so in one sentence. Opens nothing else.
"""

from typing import Any

from engine.domain.errors import BadVenueAnswerError


class NoRedirects:
    """Opens ccxt's session itself. Names start with "_" because ccxt gives all others a camelCase twin."""

    id: str

    def open(self, lazy: bool = False) -> None:
        """Open ccxt's session, with a watch on redirects."""
        import aiohttp

        this: Any = self
        parent: Any = super()
        if this.session is None and not (lazy and this.closed_by_user):
            watch = aiohttp.TraceConfig()
            watch.on_request_redirect.append(self._refuse_redirect)
            this.tcp_connector = aiohttp.TCPConnector(ssl=this.ssl_context)
            this.session = aiohttp.ClientSession(
                connector=this.tcp_connector, trust_env=this.aiohttp_trust_env, trace_configs=[watch]
            )
        parent.open(lazy)

    async def _refuse_redirect(self, _session: Any, _context: Any, told: Any) -> None:
        told.response.close()
        raise BadVenueAnswerError(
            f"{self.id} answered {told.method} {told.url.path} with a redirect (HTTP {told.response.status}), "
            "which is not followed; check the proxy"
        )
