"""The first table: a value and gradient, over the time of the primal.

Every gradient is checked against the hand-written one before it is timed.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from benchmarks import (
    digits,
    gauss_seidel,
    heat,
    logistic,
    lu,
    rnn,
    rosenbrock,
    simpson,
)
from benchmarks.libraries import s2s
from benchmarks.peers import PEERS, Call
from benchmarks.program import Program
from benchmarks.timing import interleaved, seconds

PROGRAMS = [
    *rosenbrock.PROGRAMS,
    *logistic.PROGRAMS,
    *simpson.PROGRAMS,
    *digits.PROGRAMS,
    *rnn.PROGRAMS,
    *heat.PROGRAMS,
    *gauss_seidel.PROGRAMS,
    *lu.PROGRAMS,
]
TOLERANCE = 1e-8
Refusal = s2s.S2SError if s2s else ()


class WrongGradient(Exception):
    pass


@dataclass
class Row:
    """Seconds of the primal and of each peer, of its first call, and refusals."""

    program: Program
    primal: float = 0.0
    each: dict[str, float] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)


def measure(program: Program, rounds: int) -> Row:
    row = Row(program)
    calls: dict[str, Call] = {"primal": (program.primal, program.args)}
    for name, prepare in PEERS.items():
        try:
            call = prepare(program)
            if call is None:
                continue
            row.first[name] = seconds(*call)
            check(program, name, call)
        except Refusal as refusal:
            row.refused[name] = str(refusal)
        else:
            calls[name] = call
    row.each = interleaved(calls, rounds)
    row.primal = row.each.pop("primal")
    return row


def check(program: Program, name: str, call: Call) -> None:
    """Value and gradients agree with the hand-written ones, or `WrongGradient`."""
    f, args = call
    wanted = [np.asarray(part) for part in flat(program.hand(*program.args))]
    found = [np.asarray(part) for part in flat(f(*args))]
    for what, want, have in zip(("value", *program.wrt), wanted, found, strict=True):
        error = np.max(np.abs(have - want)) if have.shape == want.shape else np.inf
        if not error <= TOLERANCE * np.max(np.abs(want)):
            raise WrongGradient(
                f"{program.name}, {name}: {what} is off by {error:.1e}, "
                f"in shape {have.shape} where {want.shape} is right"
            )


def flat(result: Any) -> list[Any]:
    value, gradients = result
    return [value, *gradients]
