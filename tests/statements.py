"""Random statements as source text: reassignments, branches, loops, returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from expressions import KINDS, NAMES, SHAPES, Expressions, Scope


class Statements(Expressions):
    """Writes blocks; each method returns lines without their outer indentation."""

    frozen: frozenset[str] = (
        frozenset()
    )  # names of a loop outside: they keep their shape
    result: Any = ()

    def block(self, depth: int, loop: bool) -> list[str]:
        return [
            line
            for _ in range(self.pick([1, 2, 3]))
            for line in self.statement(depth, loop)
        ]

    def simple(self) -> list[Callable[[], list[str]]]:
        return [self.assign, self.assign, self.augmented, self.several, self.kind]

    def nested(self) -> list[Callable[[int, bool], list[str]]]:
        return [self.branch, self.counted, self.counted, self.conditional]

    def statement(self, depth: int, loop: bool) -> list[str]:
        if loop and self.chance(15):
            return self.jump(self.pick(["break", "continue"]))
        if self.chance(4):
            return self.jump(self.returned())
        if self.chance(2):
            return self.jump("raise ValueError(a)")
        if depth <= 0:
            return self.pick(self.simple())()
        nested = [lambda m=m: m(depth - 1, loop) for m in self.nested()]
        return self.pick([*self.simple(), *nested])()

    def target(self, shape: Any) -> str:
        """A name that may be bound to something of the shape here."""
        free = [n for n in NAMES if n not in self.frozen]
        fits = [n for n in self.scope.of(shape) if n in NAMES or n in ("a", "b", "u")]
        return self.pick([*fits, *fits, *free] or ["a"])

    def assign(self) -> list[str]:
        shape = self.pick([(), (), (), self.pick(SHAPES), "int"])
        names = [n for n in self.scope.of(()) if n in self.frozen and n in NAMES]
        if names and shape not in ((), "int") and self.chance(15):
            name = self.pick(names)  # a scalar that becomes an array in the loop
            line = f"{name} = {name} + {self.expr(shape)}"
            del self.scope.shapes[name]
            self.scope.loose[name] = shape
            return [line]
        value, name = self.expr(shape), self.target(shape)
        if name == "a" and shape != ():
            value, shape = self.scalar(2), ()
        self.bind(name, shape)
        if self.chance(5) and (other := self.target(shape)) != "a":
            self.bind(other, shape)
            return [f"{name} = {other} = {value}"]
        return [f"{name} = {value}"]

    def kind(self) -> list[str]:
        """Something that is no number."""
        shape = self.pick(list(KINDS))
        value, name = self.expr(shape), self.pick(KINDS[shape])
        self.bind(name, shape)
        return [f"{name} = {value}"]

    def augmented(self) -> list[str]:
        names = [n for n in self.scope.of(()) if n in (*NAMES, "a", "b")]
        arrays = [n for n, s in self.scope.shapes.items() if n in NAMES and s in SHAPES]
        if arrays and self.chance(20):
            name = self.pick(arrays)
            value = self.broadcast(self.scope.shapes[name], 1)
            return [f"{name} {self.pick(['+=', '*=', '-='])} {value}"]
        if not names:
            return self.assign()
        operator = self.pick(["+=", "-=", "*="])
        return [f"{self.pick(names)} {operator} {self.scalar(1)}"]

    def several(self) -> list[str]:
        names = [n for n in self.scope.of(()) if n in (*NAMES, "a", "b")]
        if len(names) > 1 and self.chance(60):
            x, y = self.pick(names), self.pick(names)
            if x != y:
                new = f"{self.pick([y, self.scalar(1)])}, {self.scalar(1)}"
                return [f"{x}, {y} = {self.pick([new, *self.scope.of('pair')])}"]
        value = f"{self.scalar(1)}, {self.array((3,), 1)}"
        x = self.target(())
        self.bind(x, ())
        y = self.pick([n for n in NAMES if n != x and n not in self.frozen] or ["u"])
        self.bind(y, (3,))
        return [f"{x}, {y} = {value}"]

    def returned(self) -> str:
        if self.result == "pair":
            return f"return 1.0 * {self.leaf()}, {self.array((3,), 1)}"
        others = [f" + {n}" for n, s in self.scope.shapes.items() if s == ()]
        others += [f" - np.sum({n})" for n in (*self.scope.loose, *self.summed())]
        some = [self.pick([other, ""]) for other in others]
        return f"return 1.0 * ({self.expr(self.result, 1)}){''.join(some)}"

    def summed(self) -> list[str]:
        """The arrays that may be added to the result."""
        return self.scope.of((3,))

    def jump(self, statement: str) -> list[str]:
        return [f"if {self.condition()}:", f"    {statement}"]

    def branch(self, depth: int, loop: bool) -> list[str]:
        before = self.scope.copy()
        lines, ends = [f"if {self.condition()}:"], []
        kinds = ["if", *self.pick([[], ["else"], ["else"], ["elif"], ["elif", "else"]])]
        for kind in kinds:
            self.scope = before.copy()
            if kind == "elif":
                lines.append(f"elif {self.condition()}:")
            elif kind == "else":
                lines.append("else:")
            lines += indented(self.block(depth, loop))
            ends.append(self.scope)
        if kinds[-1] != "else":
            ends.append(before)
        self.scope = ends[0]
        for other in ends[1:]:
            self.scope = met(self.scope, other)
        return lines

    def body(self, header: str, depth: int, targets: dict[str, Any]) -> list[str]:
        """A loop: its header, its body and perhaps an else clause."""
        before, outer = self.scope.copy(), self.frozen
        self.frozen = outer | set(before.shapes) | set(before.loose)
        for name, shape in targets.items():
            self.bind(name, shape)
        block = self.block(depth, True)
        if "int" in targets.values() and self.chance(10):
            block += self.earlier(next(iter(targets)))
        lines = [header, *indented(block)]
        self.scope, self.frozen = met(before, self.scope), outer
        if self.chance(15):
            before = self.scope.copy()
            lines += ["else:", *indented(self.block(0, False))]
            self.scope = met(before, self.scope)
        return lines

    def earlier(self, i: str) -> list[str]:
        """A name that is read before the line that has bound it an iteration ago."""
        first = self.pick([f"{i} > 0", f"{i} == 2", f"{i} > 1 and last < 0.9"])
        read = self.pick(["a += last * b", f"b = b + last if {first} else b"])
        return [f"if {first}:", f"    {read}", f"last = {self.scalar(1)}"]

    def counted(self, depth: int, loop: bool) -> list[str]:
        i, x, y = f"i{depth}", f"x{depth}", f"y{depth}"
        k = self.integer()
        ranges = [
            "n",
            "2",
            "0",
            f"{k}",
            f"1, {k}",
            f"{k}, 0, -1",
            "0, 5, 2",
            "5, -1, -2",
        ]
        vectors = [
            n for shape in ((3,), "pair", "floats") for n in self.scope.of(shape)
        ]
        vectors += ["A[0]", "u[1:]", f"[{self.leaf()}]"]
        v, w = self.pick(vectors), self.pick(vectors)
        pair = f"({self.leaf()}, {self.leaf()})"
        header, targets = self.pick(
            [
                (f"{i} in range({self.pick(ranges)})", {i: "int"}),
                (f"{i} in range({self.pick(ranges)})", {i: "int"}),
                (f"{x} in {v}", {x: ()}),
                (f"{x} in {pair}", {x: ()}),
                (f"{x} in A", {x: (3,)}),
                (f"{x} in reversed({v})", {x: ()}),
                (f"{i}, {x} in enumerate({v})", {i: "int", x: ()}),
                (f"{i}, {x} in enumerate(c, start=1)", {i: "int", x: (1,)}),
                (f"{x}, {y} in zip({v}, {w})", {x: (), y: ()}),
                (f"{x}, {y} in zip(A, c)", {x: (3,), y: (1,)}),
                (f"{i}, ({x}, {y}) in enumerate(zip({v}, A.T))",
                 {i: "int", x: (), y: (2,)}),
                (f"{x}, {y} in [({self.leaf()}, u), ({self.leaf()}, A[1])]",
                 {x: (), y: (3,)}),
            ]
        )  # fmt: skip
        return self.body(f"for {header}:", depth, targets)

    def conditional(self, depth: int, loop: bool) -> list[str]:
        m = f"m{depth}"
        start = self.pick(["0", "0", "1", "n"])
        limit = self.pick(["2", "3", "n"])
        self.bind(m, "int")
        extra = self.pick(["", f" and {self.condition(0)}"])
        if self.chance(20):
            lines = self.body("while True:", depth, {})
            stop = [f"if not ({m} < {limit}{extra}):", "    break", f"{m} += 1"]
        else:
            lines = self.body(f"while {m} < {limit}{extra}:", depth, {})
            stop = [f"{m} += 1"]
        return [f"{m} = {start}", lines[0], *indented(stop), *lines[1:]]


def indented(lines: list[str]) -> list[str]:
    return ["    " + line for line in lines]


def met(a: Scope, b: Scope) -> Scope:
    """What is known where two paths meet."""
    out = Scope()
    for name in {**a.shapes, **b.shapes, **a.loose, **b.loose, **a.maybe, **b.maybe}:
        shapes = [s.shapes.get(name, s.loose.get(name)) for s in (a, b)]
        if None in shapes:
            known = [s for s in (*shapes, a.maybe.get(name), b.maybe.get(name)) if s]
            out.maybe[name] = known[0] if known else ()
        elif name in a.shapes and name in b.shapes and shapes[0] == shapes[1]:
            out.shapes[name] = shapes[0]
        elif "int" not in shapes and () in shapes:
            out.loose[name] = max(shapes, key=len)
        elif shapes[0] == shapes[1] and "int" not in shapes:
            out.loose[name] = shapes[0]
    return out
