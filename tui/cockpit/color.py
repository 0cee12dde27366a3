"""Owns arithmetic on sRGB hex colors: luminance, contrast, grey of the same lightness, blending.

Never knows a role or a theme: `theme` and `frozen` use it to choose ink and to take the color out of an old screen.
"""

from functools import cache

MIN_CONTRAST = 4.5


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{min(255, max(0, round(channel))):02x}" for channel in channels)


def _linear(channel: float) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


@cache
def luminance(color: str) -> float:
    """Return the relative luminance of WCAG 2."""
    red, green, blue = (_linear(channel) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of WCAG 2."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@cache
def grey(color: str) -> str:
    """Return the grey of the same luminance."""
    light = luminance(color)
    value = 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055
    return _hex((value * 255, value * 255, value * 255))


def blend(over: str, under: str, share: float) -> str:
    """Return `share` of `over` on `under`, mixed in sRGB as terminals and pictures do."""
    top, bottom = _channels(over), _channels(under)
    return _hex(
        (
            top[0] * share + bottom[0] * (1 - share),
            top[1] * share + bottom[1] * (1 - share),
            top[2] * share + bottom[2] * (1 - share),
        )
    )


@cache
def readable(fg: str, bg: str, share: float) -> str:
    """Return `fg` faded to `share` on `bg`, but not below the contrast that text needs."""
    faded = blend(fg, bg, share)
    away = "#ffffff" if luminance(bg) < 0.18 else "#000000"
    for step in range(21):
        candidate = blend(away, faded, step / 20)
        if contrast(candidate, bg) >= MIN_CONTRAST:
            return candidate
    return away


def of_index(index: int) -> str:
    """Return the RGB of one of the 240 fixed xterm colors (16 to 255)."""
    if index >= 232:
        value = 8 + 10 * (index - 232)
        return _hex((value, value, value))
    steps = (0, 95, 135, 175, 215, 255)
    cube = index - 16
    return _hex((steps[cube // 36], steps[cube // 6 % 6], steps[cube % 6]))
