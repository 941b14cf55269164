"""One way each of computing a program's value and gradient, ready to be timed.

Goes in: a `Program`. Comes out: a function and its arguments, or None where the
library is missing. A JAX program takes JAX arrays, a PyTorch program tensors: what
is timed is the gradient, not the conversion.
"""

import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from benchmarks.libraries import autograd, autograd_numpy, jax, s2s, torch
from benchmarks.program import Program

Call = tuple[Callable[..., Any], tuple[Any, ...]]


def positions(program: Program) -> tuple[int, ...]:
    names = list(inspect.signature(program.primal).parameters)
    return tuple(names.index(name) for name in program.wrt)


def by_s2s(program: Program) -> Call | None:
    """The derivative as users call it, through the decorator."""
    if s2s is None:
        return None
    return s2s.value_and_grad(program.primal, argnums=program.wrt), program.args


def by_s2s_direct(program: Program) -> Call | None:
    """The function that s2s wrote, with no s2s around it."""
    if s2s is None:
        return None
    gradient = s2s.value_and_grad(program.primal, argnums=program.wrt)
    return gradient.compile(*program.args), program.args


def by_hand(program: Program) -> Call:
    return program.hand, program.args


def by_hand_tuned(program: Program) -> Call | None:
    return program.tuned and (program.tuned, program.args)


def by_autograd(program: Program) -> Call | None:
    """The primal's own code, with autograd's `np` in the place of NumPy."""
    if autograd is None or program.in_place or program.helpers:
        return None
    primal = FunctionType(
        program.primal.__code__, {**program.primal.__globals__, "np": autograd_numpy}
    )
    return autograd.value_and_grad(primal, positions(program)), program.args


def by_jax(program: Program) -> Call | None:
    if jax is None or program.jax is None:
        return None
    compiled, args = jitted(program)
    return lambda *args: jax.block_until_ready(compiled(*args)), args


def jitted(program: Program) -> Call:
    """jit of value_and_grad; the Python ints (step counts) are static."""
    assert jax is not None
    static = tuple(i for i, arg in enumerate(program.args) if isinstance(arg, int))
    compiled = jax.jit(
        jax.value_and_grad(program.jax, positions(program)), static_argnums=static
    )
    args = tuple(
        arg if i in static else jax.numpy.asarray(arg)
        for i, arg in enumerate(program.args)
    )
    return compiled, args


def by_torch(program: Program) -> Call | None:
    if torch is None:
        return None
    args = tuple(
        arg if isinstance(arg, int) else torch.tensor(arg, dtype=torch_dtype(arg))
        for arg in program.args
    )
    wrt = [args[i].requires_grad_() for i in positions(program)]

    def value_and_grad(*args: Any) -> Any:
        value = program.torch(*args)
        return value.detach(), torch.autograd.grad(value, wrt)

    return value_and_grad, args


def torch_dtype(arg: Any) -> Any:
    return torch.float64 if isinstance(arg, float) else None


PEERS: dict[str, Callable[[Program], Call | None]] = {
    "s2s": by_s2s,
    "direct": by_s2s_direct,
    "hand": by_hand,
    "tuned": by_hand_tuned,
    "autograd": by_autograd,
    "JAX": by_jax,
    "PyTorch": by_torch,
}
