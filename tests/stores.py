"""Random statements that write into arrays.

The writer knows shapes alone: NumPy says what is a view of what, when the program runs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from expressions import NAMES, SHAPES
from statements import Statements, indented

Shape = tuple[int, ...]
# Parts of an array; `i` and `j` are integers that fit its first and its last axis.
SUBSCRIPTS = [
    "{x}[:]", "{x}[...]", "{x}[1:]", "{x}[:-1]", "{x}[::-1]", "{x}[::2]", "{x}[:1]",
    "{x}[{i}]", "{x}[-2:]", "{x}[{i}, {j}]", "{x}[{i}, 1:]", "{x}[:, {j}]",
    "{x}[:, 1:]", "{x}[:, ::-1]", "{x}[:, :1]", "{x}[1:, :-1]", "{x}[..., 0]",
    "{x}[None]", "{x}[:, None]", "{x}[{i}][{j}]", "{x}[{i}][::-1]",
]  # fmt: skip
FANCY = ["{x}[[0, -1]]", "{x}[[0, 0]]", "{x}[..., [0, 0]]", "{x}[[0, 0, -1]]"]
OTHERS = [
    "{x}.T", "{x}.reshape(3, 2)", "{x}.reshape(2, 3)", "{x}.reshape(1, -1)",
    "{x}.reshape(-1, 1)", "{x}.ravel()[:3]", "{x}.reshape(-1)[1:4]",
    "np.transpose({x})", "{x}[1:].reshape(-1)[:3]", "{x}.T[::-1]",
]  # fmt: skip
HOPS = [
    "{x}.T[{j}]", "{x}.T[1:]", "{x}[::-1][1:]", "{x}.reshape(-1)[::2]", "{x}[{i}:][0]",
]  # fmt: skip


@cache
def parts(shape: Shape, kinds: tuple[str, ...]) -> list[tuple[str, Shape]]:
    """Those parts of an array of the shape that there are, with their shapes."""
    found = []
    for text in kinds:
        try:
            part = eval(text.format(x="x", i=0, j=0), {"x": np.zeros(shape), "np": np})
        except (IndexError, ValueError):
            continue
        if part.shape in SHAPES or part.shape == ():
            found.append((text, part.shape))
    return found


class Stores(Statements):
    """Writes blocks that write into arrays, too."""

    def simple(self) -> list[Callable[[], list[str]]]:
        writing = [self.store, self.store, self.store, self.updated, self.updated]
        naming = [self.view, self.view, self.buffer, self.exchange]
        rarer = [self.chained, self.called, self.masked]
        return [*super().simple(), *writing, *naming, *rarer]

    def nested(self) -> list[Callable[[int, bool], list[str]]]:
        return [*super().nested(), self.rows, self.double_buffer]

    def summed(self) -> list[str]:
        return self.arrays()

    def arrays(self) -> list[str]:
        return [n for n, s in self.scope.shapes.items() if s in SHAPES]

    # parts of arrays -----------------------------------------------------------------

    def part(self, kinds: list[str], name: str | None = None) -> tuple[str, Shape]:
        """A part of an array, as text and shape."""
        name = name or self.pick(self.arrays())
        shape = self.scope.shapes[name]
        text, result = self.pick(parts(shape, tuple(kinds)))
        i, j = self.index(shape[0]), self.index(shape[-1])
        return text.format(x=name, i=i, j=j), result

    def place(self, name: str | None = None) -> tuple[str, Shape]:
        """What may stand on the left of a store."""
        kinds = [SUBSCRIPTS] * 6 + [SUBSCRIPTS + FANCY, SUBSCRIPTS + HOPS]
        return self.part(self.pick(kinds), name)

    def value(self, shape: Shape) -> str:
        """Something that may be stored into the shape, mostly of bounded size."""
        text = self.broadcast(shape, 1) if shape else self.scalar(1)
        return f"np.{self.pick(['sin', 'tanh'])}({text})" if self.chance(60) else text

    # stores --------------------------------------------------------------------------

    def store(self) -> list[str]:
        place, shape = self.place()
        return [f"{place} = {self.value(shape)}"]

    def updated(self) -> list[str]:
        if self.chance(30):
            place = self.pick(self.arrays())
            shape = self.scope.shapes[place]
        else:
            place, shape = self.place()
        operator = self.pick(["+=", "+=", "-=", "*=", "*=", "/=", "**="])
        if operator == "/=":
            return [f"{place} /= 2.0 + np.cos({self.value(shape)})"]
        if operator == "**=":
            return [f"{place} **= 2"]
        return [f"{place} {operator} {self.value(shape)}"]

    def chained(self) -> list[str]:
        """Two places that get one value, or that are swapped."""
        x = self.pick(self.arrays())
        shape = self.scope.shapes[x]
        y = self.pick([x, *[n for n in self.arrays() if self.scope.shapes[n] == shape]])
        (p, shape), (q, other) = self.place(x), self.place(y)
        if shape != other:
            p, q, shape = f"{x}[-1]", f"{y}[0]", self.scope.shapes[x][1:]
        if self.chance(50):
            return [f"{p}, {q} = {q}, {p}"]
        return [f"{p} = {q} = {self.value(shape)}"]

    def masked(self) -> list[str]:
        x = self.pick(self.arrays())
        mask = f"{x} {self.pick(['<', '>'])} {self.leaf()}"
        return [f"{x}[{mask}] {self.pick(['=', '+=', '*='])} {self.value(())}"]

    def called(self) -> list[str]:
        """A function that writes."""
        out, shape = self.part([*SUBSCRIPTS, "{x}.T"])
        if shape == ():
            out = self.pick(self.arrays())
            shape = self.scope.shapes[out]
        x, y = self.array(shape, 1), self.broadcast(shape, 1)
        name = self.pick(self.arrays())
        calls = [
            f"np.{self.pick(['add', 'subtract', 'multiply'])}({x}, {y}, out={out})",
            f"np.{self.pick(['sin', 'tanh', 'arctan'])}({x}, out={out})",
            f"np.add({x}, {y}, {out})",
            f"np.copyto({out}, {y})",
            f"{out}.fill({self.scalar(1)})",
            f"np.add.at({name}, [0, -1, 0], {self.value(())})",
        ]
        return [self.pick(calls)]

    # names ---------------------------------------------------------------------------

    def bound(self, shape: Any, value: str) -> list[str]:
        name = self.target(shape)
        if name == "a" and shape != ():
            return self.store()
        self.bind(name, shape)
        return [f"{name} = {value}"]

    def view(self) -> list[str]:
        """A name for an array or a part of one (or for a copy, where NumPy copies)."""
        if self.chance(25):
            name = self.pick(self.arrays())
            return self.bound(self.scope.shapes[name], name)
        kinds = [SUBSCRIPTS] * 4 + [OTHERS] * 3 + [SUBSCRIPTS + HOPS, FANCY]
        text, shape = self.part([*self.pick(kinds), "{x}[:]"])
        return self.bound(shape, text)

    def buffer(self) -> list[str]:
        """A name for a new array."""
        like = self.pick(self.arrays())
        shape = self.scope.shapes[like]
        value = self.pick(["np.zeros({0})", "{1}.copy()", "np.ones_like({1})"])
        return self.bound(shape, value.format(shape, like))

    def exchange(self) -> list[str]:
        x = self.pick(self.arrays())
        shape = self.scope.shapes[x]
        names = [n for n in self.arrays() if n != x and self.scope.shapes[n] == shape]
        if not names:
            return self.buffer()
        y = self.pick(names)
        return [f"{x}, {y} = {y}, {x}"]

    # loops ---------------------------------------------------------------------------

    def rows(self, depth: int, loop: bool) -> list[str]:
        """A loop that writes into the rows of a matrix."""
        matrices = [n for n in self.arrays() if len(self.scope.shapes[n]) == 2]
        base, x, i = self.pick(matrices), f"x{depth}", f"i{depth}"
        shape = self.scope.shapes[base]
        header, row = self.pick(
            [
                (f"{x} in {base}", shape[1:]),
                (f"{x} in {base}.T", shape[:1]),
                (f"{i}, {x} in enumerate({base})", shape[1:]),
                (f"{x} in reversed({base})", shape[1:]),
                (f"{x} in {base}[::-1]", shape[1:]),
            ]
        )
        targets = {x: row, i: "int"} if header.startswith("i") else {x: row}
        first = self.pick([f"{x} *= ", f"{x}[:] = ", f"{x} += ", f"{x}[0] = "])
        value = self.value(() if "[0]" in first else row)
        lines = self.body(f"for {header}:", depth, targets)
        return [lines[0], f"    {first}{value}", *lines[1:]]

    def double_buffer(self, depth: int, loop: bool) -> list[str]:
        """A loop in which two arrays change places."""
        shape = self.pick([s for s in SHAPES if self.scope.of(s)])
        old = self.pick(self.scope.of(shape))
        free = [n for n in NAMES if n not in self.frozen and n != old]
        if not free:
            return self.store()
        new = self.pick(free)
        self.bind(new, shape)
        value = self.pick([f"np.zeros({shape})", f"{old}.copy()", f"np.sin({old})"])
        count, i = self.pick(["n", "2", "0", "4", self.integer()]), f"i{depth}"
        place, part = self.place(new)
        step = f"{place} = np.sin({old})" if part == shape else f"{place} += 0.5"
        lines = self.body(f"for {i} in range({count}):", depth, {i: "int"})
        turn = indented([step, f"{old}, {new} = {new}, {old}"])
        return [f"{new} = {value}", lines[0], *turn, *lines[1:]]
