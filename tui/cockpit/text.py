"""Owns how a number becomes a string: prices, changes, ages, correlations, money, times (LOOK 3).

Never decides a color and never pads: panels align. NaN is a dash, never 0. Every function takes the glyph set first,
because minus, dash and arrows differ in ASCII, and because it says whether amounts of money are hidden.
"""

import math
import re
from datetime import UTC, datetime
from decimal import Decimal

from engine.domain.units import DAY_MS, HOUR_MS, MINUTE_MS, Ms
from tui.cockpit.glyphs import Glyphs

_AMOUNT = re.compile(r"\$\d[\d,.]*\d[kMB]?|\$\d[kMB]?")


def _signed(g: Glyphs, digits: str, *, negative: bool) -> str:
    return (g.minus if negative else "+") + digits


def price(g: Glyphs, value: float) -> str:
    """Return a price: 1 decimal from 1000 on, 2 from 100, 3 from 10, else 4; tiny prices keep four digits."""
    if math.isnan(value):
        return g.dash
    for floor, decimals in ((1e6, 0), (1000.0, 1), (100.0, 2), (10.0, 3), (0.01, 4)):
        if abs(value) >= floor:
            return f"{value:,.{decimals}f}"
    if value <= 0:
        return "0"
    decimals = 3 - math.floor(math.log10(value))
    return f"{value:.{decimals}f}".removeprefix("0") if decimals <= 8 else f"{value:.2e}"


def change(g: Glyphs, fraction: float) -> str:
    """Return a change in percent with arrow and sign, at most seven columns: `▼−6.21%`, `▲+10.3%`."""
    if math.isnan(fraction):
        return g.dash
    percent = abs(fraction) * 100
    digits = f"{percent:.2f}" if percent < 9.995 else f"{percent:.1f}" if percent < 99.95 else f"{percent:.0f}"
    if float(digits) == 0:
        return f"+{digits}%"
    return (g.down if fraction < 0 else g.up) + _signed(g, digits, negative=fraction < 0) + "%"


def rho(g: Glyphs, value: float) -> str:
    """Return a correlation without its zero: `.91`, `−.12`, `1.00`."""
    if math.isnan(value):
        return g.dash
    digits = f"{abs(value):.2f}".removeprefix("0")
    return (g.minus if value < 0 and digits != ".00" else "") + digits


def delta(g: Glyphs, value: float) -> str:
    """Return a difference of correlations, always signed: `+.17`."""
    if math.isnan(value):
        return g.dash
    digits = f"{abs(value):.2f}".removeprefix("0")
    return _signed(g, digits, negative=value < 0 and digits != ".00")


def factor(g: Glyphs, value: float) -> str:
    """Return a multiple: `2.06×`."""
    return g.dash if math.isnan(value) else f"{value:.2f}{g.times}"


def _three(size: float) -> str:
    return f"{size:.2f}" if size < 9.995 else f"{size:.1f}" if size < 99.95 else f"{size:.0f}"


def money(g: Glyphs, value: float, *, signed: bool = False) -> str:
    """Return money in thousands or millions, five columns without a sign: `42.1k`, `+0.4k`, `123k`, `1.25M`."""
    if g.mask:
        return g.mask
    if math.isnan(value):
        return g.dash
    size = abs(value)
    if size >= 999_500_000:
        digits = _three(size / 1e9) + "B"
    elif size >= 999_500:
        digits = _three(size / 1e6) + "M"
    elif size >= 99_950:
        digits = f"{size / 1e3:.0f}k"
    else:
        digits = f"{size / 1e3:.1f}k"
    negative = value < 0 and digits != "0.0k"
    if signed:
        return _signed(g, digits, negative=negative)
    return (g.minus if negative else "") + digits


def amount(g: Glyphs, value: float, *, signed: bool = False) -> str:
    """Return money as `money` does, but below a thousand to the unit: a small book's change must show."""
    if g.mask or math.isnan(value) or abs(value) >= 999.5:
        return money(g, value, signed=signed)
    digits = f"{abs(value):.0f}"
    negative = value < 0 and digits != "0"
    return _signed(g, digits, negative=negative) if signed else (g.minus if negative else "") + digits


def money_full(g: Glyphs, value: float) -> str:
    """Return money to the unit: `50,214`."""
    if g.mask:
        return g.mask
    if math.isnan(value):
        return g.dash
    return (g.minus if round(value) < 0 else "") + f"{abs(value):,.0f}"


def decimals(g: Glyphs, value: float) -> str:
    """Return a fraction with two decimals and no zero in front: `.62`, `1.40`."""
    return rho(g, value)


def age(g: Glyphs, seconds: float) -> str:
    """Return an age: `.3s`, `42s`, `1m52`, `12m`, `3h05`, `2d`."""
    if math.isnan(seconds):
        return g.dash
    if seconds < 0.95:
        return f".{max(0, int(seconds * 10 + 0.5))}s"
    whole = int(seconds + 0.5) if seconds < 60 else int(seconds)
    if whole < 60:
        return f"{whole}s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes}m{rest:02d}"
    if minutes < 60:
        return f"{minutes}m"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}" if hours < 24 else f"{hours // 24}d"


def countdown(g: Glyphs, ms: float) -> str:
    """Return the time left: `8:12`, `2h11m`; what is overdue is `due`."""
    if math.isnan(ms):
        return g.dash
    if ms <= 0:
        return "due"
    seconds = int(ms // 1000)
    if seconds < 3600:
        return f"{seconds // 60}:{seconds % 60:02d}"
    return f"{seconds // 3600}h{seconds // 60 % 60:02d}m"


def every(ms: int) -> str:
    """Return a cycle: `4h`, `15m`."""
    return f"{ms // HOUR_MS}h" if ms % HOUR_MS == 0 and ms >= HOUR_MS else f"{max(1, ms // MINUTE_MS)}m"


def ago(ms: int) -> str:
    """Return how long ago in the feed's words: `42 s`, `15 m`, `3 h 41`, `10 h`, `2 d`."""
    ms = max(0, ms)
    if ms < MINUTE_MS:
        return f"{ms // 1000} s"
    if ms < HOUR_MS:
        return f"{ms // MINUTE_MS} m"
    if ms < 10 * HOUR_MS:
        return f"{ms // HOUR_MS} h {ms // MINUTE_MS % 60:02d}"
    return f"{ms // HOUR_MS} h" if ms < 2 * DAY_MS else f"{ms // DAY_MS} d"


def spoken(seconds: float) -> str:
    """Return a length of time in a sentence: `52 s`, `1 m 52 s`, `2 h 05 m`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    return f"{whole // 3600} h {whole // 60 % 60:02d} m"


def _moment(at: Ms) -> datetime:
    return datetime.fromtimestamp(at / 1000, tz=UTC)


def clock(at: Ms) -> str:
    """Return the time of day with seconds, UTC: `03:41:07Z`."""
    return f"{_moment(at):%H:%M:%S}Z"


def hour_minute(at: Ms) -> str:
    """Return the time of day: `03:41`."""
    return f"{_moment(at):%H:%M}"


def date(at: Ms) -> str:
    """Return the date: `2022-11-08`."""
    return f"{_moment(at):%Y-%m-%d}"


def speed(g: Glyphs, value: float) -> str:
    """Return a rate of market time: `×600`, `×1`."""
    return f"{g.times}{value:g}"


def dollars(g: Glyphs, value: float) -> str:
    """Return an amount as it is paid: `$9.12`, `$412`, `$1,204`; cents below a hundred only."""
    if g.mask:
        return g.mask
    if math.isnan(value):
        return g.dash
    size = abs(value)
    digits = f"{size:,.2f}" if size < 99.995 else f"{size:,.0f}"
    return (g.minus if value < 0 and float(digits.replace(",", "")) else "") + "$" + digits


def gain(g: Glyphs, value: float) -> str:
    """Return a profit or loss with arrow and sign, at most seven columns: `▲+312`, `▼−1,204`, `▲+12.4k`."""
    if g.mask:
        return g.mask if math.isnan(value) or value == 0 else (g.down if value < 0 else g.up) + g.mask
    if math.isnan(value):
        return g.dash
    size = abs(value)
    digits = f"{size:,.0f}" if size < 9_999.5 else money(g, size)
    if digits == "0":
        return "+0"
    return (g.down if value < 0 else g.up) + _signed(g, digits, negative=value < 0)


def quantity(value: Decimal, columns: int = 10) -> str:
    """Return a quantity with the decimals it has, fewer where they do not fit: `1.594`, `33.3`, `1,327`."""
    size = abs(value)
    plain = f"{size:,f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    for decimals in range(6, -1, -1):
        if len(plain) <= columns:
            break
        plain = f"{size:,.{decimals}f}"
    return plain


def held(g: Glyphs, value: Decimal, columns: int = 10) -> str:
    """Return a quantity as `quantity` does; it is money too (its price is known to all), so it can be hidden."""
    return g.mask or quantity(value, columns)


def signed(g: Glyphs, value: Decimal, columns: int = 10) -> str:
    """Return what is held with its sign, as a position has one: `−3.52` is short."""
    return (g.minus if value < 0 and not g.mask else "") + held(g, value, columns)


def share(g: Glyphs, fraction: float) -> str:
    """Return a fraction in percent without a sign: `31.4%`, `8.1%`."""
    if math.isnan(fraction):
        return g.dash
    return f"{fraction * 100:.1f}%".replace("-", g.minus) if abs(fraction) < 9.995 else ">999%"


def minutes(g: Glyphs, seconds: float) -> str:
    """Return a time left that moves once a minute: `26m`, `<1m`, `3h05`."""
    if math.isnan(seconds):
        return g.dash
    if seconds < 60:
        return "<1m" if seconds > 0 else "due"
    whole = int(seconds // 60)
    return f"{whole}m" if whole < 60 else f"{whole // 60}h{whole % 60:02d}"


def covered(g: Glyphs, said: str) -> str:
    """Return words of the engine with the amounts in them hidden, in the same columns; as they are otherwise."""
    if not g.mask:
        return said
    return _AMOUNT.sub(lambda found: ("$" + g.mask)[: len(found[0])].ljust(len(found[0])), said)


def name(g: Glyphs, asset: str, columns: int) -> str:
    """Return an asset's name in so many columns; of another venue's, ETH@binance, the coin and the @ are kept."""
    if len(asset) <= columns:
        return asset
    coin, at, _ = asset.partition("@")
    if at and len(coin) < columns:
        return coin + at
    return asset[:columns] if columns < 3 else asset[: columns - 1] + g.ellipsis
