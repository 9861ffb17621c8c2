"""A centrifugal blood pump from its head-flow curve, in all quadrants."""

from perfuse.ops import equation, magnitude


@equation
def shut_off_head(speed: float, a: float, strength: float) -> float:
    """Head at zero flow, mmHg: a n^2 (similarity law; n in rpm, a in mmHg/rpm2). `strength` 1 healthy, 0 full of air or clotted."""
    return a * speed * speed * strength


@equation
def pump_loss(flow: float, c: float, c_back: float) -> float:
    """Resistance of the running or stopped pump, mmHg s/mL: c|q| forward, c_back|q| when blood is forced backwards through it.

    H = a n^2 - c q|q|, with c in mmHg s2/mL2. A stopped pump is an open pipe: it leaks.
    """
    return (c if flow > 0.0 else c_back) * magnitude(flow)
