"""An engine that answers, waits for its venue and gives up ends the cockpit with its sentence, not with ENGINE GONE."""

from pathlib import Path

from engine.domain.views import QuotesView
from support.cockpit_pilot import attached
from support.fake_engine import FakeEngine
from support.fake_scene import FakeScene

SENTENCE = "bybit did not answer within 20 s and no history is stored yet"


class Priceless(FakeScene):
    """An engine whose venue has not answered yet."""

    def quotes(self) -> QuotesView:
        return QuotesView()


class Backstage:
    """Starts an engine; says its last sentence once it has ended."""

    can_start_engine = True

    def __init__(self) -> None:
        self.said: str | None = None
        self.heard_ready = False

    def status(self) -> str:
        return ""

    def failure(self) -> str | None:
        return self.said

    def ready(self) -> None:
        self.heard_ready = True

    def start_engine(self) -> None:
        raise AssertionError("nobody asked for it")

    def leave_note(self) -> str:
        return "left"


async def test_an_engine_that_gives_up_before_it_had_a_price_ends_the_cockpit_with_its_sentence(tmp_path: Path) -> None:
    backstage = Backstage()
    async with attached(tmp_path, FakeEngine(Priceless()), backstage=backstage) as rig:
        backstage.said = SENTENCE
        await rig.server.stop()
        await rig.until(lambda: rig.app.return_value == SENTENCE)
        assert not backstage.heard_ready


async def test_an_engine_that_is_lost_later_leaves_the_cockpit_open(tmp_path: Path) -> None:
    backstage = Backstage()
    async with attached(tmp_path, FakeEngine(FakeScene()), backstage=backstage) as rig:
        await rig.until(lambda: backstage.heard_ready)
        backstage.said = SENTENCE
        await rig.server.stop()
        await rig.until(lambda: "ENGINE GONE" in rig.text)
        assert rig.app.return_value is None
