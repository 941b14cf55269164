"""Derivatives that the user gives: rules of functions, and what has none.

In: a function, and what is known of its derivative. Out: the same function; where it is
called in what s2s differentiates, the call is kept and the rule is written into the
sweeps. Rules are given before the derivative is first called.

>>> def softplus(x):
...     return np.log1p(np.exp(x))
>>> rule("z = softplus(x)", "g / (1.0 + np.exp(-x))", of=softplus) is softplus
True
>>> stop_gradient(2.0)
2.0
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

import gast

from s2s.errors import TypingError
from s2s.ssa.custom import (
    CUSTOMS,
    Custom,
    custom_of,
    parameters_of,
    stop_gradient,
)

__all__ = ["custom_jvp", "custom_vjp", "rule", "stop_gradient", "zero"]
Function = Callable[..., Any]


def rule(text: str, *partials: str, of: Function) -> Function:
    """Give the partial derivatives of a function that acts on each element.

    `text` names its parameters, as in `"z = f(x, y)"`; there is one partial for each,
    with the incoming derivative `g` in its place: `"g * y"`, `"g * x"`. It may use the
    parameters, the result `z`, `np` and `math`. Where the parameters are arrays that
    broadcast, so may the partials. Returns the function. Raises TypingError where the
    texts do not fit together.
    """
    call = gast.parse(text).body[0]
    match call:
        case gast.Assign(targets=[gast.Name(id="z")], value=gast.Call(args=args)):
            names = tuple(a.id for a in args if isinstance(a, gast.Name))
        case _:
            raise TypingError(f"rule {text!r}", advice='write "z = f(x, y)"')
    if len(names) != len(args) or len(partials) != len(names):
        raise TypingError(f"rule {text!r}: one partial for each parameter is needed")
    return _kept(of, partials=partials, names=names)


def custom_vjp(f: Function) -> Callable[[Function], Function]:
    """Decorate the reverse rule of `f`: `rule(g, z, *args)` for `z = f(*args)`.

    It returns one cotangent for each argument (a tuple, if there are several), None for
    what has none; `g` is the cotangent of the result, of its shape. It is ordinary
    code, which is differentiated for second derivatives.
    """

    def given(rule: Function) -> Function:
        _kept(f, vjp=rule)
        return rule

    return given


def custom_jvp(f: Function) -> Callable[[Function], Function]:
    """Decorate the forward rule of `f`: `rule(z, *args, *dots)` for `z = f(*args)`.

    It returns the tangent of the result; the tangents `dots` have the shapes of the
    arguments, and are zero for those that do not vary.
    """

    def given(rule: Function) -> Function:
        _kept(f, jvp=rule)
        return rule

    return given


def zero(f: Function) -> Function:
    """Declare that the derivative of a function is zero. Also a decorator."""
    return _kept(f, zero=True)


def _kept(f: Function, names: tuple[str, ...] = (), **given: Any) -> Function:
    if not callable(f):
        raise TypingError(f"a function is needed, not {f!r}")
    if isinstance(f, MethodType):  # another one each time that it is looked up
        raise TypingError(
            f"a rule of the bound method `{f.__qualname__}` would not be found again",
            advice="give it to the function in the class, with its first argument; or "
            "to a function outside that takes the object",
        )
    custom = custom_of(f)
    if custom is None or custom.ours:
        custom = CUSTOMS[id(f)] = Custom(names or parameters_of(f), fn=f)
    for what, value in given.items():
        setattr(custom, what, value)
    return f
