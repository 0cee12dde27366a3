"""Owns the keys of the basket builder: candidates, shape, money, the marked basket, and its way into the config.

Writing is asked first: a name is typed, then another key confirms. Nothing here reaches the engine.
"""

from collections.abc import Callable

from tui.cockpit import reasons, text
from tui.cockpit.choice import Asking, Note, Page
from tui.cockpit.glyphs import clean
from tui.cockpit.key_names import Action
from tui.cockpit.lab_choice import MONEY, SHAPES, TYPED
from tui.cockpit.lab_marks import sources
from tui.cockpit.lab_views import Ranked
from tui.cockpit.labs import BUILDER
from tui.cockpit.stage import Stage


class BuilderHands:
    """Change what one stage's builder asks for."""

    def __init__(self, stage: Stage, *, deafen: Callable[[], None], tell: Callable[..., None]) -> None:
        self._stage = stage
        self._choice = stage.choice
        self._deafen = deafen
        self._tell = tell

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what the builder's keys do."""
        return {
            Action.NEXT_ROW: lambda: self._move(1),
            Action.PREVIOUS_ROW: lambda: self._move(-1),
            Action.CANDIDATES: self._choose,
            Action.TYPE_ASSETS: self._type_assets,
            Action.PRICE_FILE: self._type_file,
            Action.SHAPE: self._turn_shape,
            Action.MORE_MONEY: lambda: self._money(1),
            Action.LESS_MONEY: lambda: self._money(-1),
            Action.TAKE: self._take,
            Action.WRITE: self._write,
        }

    def _move(self, step: int) -> None:
        chosen = self._choice.builder
        if chosen.choosing:
            chosen.row = (chosen.row + step) % len(sources(self._stage.scene()))
        else:
            chosen.pick += step
            self._choice.scrolled = 0

    def _choose(self) -> None:
        chosen = self._choice.builder
        chosen.choosing = not chosen.choosing
        self._choice.scrolled = 0

    def _turn_shape(self) -> None:
        chosen = self._choice.builder
        chosen.shape = (chosen.shape + 1) % len(SHAPES)

    def _money(self, step: int) -> None:
        chosen = self._choice.builder
        chosen.money = min(len(MONEY) - 1, max(0, chosen.money + step))

    def _take(self) -> None:
        chosen = self._choice.builder
        if chosen.choosing:
            found = sources(self._stage.scene())
            chosen.source, chosen.choosing, chosen.pick = found[chosen.row % len(found)], False, 0
        else:
            self._stage.labs.again(BUILDER)

    def _type_assets(self) -> None:
        says = ("The candidates, with commas between them: ETH,SOL,AVAX,NEAR",)
        self._ask("rank", "candidates", says, self._typed_assets, self._choice.builder.typed)

    def _typed_assets(self, words: str) -> None:
        chosen = self._choice.builder
        chosen.typed = ",".join(word for word in words.replace(",", " ").split())
        chosen.source, chosen.choosing, chosen.pick = TYPED if chosen.typed else "", False, 0

    def _type_file(self) -> None:
        """Ask for the price file of the page in front: the builder's or the backtest's."""
        choice = self._choice
        chosen = choice.backtest if choice.page is Page.BACKTEST else choice.builder

        def take(words: str) -> None:
            chosen.prices = words

        says = ("A price file: CSV, gzipped or not, or Parquet.", "Empty: the bars that the engine has stored.")
        self._ask("use it", "prices", says, take, chosen.prices)

    def _ask(self, verb: str, subject: str, says: tuple[str, ...], takes: Callable[[str], None], text: str) -> None:
        self._choice.note = Note(verb=verb, done="", subject=subject, says=says, takes=takes, text=text)
        self._deafen()

    def _write(self) -> None:
        found, why = self._stage.labs.build, reasons.unranked(self._stage.scene())
        if found is None or why:
            self._tell(why)
            return
        place = self._choice.builder.pick % len(found.baskets)
        picked = found.baskets[place]
        says = (f"A name for {_members(picked)}; nothing is written yet.",)
        self._ask("name it", "a basket", says, lambda name: self._named(picked, place, name), "")

    def _named(self, picked: Ranked, place: int, name: str) -> None:
        """Ask whether the basket shall be written under this name."""
        if not name:
            return
        scene = self._stage.scene()
        money = text.money_full(scene.glyphs, MONEY[self._choice.builder.money])
        real = scene.health is None or scene.health.market == "real"
        says = (
            f"{_members(picked)}, {money} at base exposure, goes into the config.",
            "Nothing is traded. A running engine takes it up at its next start."
            if real
            else "This demo's own one, which is made anew with each: copy the table, too.",
        )
        labs, chosen = self._stage.labs, self._choice.builder
        self._choice.asking = Asking(
            verb="write",
            done="written",
            subject=clean(name),
            says=says,
            does=lambda: labs.write(chosen, picked, place, name),
        )


def _members(picked: Ranked) -> str:
    against = f" against {clean(picked.hedge.asset)}" if picked.hedge is not None else ""
    return f"{', '.join(clean(asset) for asset in picked.assets)}{against}"
