"""Wilson's interval of a proportion (Wilson EB. J Am Stat Assoc 1927;22:209-12)."""

import math

Z = 1.959963984540054


def wilson(events: float, n: float) -> tuple[float, float]:
    """95 % interval of events / n, both ends between 0 and 1."""
    p = events / n
    middle, half = p + Z * Z / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
    scale = 1 + Z * Z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
