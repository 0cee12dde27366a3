"""Owns what the trader looks at in the correlation lab: the marked pair, what the triangles show, matrix or network.

Plain state, changed by `map_hands` and read through the Scene; the pair is two places in the order of the map.
"""

from dataclasses import dataclass

from engine.domain.views import MatrixKind


@dataclass(frozen=True, slots=True)
class Triangles:
    """What stands below and above the diagonal."""

    lower: MatrixKind
    upper: MatrixKind
    lower_days: int = 0
    upper_days: int = 0


@dataclass(slots=True)
class MapChoice:
    """The choice of one cockpit."""

    row: int = 0
    column: int = 1
    view: int = 0
    tree: bool = False

    def pair(self, size: int) -> tuple[int, int]:
        """Return two different places of `size` assets; (0, 0) where there are no two."""
        if size < 2:
            return (0, 0)
        row, column = self.row % size, self.column % size
        return (row, column) if row != column else (row, (column + 1) % size)


def triangles(windows: tuple[int, ...]) -> tuple[Triangles, ...]:
    """Return what `v` turns through."""
    plain = MatrixKind.WINDOW
    return (
        Triangles(MatrixKind.BASE, MatrixKind.NOW),
        Triangles(MatrixKind.BASE, MatrixKind.DELTA),
        Triangles(MatrixKind.CALM, MatrixKind.STRESS),
        Triangles(plain, plain, max(windows), min(windows)),
    )
