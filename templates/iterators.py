"""Definitions of what makes items one by one: `itertools`, `filter`.

They are run over at once, so what stands for them is the list of the items.
"""

from __future__ import annotations

import itertools
import operator
from itertools import permutations as orders
from typing import Any

import numpy as np

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.definitions import constant, define, rewrite, unsupported
from s2s.ssa.ir import Value
from s2s.ssa.types import Tuple, bound, rank_of


@rewrite(filter)
def kept(function: Bound, xs: Bound) -> str:
    return "[item for item in xs if function(item)]"


@rewrite(itertools.filterfalse)
def dropped(function: Bound, xs: Bound) -> str:
    return "[item for item in xs if not function(item)]"


@rewrite(itertools.starmap)
def starmap(function: Bound, xs: Bound) -> str:
    return "[function(*item) for item in xs]"


@rewrite(itertools.chain)
def chain(*xs: Bound) -> str:
    return f"[{', '.join(f'*xs[{k}]' for k in range(len(xs)))}]"


@rewrite(itertools.chain.from_iterable)
def chain_of(xs: Bound) -> str:
    return "[item for k in xs for item in k]"


@rewrite(itertools.pairwise)
def pairwise(xs: Bound) -> str:
    return "list(zip(xs[:-1], xs[1:]))"


@rewrite(itertools.zip_longest)
def zip_longest(*xs: Bound, fillvalue: Any = None) -> str:
    each = (f"xs[{j}][k] if k < len(xs[{j}]) else fillvalue" for j in range(len(xs)))
    longest = f"max({', '.join(f'len(xs[{j}])' for j in range(len(xs)))})"
    return f"[({', '.join(each)},) for k in range({longest})]"


@rewrite(itertools.islice)
def islice(xs: Bound, *ends: Bound) -> str:
    parts = [f"ends[{k}]" for k in range(len(ends))]
    return f"[*xs][{':'.join(parts if len(parts) > 1 else ['', *parts])}]"


@define(itertools.accumulate)
def accumulate(iterable, func=None, *, initial=None):  # type: ignore[no-untyped-def]
    add = operator.add if func is None else func
    if initial is None:
        totals = []
        for item in iterable:
            totals.append(add(totals[-1], item) if totals else item)
    else:
        totals = [initial]
        for item in iterable:
            totals.append(add(totals[-1], item))
    return totals


@define(itertools.takewhile)
def takewhile(predicate, iterable):  # type: ignore[no-untyped-def]
    taken = []
    for item in iterable:
        if not predicate(item):
            break
        taken.append(item)
    return taken


@define(itertools.dropwhile)
def dropwhile(predicate, iterable):  # type: ignore[no-untyped-def]
    rest = []
    dropping = True
    for item in iterable:
        dropping = dropping and predicate(item)
        if not dropping:
            rest.append(item)
    return rest


# combinations -------------------------------------------------------------------------


def loops(places: list[str], items: list[str], condition: str = "") -> str:
    """All tuples of items, one loop for each place."""
    each = " ".join(places)
    return f"[({', '.join(items)},) {each}{condition}]"


@rewrite(itertools.product)
def product(*xs: Bound, repeat: Any = 1) -> str:
    times = repeat if isinstance(repeat, int) else constant(repeat, "`repeat`")
    sources = [f"xs[{k}]" for k in range(len(xs))] * times
    names = [f"v{k}" for k in range(len(sources))]
    pairs = zip(names, sources, strict=True)
    return loops([f"for {name} in {source}" for name, source in pairs], names)


@rewrite(np.ndindex)
def ndindex(*lengths: Bound) -> str:
    shape, text = lengths, "lengths"
    if len(lengths) == 1 and (axes := items_in(lengths[0])) is not None:
        shape, text = (lengths[0],) * axes, "lengths[0]"
    names = [f"i{k}" for k in range(len(shape))]
    return loops(
        [f"for {name} in range({text}[{k}])" for k, name in enumerate(names)], names
    )


@rewrite(np.ndenumerate)
def ndenumerate(arr: Bound) -> str:
    rank = rank_of(arr.type) if isinstance(arr, Value) else None
    if not rank:
        unsupported("np.ndenumerate of what is not an array of known rank")
    names = [f"i{k}" for k in range(rank)]
    index = ", ".join(names)
    places = [f"for {name} in range(arr.shape[{k}])" for k, name in enumerate(names)]
    return loops(places, [f"({index},)", f"arr[{index}]"])


def items_in(shape: Bound) -> int | None:
    """How many axes there are, where a shape is given as one."""
    if isinstance(shape, Seq):
        return len(shape.items)
    of = bound(shape.type)
    return len(of.items) if isinstance(of, Tuple) else None


def chosen(name: str, first: str) -> None:
    """Tuples of so many items, each after the one before it, in the order of xs."""

    @rewrite(getattr(itertools, name))
    def combinations(xs: Bound, r: Bound) -> str:
        names = [f"i{k}" for k in range(constant(r, "how many are chosen"))]
        starts = ["0", *(f"{before}{first}" for before in names[:-1])]
        places = [
            f"for {name} in range({start}, len(xs))"
            for name, start in zip(names, starts, strict=True)
        ]
        return loops(places, [f"xs[{name}]" for name in names])


chosen("combinations", " + 1")
chosen("combinations_with_replacement", "")


@rewrite(itertools.permutations)
def permutations(xs: Bound, r: Any = None) -> str:
    whole = constant(r, "how many are chosen") is None
    if isinstance(xs, Seq) and whole:
        rows = (f"({', '.join(f'xs[{k}]' for k in row)},)"
                for row in orders(range(len(xs.items))))  # fmt: skip
        return f"[{', '.join(rows)}]"
    if whole:
        unsupported("how many items there are is not known here", "say how many")
    names = [f"i{k}" for k in range(constant(r, "how many are chosen"))]
    places = [f"for {name} in range(len(xs))" for name in names]
    apart = [f"{a} != {b}" for k, a in enumerate(names) for b in names[:k]]
    condition = f" if {' and '.join(apart)}" if apart else ""
    return loops(places, [f"xs[{name}]" for name in names], condition)
