"""Times on a machine that does other things too.

What counts is the processor's time, which stands still while others run. All
contestants take turns, so that a slow spell hits each of them; of a group of rounds the
fastest counts, since noise only ever adds, and of those minima the median.
"""

import gc
from collections.abc import Callable
from itertools import repeat
from statistics import median
from time import process_time
from typing import Any

from benchmarks.peers import Call

GROUP = 5
SAMPLE_SECONDS = 0.01


def interleaved(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """Seconds per call of each, garbage collected between the rounds only."""
    numbers = {name: repetitions(*call) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    gc.collect()
    gc.freeze()  # what lives already need not be looked through again each round
    gc.disable()
    try:
        for _ in range(rounds):
            gc.collect()
            for name, call in calls.items():
                # what ran before leaves caches and heaps that are slow at first
                seconds(*call, number=numbers[name])
                times[name].append(seconds(*call, number=numbers[name]))
    finally:
        gc.enable()
        gc.unfreeze()
    return {name: median_of_minima(each) for name, each in times.items()}


def seconds(f: Callable[..., Any], args: tuple[Any, ...], number: int = 1) -> float:
    """Seconds per call, over `number` calls."""
    start = process_time()
    for _ in repeat(None, number):
        f(*args)
    return (process_time() - start) / number


def repetitions(f: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """How many calls make one sample."""
    number = 1
    while (each := seconds(f, args, number)) * number < SAMPLE_SECONDS / 2:
        number *= 2
    return max(1, round(SAMPLE_SECONDS / each))


def median_of_minima(times: list[float]) -> float:
    groups = [times[i : i + GROUP] for i in range(0, len(times), GROUP)]
    return median(min(group) for group in groups)
