"""Owns what the trader has set on the lab pages: sliders, candidates, files, and what is marked there.

Plain state, changed by `lab_hands` only and read through the Scene. Nothing here reaches the engine.
"""

from dataclasses import dataclass, field

RHO = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99)  # hundredths
MOVE = (
    -60,
    -50,
    -40,
    -30,
    -25,
    -20,
    -15,
    -12,
    -10,
    -8,
    -6,
    -5,
    -4,
    -3,
    -2,
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    15,
    20,
    30,
)  # percent
LEVERAGE = (0, 1, 2, 3, 5, 10, 20, 50, 100)  # 0: as configured
HELD, BASE, SIZED = "held", "base", "sized"
BOOKS = (HELD, BASE, SIZED)
SLIDERS = (RHO, MOVE, LEVERAGE)
TYPED = "typed"
SHAPES = ("long", "neutral", "short")
MONEY = (1_000, 2_000, 4_000, 6_000, 8_000, 12_000, 16_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000)


@dataclass(slots=True)
class StressChoice:
    """The sliders as places in their scales, which one is marked, whose positions, and which book is looked into."""

    at: list[int] = field(default_factory=lambda: [RHO.index(95), MOVE.index(-8), LEVERAGE.index(0)])
    slider: int = 0
    what: str = HELD
    book: int = 0

    @property
    def rho(self) -> float:
        """Return the correlation that every pair is raised to."""
        return RHO[self.at[0]] / 100

    @property
    def move(self) -> int:
        """Return the market's move in percent."""
        return MOVE[self.at[1]]

    @property
    def leverage(self) -> int:
        """Return the leverage of every basket, 0 for the configured one."""
        return LEVERAGE[self.at[2]]

    def slide(self, step: int) -> None:
        """Move the marked slider; it stops at its ends."""
        scale = SLIDERS[self.slider]
        self.at[self.slider] = min(len(scale) - 1, max(0, self.at[self.slider] + step))


@dataclass(slots=True)
class BuilderChoice:
    """Whose assets are candidates, how much money, which shape, and what is marked.

    `source` is "" for all stored assets, TYPED for the typed ones, else a basket theme; `row` the place in the list of
    sources while `choosing`; `pick` the marked basket. `prices` is a file, empty for the stored bars.
    """

    choosing: bool = False
    source: str = ""
    typed: str = ""
    prices: str = ""
    row: int = 0
    shape: int = 0
    money: int = MONEY.index(12_000)
    pick: int = 0


@dataclass(slots=True)
class BacktestChoice:
    """Which prices are played (a file, empty for the stored bars), and which curve a narrow screen shows."""

    prices: str = ""
    drawdown: bool = False
