"""Owns equality of values in which undefined numbers stand: here NaN is the same as NaN.

Python itself says so of one and the same NaN inside a tuple, and since 3.13 no longer inside a dataclass.
"""


def same(one: object, other: object) -> bool:
    """Return whether two values would be written alike, to the last digit."""
    return repr(one) == repr(other)
