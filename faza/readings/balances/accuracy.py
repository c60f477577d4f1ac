"""How far a balance may be out, from the accuracy classes of what measures it. Plain Python.

The method is a dated table, for it is from memory [?]: design/rules.md forbids to print it as law.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Method:
    """How the error of a measuring complex is made of its classes, from a day on.

    factor: the whole error is so many times the root of the squares' sum. assumed: the class, in
    percent, of a meter or transformer whose plate says none.
    """

    name: str
    valid_from: date
    factor: float
    assumed_meter: float
    assumed_ct: float
    assumed_vt: float


METHODS = (
    # Source: RD 34.09.101-94, the permitted imbalance and the error of a measuring complex [?];
    # classes that are not told are taken as the coarsest that is still met in the field.
    Method("РД 34.09.101-94", date(1994, 9, 2), 1.1, 2.0, 1.0, 1.0),
)


def method_on(day: date) -> Method:
    """The method of a day; the first one for the time before all of them."""
    return next((one for one in reversed(METHODS) if one.valid_from <= day), METHODS[0])


@dataclass(frozen=True, slots=True)
class Classes:
    """Accuracy classes in percent of what stands at a point; None: not told.

    ct, vt: 0 where there is no such transformer.
    """

    meter: float | None
    ct: float | None = 0.0
    vt: float | None = 0.0

    @property
    def is_told(self) -> bool:
        return None not in (self.meter, self.ct, self.vt)


def error_of(classes: Classes, method: Method) -> float:
    """δ in percent: the permitted error of energy measured through meter and transformers."""
    meter = method.assumed_meter if classes.meter is None else classes.meter
    ct = method.assumed_ct if classes.ct is None else classes.ct
    vt = method.assumed_vt if classes.vt is None else classes.vt
    return method.factor * sqrt(meter**2 + ct**2 + vt**2)


def permitted(errors: F64, shares: F64, losses_error: float, losses_share: F64) -> F64:
    """(b,) permitted imbalance in percent of what came in: ± √ Σ (δ·d)².

    errors (m,): δ of each point in percent. shares (m, b): what went through it, of what came in.
    losses_error: δ of the computed losses in percent of them; losses_share (b,): them, of what
    came in.
    """
    measured = ((errors[:, None] * shares) ** 2).sum(axis=0)
    whole: F64 = np.sqrt(measured + (losses_error * losses_share) ** 2)
    return whole
