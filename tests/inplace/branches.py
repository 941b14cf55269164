"""Names that mean arrays of different lengths on different paths."""

import numpy as np

from . import Cases, V

case = Cases()


@case(V, 0.7)
@case(V, -0.7)
def another_array_on_one_path(v, x):
    w = np.zeros(5) + x
    if x > 0.0:
        v[0] = 3.0 * x
        w = v
    return np.sum(w * w)
