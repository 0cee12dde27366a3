"""Where messages go and how they get there: real requests to a server on loopback, and no address in any text."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.adapters.heartbeat_ping import HeartbeatPing
from engine.adapters.notifier_apprise import AppriseNotifier
from engine.adapters.notify_targets import read_targets
from engine.adapters.redaction import redact
from engine.domain.errors import NoticeNotSentError, RefusedError
from engine.domain.notice import Level

TOKEN = "s3cr3t-t0ken-42"


class Receiver:
    """What was posted, and what is answered."""

    def __init__(self) -> None:
        self.got: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        self.paths.append(request.path)
        if request.method == "POST":
            self.got.append(await request.json())
        return web.Response(status=self.status)


@asynccontextmanager
async def receiving() -> AsyncIterator[tuple[Receiver, str]]:
    """Open a receiver; yield it with host and port."""
    receiver = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{route:.*}", receiver.answer)
    async with TestServer(app) as server:
        yield receiver, f"127.0.0.1:{server.port}"


def notifier(*urls: str) -> AppriseNotifier:
    pytest.importorskip("apprise", reason="the extra notify is not installed: pip install -e '.[notify]'")
    return AppriseNotifier(urls)


async def test_a_message_arrives_with_its_level_title_and_body() -> None:
    async with receiving() as (receiver, place):
        await notifier(f"json://{place}/{TOKEN}").send(Level.URGENT, "driftdeck: ALERT", "shift +0.52")
    (got,) = receiver.got
    assert (got["type"], got["title"], got["message"]) == ("failure", "driftdeck: ALERT", "shift +0.52")
    assert TOKEN in receiver.paths[0]


async def test_a_service_that_refuses_is_told_in_words_that_name_no_address(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with receiving() as (receiver, place):
            receiver.status = 500
            with pytest.raises(NoticeNotSentError) as caught:
                await notifier(f"json://{place}/{TOKEN}").send(Level.INFO, "t", "b")
    assert str(caught.value) == "1 of 1 services did not take the message: JSON"
    said = capfd.readouterr()
    ours = [record.getMessage() for record in caplog.records if record.name != "aiohttp.access"]  # the receiver's own
    assert TOKEN not in "".join((*ours, said.out, said.err))


async def test_one_of_two_services_that_fails_is_no_reason_to_send_twice(caplog: pytest.LogCaptureFixture) -> None:
    async with receiving() as (receiver, place):
        await notifier(f"json://{place}/good", "json://127.0.0.1:1/dead").send(Level.INFO, "t", "b")
    assert len(receiver.got) == 1
    assert "1 of 2 services did not take the message" in caplog.text


def test_an_address_that_apprise_does_not_know_is_refused_by_its_place() -> None:
    with pytest.raises(RefusedError, match="address 2 of 2") as caught:
        notifier("json://127.0.0.1:1/x", f"nosuch://{TOKEN}")
    assert TOKEN not in str(caught.value)


async def test_a_heartbeat_is_one_request_and_its_failure_names_no_address() -> None:
    async with receiving() as (receiver, place):
        await HeartbeatPing(f"http://{place}/ping/{TOKEN}").ping()
        assert receiver.paths == [f"/ping/{TOKEN}"]
        receiver.status = 404
        with pytest.raises(NoticeNotSentError, match="HTTP 404"):
            await HeartbeatPing(f"http://{place}/ping/{TOKEN}").ping()
    with pytest.raises(NoticeNotSentError) as caught:
        await HeartbeatPing(f"http://127.0.0.1:1/{TOKEN}").ping()
    assert TOKEN not in str(caught.value)


def test_addresses_come_from_the_environment_before_the_file_and_are_never_printed(tmp_path: Path) -> None:
    file = tmp_path / "notify.urls"
    file.write_text(f"# mine\ntgram://{TOKEN}/123\n\nheartbeat https://hc.example.org/{TOKEN}-beat\n", encoding="utf-8")
    file.chmod(0o600)
    kept = read_targets(environ={}, file=file)
    assert kept.urls == (f"tgram://{TOKEN}/123",)
    assert kept.heartbeat == f"https://hc.example.org/{TOKEN}-beat"
    assert TOKEN not in repr(kept)
    assert TOKEN not in redact(f"POST /{TOKEN}/ failed")
    given = read_targets(environ={"DRIFTDECK_NOTIFY": "json://one/path json://two"}, file=file)
    assert (given.urls, given.heartbeat) == (("json://one/path", "json://two"), "")


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "notify.urls"
    file.write_text("json://one\n", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(RefusedError, match="chmod 600"):
        read_targets(environ={}, file=file)


def test_a_heartbeat_that_is_no_http_address_is_refused_without_naming_it() -> None:
    with pytest.raises(RefusedError, match="no http address") as caught:
        read_targets(environ={"DRIFTDECK_HEARTBEAT": f"ftp://{TOKEN}"}, file=Path("/nowhere"))
    assert TOKEN not in str(caught.value)
