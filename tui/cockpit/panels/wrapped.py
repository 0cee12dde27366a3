"""Owns how a sentence is broken into lines of a given width, at blanks.

Never measures wide characters: what the cockpit prints has none (see `glyphs`).
"""


def wrapped(said: str, room: int) -> list[str]:
    """Return the lines of a sentence; a word longer than a line is broken."""
    lines = [""]
    for word in said.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= room:
            lines[-1] = longer
            continue
        pieces = [word[at : at + room] for at in range(0, len(word), room)]
        lines += pieces if lines[-1] else []
        if not lines[0] and len(lines) == 1:
            lines = pieces
    return lines
