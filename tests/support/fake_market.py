"""The assets and baskets of a FakeScene, its levels of correlation, and its one source of chance."""

import random

from engine.domain.units import parse_iso

START = parse_iso("2022-11-08T03:41:07Z")
BASKETS: dict[str, tuple[tuple[str, float], ...]] = {
    "layer-1": (("ETH", 3012.4), ("SOL", 141.22), ("AVAX", 14.318), ("NEAR", 1.8842), ("APT", 2.441)),
    "defi": (("UNI", 5.814), ("AAVE", 172.4), ("CRV", 0.4127), ("LINK", 13.072)),
    "scaling": (("POL", 0.1893), ("ARB", 0.2711), ("OP", 0.392)),
    "payments": (("XRP", 2.1745), ("LTC", 88.41), ("XLM", 0.248), ("BCH", 482.15)),
    "gaming": (("SAND", 0.1984), ("MANA", 0.2122), ("AXS", 1.114)),
    "majors-hedged": (("BTC", 88104.5), ("ETH", 3012.4), ("-BNB", 842.1), ("-DOGE", 0.1412), ("-ADA", 0.4018)),
}
CALM, PANIC = 0.74, 0.93
HELD = 0.9  # share of the base that is held in calm
SERIES_BARS = 720


def mix(*parts: object) -> random.Random:
    """Return a source of chance that depends on `parts` only."""
    return random.Random("/".join(map(str, parts)))


def course(key: object, base: float, now: float, bars: int) -> tuple[float, ...]:
    """Return a course around `base` that ends at `now`."""
    draws = mix("series", key)
    level, found = 0.0, []
    for bar in range(bars):
        level = 0.97 * level + draws.gauss(0, 0.008)
        rise = max(0.0, (bar - bars * 0.85) / (bars * 0.15))
        found.append(min(0.99, base + level * (1 - rise) + (now - base) * rise))
    return tuple(found)
