"""Owns how an alert calls the trader from the terminal: its bell, and a notice while another window has the focus.

A notice comes once for each alert that rings; a terminal that never told of its focus gets none: the bell is enough
where somebody looks. Never decides what rings.
"""

from collections.abc import Callable, Iterable, Mapping

from engine.domain.events import AlertRaised, AlertWorsened, EventRecord
from tui.cockpit.bell import Bell
from tui.cockpit.options import CockpitOptions
from tui.cockpit.outward import NoticeForm, form_of, notice


class AwayNotices:
    """Tell the terminal of `form` by `write`, while `away`."""

    def __init__(
        self, form: NoticeForm, write: Callable[[str], None], *, away: Callable[[], bool], tmux: bool = False
    ) -> None:
        self._form = form
        self._write = write
        self._away = away
        self._tmux = tmux
        self._said: set[tuple[str, int]] = set()

    def hear(self, records: Iterable[EventRecord]) -> None:
        """Tell of what rings, each fact once however often it is heard; several at once are one notice."""
        told: list[str] = []
        for record in records:
            event = record.event
            if not isinstance(event, AlertRaised | AlertWorsened) or not event.rings or not self._away():
                continue
            if (event.id, event.at) not in self._said:
                self._said.add((event.id, event.at))
                worse = "worse: " if isinstance(event, AlertWorsened) else ""
                told.append(f"{event.id.partition('.')[0]}: {worse}{event.evidence.words}")
        title = "driftdeck" if len(told) == 1 else f"driftdeck, {len(told)} alerts"
        sequence = notice(self._form, title, "; ".join(told), tmux=self._tmux) if told else ""
        if sequence:
            self._write(sequence)


class Calls:
    """Bell and notices of one cockpit."""

    def __init__(
        self,
        options: CockpitOptions,
        environ: Mapping[str, str],
        *,
        ring: Callable[[], None],
        write: Callable[[str], None],
        away: Callable[[], bool],
    ) -> None:
        form = form_of(environ) if options.notices is NoticeForm.AUTO else options.notices
        self._bell = Bell(ring if options.bell else None)
        self._notices = AwayNotices(form, write, away=away, tmux="TMUX" in environ)

    def hear(self, records: Iterable[EventRecord]) -> None:
        """Take in new facts."""
        found = tuple(records)
        self._bell.hear(found)
        self._notices.hear(found)
