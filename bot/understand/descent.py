"""The lowest point of a smooth convex function: L-BFGS, for when that is all a library is for.

Nocedal and Wright, Numerical Optimization, 2nd edition, algorithms 7.4 and 7.5.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Loss = Callable[[Matrix], tuple[float, Matrix]]
"""A point to the value there and the slope, which has the shape of the point."""

_REMEMBERED = 10
_FALLS = 1e-4
"""The share of the promised fall with which a step is content."""
_HALVINGS = 20
_ENOUGH = 2e-9
"""The relative gain of a step below which it was the last."""


def minimum(loss: Loss, start: Matrix, steps: int) -> Matrix:
    """Where a convex loss is lowest, as far as so many steps come. Deterministic."""
    at, (value, slope) = start, loss(start)
    past: deque[tuple[Matrix, Matrix]] = deque(maxlen=_REMEMBERED)
    for _ in range(steps):
        way = _way(slope, past)
        found = _along(loss, at, value, way, _dot(slope, way))
        if found is None:
            break
        to, lower, turned = found
        if _dot(to - at, turned - slope) > 0:
            past.append((to - at, turned - slope))
        gain, at, value, slope = value - lower, to, lower, turned
        if gain <= _ENOUGH * max(abs(value), 1):
            break
    return at


def _along(
    loss: Loss, at: Matrix, value: float, way: Matrix, fall: float
) -> tuple[Matrix, float, Matrix] | None:
    """The first point on the way, ever nearer, that is low enough; None if there is none."""
    length = 1.0
    for _ in range(_HALVINGS):
        to = at + length * way
        lower, slope = loss(to)
        if lower <= value + _FALLS * length * fall:
            return to, lower, slope
        length /= 2
    return None


def _way(slope: Matrix, past: Sequence[tuple[Matrix, Matrix]]) -> Matrix:
    """Downhill, bent by what the last steps told of the curvature."""
    way, shares = -slope, []
    if not past:
        length = np.sqrt(_dot(slope, slope))
        return np.asarray(way / length if length else way)
    for step, change in reversed(past):
        share = _dot(step, way) / _dot(step, change)
        shares.append(share)
        way -= share * change
    step, change = past[-1]
    way *= _dot(step, change) / _dot(change, change)
    for (step, change), share in zip(past, reversed(shares), strict=True):
        way += (share - _dot(change, way) / _dot(step, change)) * step
    return way


def _dot(one: Matrix, other: Matrix) -> float:
    # Not `@`: the library behind it starts threads, whose waiting costs more than the sum.
    return float(np.einsum("ij,ij", one, other))
