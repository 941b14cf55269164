"""Which values to save: a minimum cut between what is lost and what is needed.

In: the values that an adjoint needs, how each could be recomputed, and which cannot.
Out: the smallest set of values that, once saved, lets all others be recomputed. Ties
go to the values nearest the need, so that nothing is recomputed in vain.

Source: the max-flow min-cut theorem (Ford and Fulkerson, 1956) on the graph that
splits each value into an arriving and a leaving node, as in Enzyme's cache planning
(Moses and Churavy, NeurIPS 2020, section 3) and PyTorch's min-cut partitioner.

>>> cut = minimum_cut(["d", "q"], {"d": ["x"], "q": ["x"]}, costs={})
>>> sorted(cut)
['x']
>>> sorted(minimum_cut(["d"], {"d": ["x", "y"]}, costs={}))
['d']

To recompute a value may cost something, too: if it is needed, and not saved.

>>> recipes = {"d": ["x"], "q": ["x"]}
>>> sorted(minimum_cut(["d", "x"], recipes, costs={"d": 5, "x": 5}, repeats={"d": 4}))
['x']
>>> sorted(minimum_cut(["d", "q"], recipes, costs={}, repeats={"d": 1, "q": 1}))
['d', 'q']
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

T = TypeVar("T", bound=Hashable)
Node = tuple[str, Hashable]

INFINITE = 1 << 40
SOURCE: Node = ("source", None)
SINK: Node = ("sink", None)


def minimum_cut(
    needed: Iterable[T],
    recipes: Mapping[T, Sequence[T]],
    costs: Mapping[T, int],
    repeats: Mapping[T, int] | None = None,
) -> set[T]:
    """The cheapest set to save. `recipes[v]` lists what v can be recomputed from.

    A value without a recipe can only be saved; costs default to one, and those of
    recomputing a value, `repeats`, to nothing.
    """
    repeats = repeats or {}
    capacity: dict[Node, dict[Node, int]] = {SOURCE: {}, SINK: {}}

    def edge(a: Node, b: Node, c: int) -> None:
        capacity.setdefault(a, {})[b] = c
        capacity.setdefault(b, {}).setdefault(a, 0)

    work, seen = list(needed), set()
    for value in work:
        edge(("out", value), SINK, INFINITE)
    while work:
        value = work.pop()
        if value in seen:
            continue
        seen.add(value)
        edge(("in", value), ("out", value), costs.get(value, 1))
        recipe = recipes.get(value)
        if recipe is None:
            edge(SOURCE, ("in", value), INFINITE)
            continue
        if value in repeats:
            edge(SOURCE, ("in", value), repeats[value])
        for part in recipe:
            edge(("out", part), ("in", value), INFINITE)
            work.append(part)
    _saturate(capacity)
    reaches_sink = _reaching(capacity)
    return {
        v for v in seen
        if ("in", v) not in reaches_sink and ("out", v) in reaches_sink
    }  # fmt: skip


def _saturate(capacity: dict[Node, dict[Node, int]]) -> None:
    """Augment along shortest paths until there is none (Edmonds and Karp, 1972)."""
    while True:
        before: dict[Node, Node] = {SOURCE: SOURCE}
        queue = deque([SOURCE])
        while queue and SINK not in before:
            a = queue.popleft()
            for b, left in capacity[a].items():
                if left and b not in before:
                    before[b] = a
                    queue.append(b)
        if SINK not in before:
            return
        path, b = [], SINK
        while b != SOURCE:
            path.append((before[b], b))
            b = before[b]
        flow = min(capacity[a][b] for a, b in path)
        for a, b in path:
            capacity[a][b] -= flow
            capacity[b][a] += flow


def _reaching(capacity: dict[Node, dict[Node, int]]) -> set[Node]:
    """The nodes with a path to the sink that has capacity left."""
    found, queue = {SINK}, deque([SINK])
    while queue:
        b = queue.popleft()
        for a in capacity[b]:
            if a not in found and capacity[a].get(b, 0):
                found.add(a)
                queue.append(a)
    return found
