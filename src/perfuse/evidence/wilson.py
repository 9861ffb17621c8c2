"""Wilson's interval of a proportion (Wilson EB. J Am Stat Assoc 1927;22:209-12)."""

from math import sqrt

Z_95 = 1.959963984540054
"""Normal deviate of a two-sided 95 % interval."""


def wilson(events: float, n: float, z: float = Z_95) -> tuple[float, float]:
    """Interval of events / n, both ends between 0 and 1; `z` is the normal deviate of its level."""
    p, z2 = events / n, z * z
    middle, half = p + z2 / (2.0 * n), z * sqrt(p * (1.0 - p) / n + z2 / (4.0 * n * n))
    low, high = (middle - half) / (1.0 + z2 / n), (middle + half) / (1.0 + z2 / n)
    return (0.0 if events == 0 else low), (1.0 if events == n else high)
