"""What people call: grad, value_and_grad, vjp, jvp.

In: a function written with NumPy. Out: functions that compute its derivatives, compiled
from generated source on the first call for each signature of argument types.

>>> import numpy as np
>>> import linecache
>>> text = "def f(x):\\n    return np.sum(np.sin(x) ** 2)\\n"
>>> linecache.cache["<doc>"] = len(text), None, text.splitlines(True), "<doc>"
>>> scope = {"np": np}
>>> exec(compile(text, "<doc>", "exec"), scope)
>>> df = grad(scope["f"])
>>> df(np.array([0.0, np.pi / 4]))
array([0., 1.])
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy import ndarray

from s2s.derivative import Derivative, unbound
from s2s.errors import TypingError
from s2s.ssa.types import is_real_valued, typeof
from s2s.structure import form_of, items_of, mapped
from s2s.varied import ArgNums


def _decorator(mode: str, f: Any, **options: Any) -> Any:
    if f is None:
        return lambda function: Derivative(function, mode, **options)
    return Derivative(f, mode, **options)


def grad(
    f: Callable[..., Any] | None = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    backend: str = "numpy",
) -> Any:
    """The gradient of a function that returns one real number.

    `argnums` names or counts the parameters, one or several; the result has the
    structure of the argument (a tuple of them for several). With `has_aux` the function
    returns `(value, aux)` and the derivative `(gradient, aux)`; with `holomorphic` the
    result may be complex. Also a decorator, with and without arguments. Raises S2SError
    for what is not supported.
    """
    return _decorator(
        "grad", f, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic,
        backend=backend,
    )  # fmt: skip


def value_and_grad(
    f: Callable[..., Any] | None = None,
    argnums: ArgNums = 0,
    *,
    has_aux: bool = False,
    holomorphic: bool = False,
    backend: str = "numpy",
) -> Any:
    """Like `grad`, returning `(value, gradient)`, or `((value, aux), gradient)`."""
    return _decorator(
        "value_and_grad", f, argnums=argnums, has_aux=has_aux, holomorphic=holomorphic,
        backend=backend,
    )  # fmt: skip


def vjp(f: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[[Any], Any]]:
    """The value at `primals` and a pullback, which may be called many times.

    `pullback(ct)` takes a cotangent of the value's structure, with None for zero, and
    returns a tuple with one cotangent for each primal, None for those that have no
    derivative.
    """
    f, first = unbound(f)
    varied = [k for k, p in enumerate(primals, len(first)) if has_derivative(p)]
    made = transformed(f, "vjp", tuple(varied))
    out, pullback = made(*first, *primals)
    names = made.names[len(first) :][: len(primals)]

    def checked(ct: Any) -> tuple[Any, ...]:
        ct = like(ct, out, "cotangent", "result")
        given = dict(zip(made.wrt, pullback(ct), strict=True))
        return tuple(given.get(name) for name in names)

    return out, checked


def like(d: Any, primal: Any, what: str, of: str) -> Any:
    """The tangent or cotangent, of the dtype of its primal value.

    Another structure, shape or kind is refused; None is zero.
    """
    if d is None:
        return zero_like(primal)
    form = form_of(primal)
    if form is not None:
        given, parts = form_of(d), items_of(form, primal)
        mine = [] if given is None else items_of(given, d)
        if given is None or given.names != form.names or len(mine) != len(parts):
            some = f"a {type(primal).__name__}" + f" of {len(parts)}" * (not form.names)
            raise TypingError(f"the {what} of {some} must be one, not {d!r}")
        pairs = zip(mine, parts, strict=True)
        return form.of([like(a, b, what, of) for a, b in pairs])
    if not has_derivative(primal):
        return d
    if np.shape(d) != np.shape(primal):
        raise TypingError(
            f"the {what} has shape {np.shape(d)}, its {of} {np.shape(primal)}"
        )
    if np.iscomplexobj(d) and not np.iscomplexobj(primal):
        raise TypingError(f"the {what} is complex, its {of} real")
    if isinstance(primal, np.generic):
        return type(primal)(d)
    number = what == "cotangent" or type(primal) is not ndarray
    if number and isinstance(d, ndarray) and not d.ndim:  # neither changed nor returned
        return d.astype(getattr(primal, "dtype", d.dtype))[()]
    return np.asarray(d, primal.dtype) if type(primal) is ndarray else d


def zero_like(primal: Any) -> Any:
    """A zero tangent or cotangent; of an int a float, as it may be on another path."""
    if form_of(primal) is not None:
        return mapped(zero_like, primal)
    kept = isinstance(primal, np.ndarray | np.generic) and has_derivative(primal)
    return np.zeros(np.shape(primal), primal.dtype if kept else float)[()]


def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """The value at `primals` and its derivative in the direction of `tangents`.

    A tangent of None means that the primal is not varied.
    """
    if len(primals) != len(tangents):
        raise TypingError(f"{len(primals)} primals, but {len(tangents)} tangents")
    pairs = zip(tangents, primals, strict=True)
    tangents = [d if d is None else like(d, p, "tangent", "primal") for d, p in pairs]
    f, first = unbound(f)
    dots = [t for t in tangents if t is not None]
    varied = [k for k, t in enumerate(tangents, len(first)) if t is not None]
    made = transformed(f, "jvp", tuple(varied))
    run = made.compile(*first, *primals)
    return run(*made.bind((*first, *primals), {}), *dots)


def transformed(
    f: Callable[..., Any], mode: str, argnums: tuple[int, ...]
) -> Derivative:
    """The derivative that vjp and jvp run, made once for each choice of arguments."""
    try:
        per_function = _made.setdefault(f, {})
    except TypeError:  # a function of NumPy's, which is refused
        return Derivative(f, mode, argnums)
    if (mode, argnums) not in per_function:
        per_function[mode, argnums] = Derivative(f, mode, argnums)
    return per_function[mode, argnums]


def has_derivative(primal: Any) -> bool:
    return is_real_valued(typeof(primal, "x"))


_made: WeakKeyDictionary[Any, dict[Any, Derivative]] = WeakKeyDictionary()
