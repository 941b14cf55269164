"""Random programs of functions that are called often, or that call themselves.

Out: the text of a module. A recursive function counts an int down or halves an array;
closures do, too; some change an array in place, return one of their arguments or a
tuple, and some call one another.

>>> import random
>>> "def f(" in Callers(random.Random(1).randrange).program()
True
"""

from __future__ import annotations

from typing import Any

from expressions import Scope
from functions import GENERIC, PARTS, USED, Function
from objects import GLOBALS, PARAMETERS, Objects
from statements import indented

DOWN = "down"  # the int that a call of itself is one less of
CALLS = 2  # so many calls of itself at most
RESULTS = [(), (), (3,), "mixed", "pair"]
# of an array `v` of any length, which recursive functions take apart; {s} is a scalar
HALVES = [
    """
def {f}(v, a):
    if len(v) <= 1:
        return v[0] * {s}
    return {f}(v[: len(v) // 2], {s}) * 0.5 + np.sin({f}(v[len(v) // 2 :], {s}))
""",
    """
def {f}(v, a):
    m = len(v) // 2
    if m == 0:
        return np.sin(v) * {s}
    p, q = {f}(v[:m], {s}), {f}(v[m:], a)
    return np.concatenate((p * {s}, np.tanh(q + {s})))
""",
    """
def {f}(v, a):
    n = len(v)
    if n < 2:
        return v
    v[: n // 2] *= {s}
    w = {f}(v[n // 2 :], {s})
    return np.sum(w) * v + {s}
""",
    """
def {f}(v, a):
    if len(v) <= 1:
        return v[0], a
    p, q = {f}(v[1:], {s})
    return p * {s}, np.sin(q) + v[0] * {s}
""",
]
CHANGING = [
    """
def {f}(v, a):
    n = len(v)
    if n == 1:
        v[0] = np.sin(v[0]) * {s}
        return
    {f}(v[: n // 2], {s})
    {f}(v[n // 2 :], a)
    v *= {s}
""",
    """
def {f}(v, a):
    if len(v) > 1:
        v[0] += np.sin(v[1] * {s})
        {f}(v[1:], {s})
        v[-1] *= np.cos(v[0] + {s})
""",
]
TAKEN = [(3,), (3,), (2,)]  # the arrays that those get


class Callers(Objects):
    """Writes modules of small functions, with many calls of them."""

    left = 0  # calls of itself that a recursive function may still write

    # expressions -----------------------------------------------------------

    def expr(self, shape: Any, depth: int = 2) -> str:
        if shape == DOWN:
            self.left -= 1
            return "n - 1"
        if shape == "vector":
            return self.array(self.pick(TAKEN), min(depth, 1))
        return super().expr(shape, depth)

    def scalar(self, depth: int) -> str:
        if depth > 0 and self.chance(35) and (call := self.scalar_call(depth - 1)):
            return call
        return super().scalar(depth)

    def scalar_call(self, depth: int) -> str | None:
        """A number out of a call of any function there is."""
        forms = [((), "{}"), ((3,), "{}[0]"), ((3,), "np.sum({})"), ("mixed", "{}[0]")]
        forms += [("mixed", "np.sum({}[1])"), ("pair", "{}[1]"), ("row", "np.sum({})")]
        result, text = self.pick([((), "{}"), ((), "np.sin({})"), *forms])
        call = self.call(result, depth)
        return call and text.format(call)

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        if depth > 0 and self.chance(30) and (call := self.call(shape, depth - 1)):
            return call
        return super().array(shape, depth)

    def call(self, result: Any, depth: int) -> str | None:
        if self.left > 0:
            return super().call(result, depth)
        shapes = self.scope.shapes
        hidden = {n: s for n, s in shapes.items() if DOWN in getattr(s, "params", ())}
        self.scope.shapes = {n: s for n, s in shapes.items() if n not in hidden}
        found = super().call(result, depth)
        self.scope.shapes = shapes
        return found

    # statements ------------------------------------------------------------

    def simple(self) -> list[Any]:
        return [*super().simple(), self.changed, self.unpacked, self.repeated]

    def nested(self) -> list[Any]:
        return [*super().nested(), self.tried]

    def items(self, depth: int, loop: bool) -> list[str]:
        if "Body" in self.parts:
            return super().items(depth, loop)
        x = f"x{depth}"
        return self.body(f"for {x} in {self.vector()}:", depth, {x: ()})

    def unpacked(self) -> list[str]:
        kind, second = self.pick([("mixed", (3,)), ("pair", ())])
        call = self.call(kind, 1)
        if call is None:
            return self.repeated()
        x = self.target(())
        self.bind(x, ())
        if x == (y := self.target(second)):
            return [f"{x} = {call}[0]"]
        self.bind(y, second)
        return [f"{x}, {y} = {call}"]

    def repeated(self) -> list[str]:
        """Two calls of one function in a statement."""
        one, two = self.scalar_call(1), self.scalar_call(0)
        name = self.target(())
        value = f"{one or self.scalar(1)} {self.pick('+-*')} {two or self.leaf()}"
        self.bind(name, ())
        return [f"{name} = {value}"]

    def tried(self, depth: int, loop: bool) -> list[str]:
        before = self.scope.copy()
        lines = ["try:", *indented(self.block(0, False))]
        kept, self.scope = self.scope, before.copy()
        lines += ["except ValueError:", *indented(self.block(0, False))]
        self.scope = before.copy()
        for name in set(before.shapes) - {
            n for n, s in before.shapes.items() if kept.shapes.get(n) == s
        }:
            del self.scope.shapes[name]
        return lines

    def defined(self) -> list[str]:
        if self.chance(50) or self.left:
            return super().defined()
        self.serial += 1
        name, shape = f"k{self.serial}", self.pick([(), (), (3,)])
        self.left = self.pick([1, 1, CALLS])
        given = {name: Function((DOWN, shape), shape), "n": "int", "z": shape}
        body = self.under(given, lambda: self.inside(shape, 0))
        rest = self.under(given, lambda: self.forced(name, shape))
        base = self.under({"n": "int", "z": shape}, lambda: self.expr(shape, 1))
        self.left = 0
        self.bind(name, Function(("int", shape), shape))
        lines = ["if n <= 0:", f"    return {base}", *body[:-1], rest]
        return [f"def {name}(n, z):", *indented(lines)]

    def forced(self, name: str, shape: Any) -> str:
        return f"return np.sin({name}(n - 1, {self.expr(shape, 1)})) * {self.leaf()}"

    # programs --------------------------------------------------------------

    def program(self) -> str:
        few = self.chance(60)
        kinds = ["mixed"] if few else list(PARTS)
        self.parts = {kind: dict(PARTS[kind]) for kind in kinds}
        self.generic = [n for n in GENERIC if self.chance(50)] or ["total"]
        needed = {USED[n] for n in self.generic if n in USED}
        self.generic += sorted(needed - set(self.generic))
        lines = [*GLOBALS]
        for name in sorted(self.generic):
            lines += GENERIC[name].splitlines()
        self.inner, made = True, {}
        lines += self.opening(made)
        for k in range(self.pick([1, 1, 2])):
            lines += ["", *self.helper(f"h{k}", made)]
        for k in range(self.pick([0, 1, 1, 2])):
            lines += ["", *self.recursive(f"r{k}", made)]
        if self.chance(50):
            lines += self.halving("v0", made)
        if self.chance(15):
            lines += self.mutual(made)
        self.inner = False
        self.scope, self.frozen = Scope(), frozenset()
        for name, shape in {**PARAMETERS, **made}.items():
            self.bind(name, shape)
        self.result = self.pick([(), (), (), (3,), "pair"])
        body = self.block(2, False)
        for write in self.pick([[], [self.unpacked], [self.changed, self.repeated]]):
            body += write()
        body += self.block(2, False) + self.repeated() + [self.returned()]
        lines += ["", f"def f({', '.join(PARAMETERS)}):", *indented(body)]
        return "\n".join(lines) + "\n"

    def helper(self, name: str, made: dict[str, Any]) -> list[str]:
        numbers = ["a", "b", "u", "A", "c", "n"]
        drawn = ["a", *[n for n in numbers[1:] if self.chance(35)]]
        result = self.pick([*RESULTS, None])
        header, body = self.function(name, drawn, result, made)
        made[name] = Function(tuple(PARAMETERS[n] for n in drawn), result)
        return [header, *indented(body)]

    def recursive(self, name: str, made: dict[str, Any]) -> list[str]:
        """A function that counts `n` down."""
        drawn = ["n", "a", *[n for n in ("b", "u", "A") if self.chance(35)]]
        result = self.pick([*RESULTS, None])
        shapes = tuple(PARAMETERS[n] for n in drawn)
        itself = Function((DOWN, *shapes[1:]), result)
        return self.counting(name, drawn, itself, made, {name: itself})

    def counting(
        self, name: str, drawn: list[str], fn: Function, made: dict[str, Any],
        around: dict[str, Function],
    ) -> list[str]:  # fmt: skip
        self.left = 0
        self.scope = Scope()
        for each in drawn:
            self.bind(each, PARAMETERS[each])
        self.result = fn.result
        base = self.returned()
        self.left = self.pick([1, 1, CALLS])
        header, body = self.function(name, drawn, fn.result, made | around)
        if self.left and self.pick([0, 1]):
            again = [f"{self.pick(list(around))}({', '.join(['n - 1', *drawn[1:]])})"]
            body = again + body if fn.result is None else body
        self.left = 0
        made[name] = Function(("int", *fn.params[1:]), fn.result)
        stop = self.pick(["n <= 0", "n < 1", "n <= 0 or a > 1.5"])
        return [header, f"    if {stop}:", f"        {base}", *indented(body)]

    def mutual(self, made: dict[str, Any]) -> list[str]:
        result = self.pick([(), (3,)])
        fn = Function((DOWN, ()), result)
        around = {"e0": fn, "e1": fn}
        lines = []
        for name in around:
            lines += ["", *self.counting(name, ["n", "a"], fn, made, around)]
        return lines

    def halving(self, name: str, made: dict[str, Any]) -> list[str]:
        k = self.choose(len(HALVES) + len(CHANGING))
        text = [*HALVES, *CHANGING][k]
        self.scope = Scope()
        self.bind("a", ())
        pieces = text.replace("{f}", name).split("{s}")
        lines = pieces[0] + "".join(f"({self.scalar(1)}){p}" for p in pieces[1:])
        result = [(), "row", "row", "pair", None, None][k]
        made[name] = Function(("vector", ()), result)
        return lines.splitlines()
