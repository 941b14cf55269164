"""The second table: the memory that a value and gradient takes at its peak.

Goes in: a program and the names of peers. Comes out: bytes of each, above what was in
use before the call, what it returns included. What NumPy and Python allocate is traced,
JAX says what its compiled code needs, PyTorch's profiler records each allocation. All
of that is apart from the timing, which it would slow.
"""

import gc
import tracemalloc
from collections.abc import Callable, Iterable
from itertools import accumulate

from benchmarks.libraries import torch
from benchmarks.peers import (
    Call,
    by_hand,
    by_hand_tuned,
    by_s2s_direct,
    by_torch,
    jitted,
)
from benchmarks.program import Program


def by_primal(program: Program) -> Call:
    return program.primal, program.args


def traced(prepare: Callable[[Program], Call | None]) -> Callable[[Program], int]:
    def peak(program: Program) -> int:
        call = prepare(program)
        assert call is not None
        f, args = call
        f(*args)  # what only a first call allocates does not count
        gc.collect()
        tracemalloc.start()
        f(*args)
        bytes_now_and_at_most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return bytes_now_and_at_most[1]

    return peak


def in_jax(program: Program) -> int:
    compiled, args = jitted(program)
    needs = compiled.lower(*args).compile().memory_analysis()
    return needs.temp_size_in_bytes + needs.output_size_in_bytes


def in_torch(program: Program) -> int:
    call = by_torch(program)
    assert call is not None
    f, args = call
    with torch.profiler.profile(
        activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True
    ) as profile:
        f(*args)
    events = profile.profiler.kineto_results.events()
    changes = [(e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]"]
    changes.sort(key=lambda change: change[0])
    return max(accumulate(change for _, change in changes))


METERS: dict[str, Callable[[Program], int]] = {
    "primal": traced(by_primal),
    "direct": traced(by_s2s_direct),
    "hand": traced(by_hand),
    "tuned": traced(by_hand_tuned),
    "JAX": in_jax,
    "PyTorch": in_torch,
}


def measure(program: Program, peers: Iterable[str]) -> dict[str, int]:
    wanted = {"primal", *peers}
    return {name: peak(program) for name, peak in METERS.items() if name in wanted}
