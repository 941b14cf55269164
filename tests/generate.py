"""Random programs over the language, as source text.

Out: a hypothesis strategy of `Program`s: the text of a function `f` of two floats, a
vector, a matrix, a column and an int, with the control flow, the reassignments and the
broadcasting that people write, its values kept in range by sines and hyperbolic
tangents. `Program.function` is defined from the text; `Program.distance` says how near
a run came to a branch that goes the other way.
"""

from __future__ import annotations

import ast
import linecache
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from hypothesis import strategies as st

PARAMETERS = {"a": (), "b": (), "u": (3,), "A": (2, 3), "c": (2, 1), "n": "int"}
NAMES = ["p", "q", "r", "s", "w"]
SHAPES = [(3,), (2, 3), (2, 1), (2,), (1, 3), (3, 1), (1,), (3, 2)]
_serial = count()


@dataclass
class Scope:
    """What is known of the names at one point of the text."""

    shapes: dict[str, Any] = field(default_factory=dict)  # surely bound, of one shape
    loose: dict[str, Any] = field(default_factory=dict)  # a scalar, or of that shape
    maybe: dict[str, Any] = field(default_factory=dict)  # bound on some paths

    def copy(self) -> Scope:
        return Scope(dict(self.shapes), dict(self.loose), dict(self.maybe))

    def bind(self, name: str, shape: Any) -> None:
        self.loose.pop(name, None)
        self.maybe.pop(name, None)
        self.shapes[name] = shape

    def of(self, shape: Any) -> list[str]:
        return [n for n, s in self.shapes.items() if s == shape]


class Expressions:
    """Draws expressions of a shape that is asked for."""

    def __init__(self, draw: Callable[..., Any]) -> None:
        self.draw = draw
        self.scope = Scope()

    def pick(self, options: list[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def chance(self, percent: int) -> bool:
        return self.draw(st.integers(0, 99)) >= 100 - percent

    def one_of(self, *makers: Callable[[], str]) -> str:
        return self.pick(list(makers))()

    def expr(self, shape: Any, depth: int = 2) -> str:
        if shape == "int":
            return self.integer()
        return self.scalar(depth) if shape == () else self.array(shape, depth)

    def integer(self) -> str:
        return self.pick([*self.scope.of("int"), "2", "len(u)"])

    # scalars -------------------------------------------------------------------------

    def leaf(self) -> str:
        names = self.scope.of(())
        names += [n for n, s in self.scope.maybe.items() if s == () and self.chance(3)]
        return self.pick([*names, *names, "0.5", "2", *self.scope.of("int")])

    def scalar(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf()
        x = lambda: self.scalar(depth - 1)  # noqa: E731
        return self.one_of(
            self.leaf,
            lambda: f"{x()} {self.pick(['+', '-', '*'])} {x()}",
            lambda: f"({x()} {self.pick(['+', '-', '*'])} {x()})",
            lambda: f"np.{self.pick(['sin', 'cos', 'tanh', 'arctan'])}({x()})",
            lambda: f"math.{self.pick(['sin', 'atan', 'tanh'])}({x()})",
            lambda: f"({x()}) / (2.0 + np.cos({x()}))",
            lambda: self.pick(["-{}", "+{}", "-({})"]).format(x()),
            lambda: f"({x()}) ** {self.pick(['2', '3', '2.0', 'n'])}",
            lambda: f"np.exp(np.sin({x()}))",
            lambda: f"np.sqrt(1.0 + ({x()}) ** 2)",
            lambda: f"({x()} if {self.condition()} else {x()})",
            lambda: f"{self.pick(['max', 'min', 'np.maximum'])}({x()}, {x()})",
            lambda: f"abs({x()})",
            lambda: self.reduction(depth - 1),
            lambda: self.element(),
        )

    def reduction(self, depth: int) -> str:
        shape = self.pick(SHAPES)
        if self.scope.loose and self.chance(50):
            name = self.pick(list(self.scope.loose))
            return f"np.{self.pick(['sum', 'mean'])}({name})"
        x = self.array(shape, depth)
        forms = ["np.sum({})", "np.mean({})", "np.max({})", "({}).sum()", "({}).mean()"]
        if len(shape) == 1:
            forms += [f"np.dot({{}}, {self.array(shape, 0)})", "np.linalg.norm(1.0 + {})"]
            forms.append(f"({{}}) @ {self.array(shape, 0)}")
        return self.pick(forms).format(x)

    def element(self) -> str:
        i, j = self.index(3), self.index(2)
        u = self.pick(["u", *self.scope.of((3,))])
        A = self.pick(["A", *self.scope.of((2, 3))])
        return self.pick([f"{u}[{i}]", f"{A}[{j}, {i}]", f"{A}[{j}][{i}]", f"c[{j}, 0]"])

    def index(self, length: int) -> str:
        names = [f"{n} % {length}" for n in self.scope.of("int")]
        return self.pick(["0", "-1", *names])

    # arrays --------------------------------------------------------------------------

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        names = self.scope.of(shape)
        simple = [f"np.ones({shape})", *([f"({self.built(shape)})"] * 2)]
        if depth <= 0:
            return self.pick(names or simple)
        x = lambda: self.array(shape, depth - 1)  # noqa: E731
        y = lambda: self.broadcast(shape, depth - 1)  # noqa: E731
        return self.one_of(
            lambda: self.pick(names or simple),
            lambda: f"({x()} {self.pick(['+', '-', '*'])} {y()})",
            lambda: f"({y()} {self.pick(['+', '-', '*'])} {x()})",
            lambda: f"np.{self.pick(['sin', 'cos', 'tanh', 'arctan'])}({x()})",
            lambda: f"{x()} / (2.0 + np.cos({y()}))",
            lambda: f"-{x()}",
            lambda: f"({x()}) ** {self.pick(['2', '3'])}",
            lambda: f"np.where({x()} > {y()}, {x()}, {y()})",
            lambda: f"np.maximum({x()}, {y()})",
            lambda: f"np.abs({x()})",
            lambda: f"np.zeros_like({x()}) + {y()}",
            lambda: f"({self.built(shape)})",
        )

    def broadcast(self, shape: tuple[int, ...], depth: int) -> str:
        """Something that broadcasts to the shape."""
        fits = [s for s in SHAPES if broadcasts(s, shape)]
        loose = [n for n, s in self.scope.loose.items() if broadcasts(s, shape)]
        if loose and self.chance(50):
            return self.pick(loose)
        return self.expr(self.pick([(), shape, *fits]), depth)

    def built(self, shape: tuple[int, ...]) -> str:
        """An array of the shape made out of something else."""
        i = self.index(2)
        s = self.leaf
        forms: dict[tuple[int, ...], list[str]] = {
            (3,): [
                "u", f"A[{i}]", "A.sum(axis=0)", "np.sum(A * c, axis=0)", "u[::-1]",
                "np.concatenate([u[1:], u[:1]])", f"np.array([{s()}, {s()}, {s()}])",
                "np.cumsum(u)", "A.T @ c[:, 0]", "A.mean(0)", f"np.full(3, {s()})",
            ],
            (2,): ["A @ u", "u[1:]", "u[:-1]", "c[:, 0]", "A[:, 1]", "A.max(axis=1)",
                   f"np.array([{s()}, {s()}])", "c.sum(1)", "u[::2]", "c.reshape(2)"],
            (1,): ["u[:1]", "u[1:2]", f"np.array([{s()}])", "c[1]"],
            (2, 3): ["A", "A[::-1]", "c + u", "c * A", "np.outer(c, u)", "c * u[None, :]",
                     "np.stack([u, u[::-1]])", "A[:, ::-1]", "c @ u.reshape(1, 3)"],
            (3, 2): ["A.T", "np.outer(u, c[:, 0])", "u[:, None] * c.T",
                     "A.reshape(3, 2)", "np.transpose(A)"],
            (2, 1): ["c", "A[:, :1]", "A.sum(axis=1, keepdims=True)", "(A @ u)[:, None]",
                     "u[1:].reshape(-1, 1)", "A @ u.reshape(3, 1)"],
            (1, 3): ["u[None, :]", "A[:1]", "A.mean(axis=0, keepdims=True)", "c.T @ A"],
            (3, 1): ["u[:, None]", "u.reshape(3, 1)", "A.T @ c", "A.T[:, 1:]"],
        }  # fmt: skip
        return self.pick(forms[shape])

    # conditions ----------------------------------------------------------------------

    def condition(self, depth: int = 1) -> str:
        x = lambda: self.scalar(1)  # noqa: E731
        simple = [
            lambda: f"{x()} {self.pick(['<', '>', '<=', '>='])} {x()}",
            lambda: f"{x()} < {x()} < {x()}",
            lambda: f"{self.integer()} {self.pick(['==', '<', '!='])} {self.integer()}",
            lambda: f"{self.integer()} % 2 == 0",
        ]
        if depth <= 0:
            return self.one_of(*simple)
        inner = lambda: self.condition(depth - 1)  # noqa: E731
        return self.one_of(
            *simple,
            lambda: f"({inner()} and {inner()})",
            lambda: f"({inner()} or {inner()})",
            lambda: f"not ({inner()})",
        )


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False


class Statements(Expressions):
    """Draws blocks; each method returns lines without their outer indentation."""

    frozen: frozenset[str] = frozenset()  # names of a loop outside: they keep their shape
    result: Any = ()

    def block(self, depth: int, loop: bool) -> list[str]:
        return [
            line
            for _ in range(self.draw(st.integers(1, 3)))
            for line in self.statement(depth, loop)
        ]

    def statement(self, depth: int, loop: bool) -> list[str]:
        simple = [self.assign, self.assign, self.augmented, self.several]
        nested = [self.branch, self.counted, self.counted, self.conditional]
        if loop and self.chance(15):
            return self.jump(self.pick(["break", "continue"]))
        if self.chance(4):
            return self.jump(self.returned())
        if depth <= 0:
            return self.pick(simple)()
        return self.pick([*simple, *[lambda m=m: m(depth - 1, loop) for m in nested]])()

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
        self.scope.bind(name, shape)
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
                return [f"{x}, {y} = {self.pick([y, self.scalar(1)])}, {self.scalar(1)}"]
        value = f"{self.scalar(1)}, {self.array((3,), 1)}"
        x = self.target(())
        self.scope.bind(x, ())
        y = self.pick([n for n in NAMES if n != x and n not in self.frozen] or ["u"])
        self.scope.bind(y, (3,))
        return [f"{x}, {y} = {value}"]

    def returned(self) -> str:
        if self.result == "pair":
            return f"return 1.0 * {self.leaf()}, {self.array((3,), 1)}"
        others = [f" + {n}" for n, s in self.scope.shapes.items() if s == ()]
        others += [f" - np.sum({n})" for n in (*self.scope.loose, *self.scope.of((3,)))]
        some = [self.pick([other, ""]) for other in others]
        return f"return 1.0 * ({self.expr(self.result, 1)}){''.join(some)}"

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
            self.scope.bind(name, shape)
        lines = [header, *indented(self.block(depth, True))]
        self.scope, self.frozen = met(before, self.scope), outer
        if self.chance(15):
            before = self.scope.copy()
            lines += ["else:", *indented(self.block(0, False))]
            self.scope = met(before, self.scope)
        return lines

    def counted(self, depth: int, loop: bool) -> list[str]:
        i, x, y = f"i{depth}", f"x{depth}", f"y{depth}"
        k = self.integer()
        ranges = ["n", "2", "0", f"{k}", f"1, {k}", f"{k}, 0, -1", "0, 5, 2", "5, -1, -2"]
        vectors = [n for n in self.scope.of((3,))] + ["A[0]", "u[1:]", f"[{self.leaf()}]"]
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
        self.scope.bind(m, "int")
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


# programs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Program:
    text: str

    def defined(self, scope: dict[str, Any]) -> Callable[..., Any]:
        exec(compile(self.text, "<watched>", "exec"), scope)
        return scope["f"]

    @property
    def function(self) -> Callable[..., Any]:
        """The function, with its source where inspect finds it."""
        file = f"<program {next(_serial)}>"
        lines = self.text.splitlines(keepends=True)
        linecache.cache[file] = len(self.text), None, lines, file
        scope: dict[str, Any] = {"np": np, "math": math}
        exec(compile(self.text, file, "exec"), scope)
        return scope["f"]

    def distance(self, args: tuple[Any, ...]) -> float:
        """How near a run comes to a tie in a comparison of floats (or an abs, a max)."""
        tree = ast.fix_missing_locations(Watched().visit(ast.parse(self.text)))
        watch = Watch()
        scope = {"np": watch, "math": math, "near": watch.near}
        scope |= {"abs": watch.abs, "max": watch.maximum, "min": watch.minimum}
        exec(compile(tree, "<watched>", "exec"), scope)
        scope["f"](*args)
        return watch.least


class Watched(ast.NodeTransformer):
    """`a < b` becomes `near(a, b) and a < b`."""

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        operands = [node.left, *node.comparators]
        tests: list[ast.expr] = []
        for x, op, y in zip(operands, node.ops, operands[1:], strict=False):
            near = ast.Call(ast.Name("near", ast.Load()), [x, y], [])
            tests += [near, ast.Compare(x, [op], [y])]
        return ast.BoolOp(ast.And(), tests)


class Watch:
    """NumPy, with an eye on the functions that have kinks."""

    least = math.inf

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def near(self, x: Any, y: Any) -> bool:
        gap = np.abs(np.subtract(x, y))
        if gap.dtype.kind == "f":
            self.least = min(self.least, float(np.min(gap, initial=math.inf)))
        return True

    def abs(self, x: Any) -> Any:
        self.near(x, 0.0)
        return np.abs(x)

    def maximum(self, x: Any, y: Any) -> Any:
        self.near(x, y)
        return np.maximum(x, y)

    def minimum(self, x: Any, y: Any) -> Any:
        self.near(x, y)
        return np.minimum(x, y)

    def max(self, x: Any) -> Any:
        highest = np.sort(np.ravel(x))[-2:]
        self.near(highest[0], highest[-1] if len(highest) > 1 else math.inf)
        return np.max(x)


@st.composite
def programs(draw: Callable[..., Any]) -> Program:
    writer = Statements(draw)
    writer.scope = Scope(dict(PARAMETERS))
    writer.result = writer.pick([(), (), (), (), (3,), (2, 3), "pair"])
    lines = writer.block(3, False) + writer.block(2, False)
    lines.append(writer.returned())
    return Program("\n".join(["def f(a, b, u, A, c, n):", *indented(lines)]) + "\n")
