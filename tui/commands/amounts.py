"""Owns reading amounts that a person typed: money, signed quantities, shares, as exact numbers or one clear error.

Never rounds and never guesses what a comma means. What comes out goes into a command to the engine.
"""

from decimal import Decimal, InvalidOperation

from engine.domain.errors import ConfigError

LARGEST = Decimal(10) ** 15
SMALLEST_EXPONENT = -18


def exact(name: str, text: str) -> Decimal:
    """Return the number in `text`. Raises ConfigError naming the argument."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        raise ConfigError(f"{name} {text}: take a plain number such as 2500 or 0.25, without commas or units") from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(value) >= LARGEST or exponent < SMALLEST_EXPONENT:
        raise ConfigError(f"{name} {text}: take a number below 10^15 with at most 18 decimals")
    return value


def positive(name: str, text: str) -> Decimal:
    """Return an amount above zero. Raises ConfigError."""
    value = exact(name, text)
    if value <= 0:
        raise ConfigError(f"{name} {text}: take an amount above zero")
    return value


def quantity(name: str, text: str) -> Decimal:
    """Return a signed quantity that is not zero. Raises ConfigError."""
    value = exact(name, text)
    if not value:
        raise ConfigError(f"{name} {text}: take a quantity that is not zero, negative for a short")
    return value


def share(name: str, text: str) -> float:
    """Return a share above 0 and up to 1, written as 0.5 or as 50%. Raises ConfigError."""
    cleaned = text.strip()
    value = exact(name, cleaned.removesuffix("%").strip())
    value = value / 100 if cleaned.endswith("%") else value
    if not 0 < value <= 1:
        raise ConfigError(f"{name} {text}: take a share above 0 and up to 1, such as 0.5 or 50%")
    return float(value)
