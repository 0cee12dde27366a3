"""Owns how a partial update becomes bytes: from the first changed column to the last, not from the widget's left edge.

Textual 8.2.8 (pinned) always starts a partial update at the left edge of the widget; this compositor cuts at both ends
of each dirty span. Never decides what is dirty: the widgets do. Everything else is Textual's own compositor.
"""

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class _SpanUpdate(ChopsUpdate):
    """The changed spans, each cut to its own columns."""

    def render_segments(self, console: Console) -> str:
        """Return cursor moves and styled text for every span."""
        sequences: list[str] = []
        for y, left, right in self.spans:
            pen = -1
            for end, (x, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                if strip is None or x >= right or end <= left:
                    continue
                start, stop = max(x, left), min(end, right)
                if start != pen:
                    sequences.append(Control.move_to(start, y).segment.text)
                part = strip if (start, stop) == (x, end) else strip.crop(start - x, stop - x)
                sequences.append(part.render(console))
                pen = stop
        return "".join(sequences)


class LeanCompositor(Compositor):
    """Textual's compositor with updates cut to what changed."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """Return the update of the dirty spans, if there are any."""
        update = super().render_partial_update()
        return None if update is None else _SpanUpdate(update.chops, update.spans, update.chop_ends)
