"""Owns the keys of the correlation lab: mark a pair, turn what the triangles show, matrix or network.

Nothing here reaches the engine. Never paints: the app does, after each key.
"""

import math
from collections.abc import Callable
from itertools import combinations

from engine.domain.views import ALL_ASSETS, MatrixKind, Section
from tui.cockpit.deck import Want
from tui.cockpit.key_names import Action
from tui.cockpit.map_choice import MapChoice
from tui.cockpit.stage import Stage


class MapHands:
    """Change what one stage's correlation lab shows."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def does(self) -> dict[Action, Callable[[], None]]:
        """Return what each key does."""
        return {
            Action.NEXT_ASSET: lambda: self._move(1, 0),
            Action.PREVIOUS_ASSET: lambda: self._move(-1, 0),
            Action.NEXT_PARTNER: lambda: self._move(0, 1),
            Action.PREVIOUS_PARTNER: lambda: self._move(0, -1),
            Action.LARGEST_MOVE: self._largest,
            Action.TRIANGLES: self._turn,
            Action.NETWORK: self._network,
        }

    @property
    def _choice(self) -> MapChoice:
        return self._stage.choice.map

    def _size(self) -> int:
        shown = self._stage.scene().deck.map
        return len(shown.order) if shown is not None else 0

    def _move(self, row: int, column: int) -> None:
        """Move one of the two; they never meet."""
        size = self._size()
        if size < 2:
            return
        at = list(self._choice.pair(size))
        step, place = (row, 0) if row else (column, 1)
        at[place] = (at[place] + step) % size
        if at[0] == at[1]:
            at[place] = (at[place] + step) % size
        self._choice.row, self._choice.column = at

    def _largest(self) -> None:
        """Mark the pair whose correlation moved most."""
        scene = self._stage.scene()
        shown, matrix = scene.deck.map, scene.deck.matrices.get(Want(Section.MATRIX, ALL_ASSETS, MatrixKind.DELTA))
        if shown is None or matrix is None:
            return
        at = {asset: place for place, asset in enumerate(shown.order)}
        moved = [
            (abs(matrix.values[i][j]), at[matrix.assets[i]], at[matrix.assets[j]])
            for i, j in combinations(range(len(matrix.assets)), 2)
            if not math.isnan(matrix.values[i][j]) and matrix.assets[i] in at and matrix.assets[j] in at
        ]
        if moved:
            _, self._choice.row, self._choice.column = max(moved)

    def _turn(self) -> None:
        self._choice.view += 1

    def _network(self) -> None:
        self._choice.tree = not self._choice.tree
