"""Random expressions as source text, of a shape that is asked for.

Values are kept in range by sines and hyperbolic tangents. A shape is () for a float,
the shape of an array, "int" or one of KINDS.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NAMES = ["p", "q", "r", "s", "w"]
# a truth value, two floats in a tuple, three floats in a list: names of their own
KINDS = {"bool": ["ok"], "pair": ["g", "h"], "floats": ["y"]}
SHAPES = [(3,), (2, 3), (2, 1), (2,), (1, 3), (3, 1), (1,), (3, 2)]


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
    """Writes expressions of a shape that is asked for; choose(n) is an int below n."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self.choose = choose
        self.scope = Scope()

    def bind(self, name: str, shape: Any) -> None:
        self.scope.bind(name, shape)

    def pick(self, options: list[Any]) -> Any:
        return options[self.choose(len(options))]

    def chance(self, percent: int) -> bool:
        return self.choose(100) >= 100 - percent

    def one_of(self, *makers: Callable[[], str]) -> str:
        return self.pick(list(makers))()

    def expr(self, shape: Any, depth: int = 2) -> str:
        if shape == "int":
            return self.integer()
        if shape == "bool":
            return self.condition()
        if shape == "pair":
            return f"({self.scalar(1)}, {self.scalar(1)})"
        if shape == "floats":
            return f"[{self.scalar(1)}, {self.leaf()}, {self.scalar(1)}]"
        return self.scalar(depth) if shape == () else self.array(shape, depth)

    def integer(self) -> str:
        return self.pick([*self.scope.of("int"), "2", "len(u)"])

    # scalars -------------------------------------------------------------------------

    def leaf(self) -> str:
        names = self.scope.of(())
        maybe = [n for n, s in self.scope.maybe.items() if s == ()]
        if maybe and self.chance(5):
            names = [self.pick(maybe)]
        return self.pick([*names, *names, "0.5", "2", *self.scope.of("int")])

    def scalar(self, depth: int) -> str:
        if depth <= 0:
            return self.leaf()

        def x() -> str:
            return self.scalar(depth - 1)

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
            lambda: f"{self.pick(['max', 'min', 'np.maximum'])}({apart(x(), x())})",
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
        forms += ["np.min({})", "np.var({})", "np.prod({})"]
        if len(shape) == 1:
            if names := self.scope.of(shape):
                v = self.pick(names)
                forms += [f"{v}[{v} > {self.leaf()}].sum()"]
            forms += [
                f"np.dot({{}}, {self.array(shape, 0)})",
                "np.linalg.norm(1.0 + {})",
            ]
            forms.append(f"({{}}) @ {self.array(shape, 0)}")
        return self.pick(forms).format(x)

    def element(self) -> str:
        i, j = self.index(3), self.index(2)
        u = self.pick(["u", *self.scope.of((3,))])
        A = self.pick(["A", *self.scope.of((2, 3))])
        parts = [f"{g}[{self.pick([0, 1, -1])}]" for g in self.scope.of("pair")]
        parts += [f"{y}[{i}]" for y in self.scope.of("floats")]
        if parts and self.chance(50):
            return self.pick(parts)
        return self.pick(
            [f"{u}[{i}]", f"{A}[{j}, {i}]", f"{A}[{j}][{i}]", f"c[{j}, 0]"]
        )

    def index(self, length: int) -> str:
        names = [f"{n} % {length}" for n in self.scope.of("int")]
        return self.pick(["0", "-1", *names])

    # arrays --------------------------------------------------------------------------

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        names = self.scope.of(shape)
        simple = [f"np.ones({shape})", *([f"({self.built(shape)})"] * 2)]
        if depth <= 0:
            return self.pick(names or simple)

        def x() -> str:
            return self.array(shape, depth - 1)

        def y() -> str:
            return self.broadcast(shape, depth - 1)

        return self.one_of(
            lambda: self.pick(names or simple),
            lambda: f"({x()} {self.pick(['+', '-', '*'])} {y()})",
            lambda: f"({y()} {self.pick(['+', '-', '*'])} {x()})",
            lambda: f"np.{self.pick(['sin', 'cos', 'tanh', 'arctan'])}({x()})",
            lambda: f"{x()} / (2.0 + np.cos({y()}))",
            lambda: f"-{x()}",
            lambda: f"({x()}) ** {self.pick(['2', '3'])}",
            lambda: f"np.where({apart(x(), y(), ' > ')}, {x()}, {y()})",
            lambda: f"np.maximum({apart(x(), y())})",
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
        i, floats = self.index(2), self.scope.of("floats")
        s = self.leaf
        forms: dict[tuple[int, ...], list[str]] = {
            (3,): [
                "u", f"A[{i}]", "A.sum(axis=0)", "np.sum(A * c, axis=0)", "u[::-1]",
                "np.concatenate([u[1:], u[:1]])", f"np.array([{s()}, {s()}, {s()}])",
                "np.cumsum(u)", "A.T @ c[:, 0]", "A.mean(0)", f"np.full(3, {s()})",
                "u[[2, 0, 1]]", f"u[np.array([0, {i}, 0])]", "A[[0, 1, 0], [0, 1, 0]]",
                "np.clip(u, -0.5, 0.7)", "np.einsum('ij,ij->j', A, A)", "np.roll(u, 1)",
                "np.diag(np.outer(u, u))", *map("np.array({})".format, floats),
            ],
            (2,): ["A @ u", "u[1:]", "u[:-1]", "c[:, 0]", "A[:, 1]", "A.max(axis=1)",
                   f"np.array([{s()}, {s()}])", "c.sum(1)", "u[::2]", "c.reshape(2)"],
            (1,): ["u[:1]", "u[1:2]", f"np.array([{s()}])", "c[1]"],
            (2, 3): ["A", "A[::-1]", "c + u", "c * A", "np.outer(c, u)",
                     "c * u[None, :]",
                     "np.stack([u, u[::-1]])", "A[:, ::-1]", "c @ u.reshape(1, 3)"],
            (3, 2): ["A.T", "np.outer(u, c[:, 0])", "u[:, None] * c.T",
                     "A.reshape(3, 2)", "np.transpose(A)"],
            (2, 1): ["c", "A[:, :1]", "A.sum(axis=1, keepdims=True)",
                     "(A @ u)[:, None]",
                     "u[1:].reshape(-1, 1)", "A @ u.reshape(3, 1)"],
            (1, 3): ["u[None, :]", "A[:1]", "A.mean(axis=0, keepdims=True)", "c.T @ A"],
            (3, 1): ["u[:, None]", "u.reshape(3, 1)", "A.T @ c", "A.T[:, 1:]"],
        }  # fmt: skip
        return self.pick(forms[shape])

    # conditions ----------------------------------------------------------------------

    def condition(self, depth: int = 1) -> str:
        def x() -> str:
            return self.scalar(1)

        simple = [
            lambda: apart(x(), x(), f" {self.pick(['<', '>', '<=', '>='])} "),
            lambda: f"{apart(x(), x(), ' < ')} < {x()}",
            lambda: f"{self.integer()} {self.pick(['==', '<', '!='])} {self.integer()}",
            lambda: f"{self.integer()} % 2 == 0",
            *[lambda n=n: n for n in self.scope.of("bool") * 3],
        ]
        if depth <= 0:
            return self.one_of(*simple)

        def inner() -> str:
            return self.condition(depth - 1)

        return self.one_of(
            *simple,
            lambda: f"({inner()} and {inner()})",
            lambda: f"({inner()} or {inner()})",
            lambda: f"not ({inner()})",
        )


def apart(x: str, y: str, between: str = ", ") -> str:
    """Two expressions that are compared, and hence not the same."""
    return x + between + (y if x != y else f"0.6 * ({y})")


def broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    try:
        return np.broadcast_shapes(shape, to) == to
    except ValueError:
        return False
