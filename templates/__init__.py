"""The rows of all operations; importing this package fills `s2s.rules.RULES`.

>>> from s2s.rules import RULES
>>> RULES["np.tanh"].form
'partials'
"""

from s2s.templates import (
    accumulations,
    complexes,
    creation,
    custom,
    einsum,
    elementwise,
    helpers,
    helpers_numpy,
    indexing,
    interpolation,
    joining,
    linalg,
    lists,
    logic,
    matrices,
    operators,
    piecewise,
    products,
    rearranging,
    records,
    reductions,
    scalars,
    shapes,
    sorting,
    splitting,
    statistics,
)

__all__ = [
    "accumulations",
    "complexes",
    "creation",
    "custom",
    "einsum",
    "elementwise",
    "helpers",
    "helpers_numpy",
    "indexing",
    "interpolation",
    "joining",
    "linalg",
    "lists",
    "logic",
    "matrices",
    "operators",
    "piecewise",
    "products",
    "rearranging",
    "records",
    "reductions",
    "scalars",
    "shapes",
    "sorting",
    "splitting",
    "statistics",
]
