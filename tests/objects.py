"""Random statements with functions and containers, and whole programs of them.

Out: the text of a module with helper functions, a class, and a function `f`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from expressions import NAMES, Scope
from functions import GENERIC, PARTS, POOLS, USED, Function
from idiomatic import Idiomatic
from statements import Statements, indented

# what f takes, and the globals of those names that helpers without them read
PARAMETERS = {
    "a": (), "b": (), "u": (3,), "A": (2, 3), "c": (2, 1), "n": "int",
    "o": "Body", "t": "Pair", "d": "state", "l": "bodies",
}  # fmt: skip
GLOBALS = [
    "b = 0.45",
    "u = np.array([0.2, -0.7, 0.5])",
    "A = np.array([[0.1, 0.4, -0.3], [0.8, -0.2, 0.6]])",
    "c = np.array([[-0.4], [0.3]])",
    "n = 2",
    "",
    "def joined(xs, ys):",
    "    return xs[-1:] + [0.5 * y for y in ys]",
]
RESULTS = [(), (), (), (), (3,), "pair", "Body", "Pair", "state", "weights"]


class Objects(Idiomatic):
    """Writes whole modules."""

    def simple(self) -> list[Callable[[], list[str]]]:
        mine = [self.made, self.made, self.made, self.changed, self.changed]
        written = super().simple() if self.summed() else Statements.simple(self)
        return [*written, *mine, self.defined, self.defined, self.grow]

    def nested(self) -> list[Callable[[int, bool], list[str]]]:
        loops = super().nested() if self.matrices() else Statements.nested(self)
        return [*loops, self.items, self.items, self.unlike]

    def matrices(self) -> list[str]:
        return [n for n in self.arrays() if len(self.scope.shapes.get(n, ())) == 2]

    # statements ----------------------------------------------------------------------

    def made(self) -> list[str]:
        """A container, or another name for one; an attribute that is one."""
        kinds = [k for k in self.parts if k != "Still"]
        kind = self.pick([k for k in kinds if k != "Model" or self.has_model])
        value, names = self.expr(kind), POOLS[kind]
        name = self.pick([*names, *self.assigned(kind)])
        self.bind(name, kind)
        return [f"{name} = {value}"]

    def changed(self) -> list[str]:
        """A call of a function that returns nothing, or of one that may change much."""
        results = [None, None, (), "Body", "Model"]
        call = self.call(self.pick(results), 1) or self.call(None, 1)
        return [call] if call else self.augmented()

    def defined(self) -> list[str]:
        """A function in a function, that reads the names around it."""
        self.serial += 1
        name = f"k{self.serial}"
        shape = self.pick([(), (), (3,)])
        params = self.pick([("z",), ("z",), ("z", "z1"), ()])
        fn = Function((shape,) * len(params), shape)
        given = dict.fromkeys(params, shape)
        if self.chance(40):
            value = self.under(given, lambda: self.expr(shape, 2))
            lines = [f"{name} = lambda {', '.join(params)}: {value}"]
        else:
            lines = [
                f"def {name}({', '.join(params)}):",
                *indented(self.under(given, lambda: self.inside(shape, 0))),
            ]
        self.bind(name, fn)
        return lines

    def inside(self, result: Any, depth: int) -> list[str]:
        """The body of a function. What it assigns is its own; paths are not."""
        outside = self.result, self.frozen
        self.result, self.frozen = result, frozenset()
        names = [n for n in NAMES if n not in self.scope.shapes]
        lines = []
        if depth > 0:
            lines = self.block(depth, False)
        elif names and self.chance(60):
            shape = () if result is None else result
            lines = [f"{names[0]} = {self.expr(shape, 1)}"]
            self.bind(names[0], shape)
            if self.chance(50):
                lines += self.jump(self.returned())
        paths = self.assigned(())
        if depth == 0 and paths and self.chance(30):
            lines.append(f"{self.pick(paths)} += np.sin({self.scalar(1)})")
        lines.append(self.returned())
        self.result, self.frozen = outside
        return lines

    def grow(self) -> list[str]:
        if self.looped:  # growing what is looped over need not end
            return self.augmented()
        names = self.scope.of("grown")
        if not names:
            self.bind("ys", "grown")
            return [f"ys = {self.container('grown', 0, [])}"]
        y, s = self.pick(names), self.scalar(1)
        forms = [f"{y}.append({s})"] * 4
        forms += [
            f"{y}[-1] = {s}",
            f"{y}[0] += {s}",
            f"{y}.extend([{s}])",
            f"{y}.pop()",
        ]
        return [self.pick(forms)]

    def items(self, depth: int, loop: bool) -> list[str]:
        """A loop over what is in a container."""
        x, i = f"x{depth}", f"i{depth}"
        forms: list[tuple[str, dict[str, Any]]] = [
            (f"{x} in {self.vector()}", {x: ()}),
            (f"{x} in [{self.expr('Body', 1)}, {self.expr('Body', 0)}]", {x: "Still"}),
        ]
        for w in self.scope.of("weights"):
            forms += [(f"_, {x} in {w}.items()", {x: ()})] * 2
            forms += [(f"{x} in {w}.values()", {x: ()})]
        for bodies in self.scope.of("bodies"):
            forms += [
                (f"{x} in {bodies}", {x: "Still"}),
                (f"{i}, {x} in enumerate({bodies})", {i: "int", x: "Still"}),
            ]
        header, targets = self.pick(forms)
        return self.body(f"for {header}:", depth, targets)

    def body(self, header: str, depth: int, targets: dict[str, Any]) -> list[str]:
        looped = self.looped
        grown = self.scope.of("grown")
        self.looped |= any(y in grown for y in re.findall(r"\w+", header))
        lines = super().body(header, depth, targets)
        self.looped = looped
        return lines

    def unlike(self, depth: int, loop: bool) -> list[str]:
        """A loop over arrays and numbers that no list of a length could hold."""
        x, y, k = f"x{depth}", f"y{depth}", self.pick([0, 1, -1])
        shapes = self.pick([[(3,), (2, 3)], [(2, 3), (), (3,)], [(), (2, 1)]])
        made = f"[{', '.join(self.expr(s, self.pick([0, 0, 1])) for s in shapes)}]"
        lines: list[str] = []
        if not self.frozen and self.chance(70):
            lines.append(f"ms = {made}")
            self.bind("ms", "unlike")
        known = self.scope.of("unlike")
        over = self.pick([*known, *known, made])
        forms = [
            f"{x} in {over}", f"{x} in reversed({over})",
            f"_, {x} in enumerate({over})", f"{x}, {y} in zip({over}, {over})",
        ]  # fmt: skip
        if known:
            forms += [f"{x}, {y} in zip({over}, ms[:])", f"{x} in joined(ms, {over})"]
        first = [f"a += np.sin(np.sum({self.pick([x, y, 'ms[0]', 'ms[-1]'])}))"]
        changes = [f"{x} *= {self.pick(['0.9', 'np.cos(a)'])}"]
        if known:
            changes += [f"ms[{k}] = np.sin(ms[{k}])", f"ms[{k}] *= {self.scalar(0)}"]
        first += [self.pick(changes)] if self.chance(40) else []
        header, *rest = self.body(f"for {self.pick(forms)}:", depth, {})
        read = [line for line in first if known or "ms" not in line]
        read = [line for line in read if y not in line or y in header]
        return [*lines, header, *indented(read), *rest]

    def returned(self) -> str:
        if self.result is None:
            return "return"
        names = self.scope.of(self.result)
        if self.result in self.parts or (names and self.inner and self.chance(40)):
            return f"return {self.expr(self.result, 0)}"
        return super().returned()

    # programs ------------------------------------------------------------------------

    has_model = False
    inner = False
    looped = False

    def program(self) -> str:
        self.parts = {kind: dict(parts) for kind, parts in PARTS.items()}
        if self.chance(10):
            self.parts["bodies"] = {"[0]": "Body", "[1]": "Body"}
        self.generic = [n for n in GENERIC if self.chance(60)] or ["either"]
        needed = {USED[n] for n in self.generic if n in USED}
        self.generic += sorted(needed - set(self.generic))
        lines = [*GLOBALS]
        for name in sorted(self.generic):
            lines += GENERIC[name].splitlines()
        self.inner, made = True, {}
        lines += self.opening(made)
        for k in range(self.pick([0, 1, 2])):
            lines += ["", *self.helper(f"h{k}", made)]
        if self.chance(40):
            lines += ["", *self.model(made)]
        self.inner = False
        self.scope, self.frozen = Scope(), frozenset()
        for name, shape in {**PARAMETERS, **made}.items():
            self.bind(name, shape)
        self.result = self.pick(RESULTS)
        body = self.block(3, False) + self.block(2, False) + [self.returned()]
        lines += ["", f"def f({', '.join(PARAMETERS)}):", *indented(body)]
        return "\n".join(lines) + "\n"

    def helper(self, name: str, made: dict[str, Any]) -> list[str]:
        """A function of the module, which may call the earlier ones."""
        drawn = ["a", *[n for n in list(PARAMETERS)[1:] if self.chance(30)]]
        result = self.pick([(), (), (3,), (2, 3), "Body", "Pair", "state", None, None])
        header, body = self.function(name, drawn, result, made)
        made[name] = Function(tuple(PARAMETERS[n] for n in drawn), result)
        return [header, *indented(body)]

    def function(
        self, name: str, drawn: list[str], result: Any, known: dict[str, Any]
    ) -> tuple[str, list[str]]:
        self.scope = Scope()
        params = {n: PARAMETERS.get(n, "Model") for n in drawn}
        for each, shape in {**known, **params}.items():
            self.bind(each, shape)
        depth = self.pick([0, 1, 1, 2])
        return f"def {name}({', '.join(drawn)}):", self.inside(result, depth)

    def model(self, made: dict[str, Any]) -> list[str]:
        """A class with a state, and methods that change it."""
        lines = ["class Model:", "    def __init__(self, s, v):"]
        lines += [f"        self.s = {self.pick(['s', 'np.sin(s)'])}"]
        lines += [f"        self.v = {self.pick(['v', 'v.copy()', '1.0 * v'])}"]
        for k in range(self.pick([1, 2])):
            drawn = ["a", *[n for n in ("b", "u", "o", "n") if self.chance(30)]]
            result = self.pick([(), (3,), None, None])
            header, body = self.function(f"do{k}", ["self", *drawn], result, made)
            lines += ["", *indented([header, *indented(body)])]
            params = tuple(PARAMETERS[n] for n in drawn)
            self.parts["Model"][f".do{k}"] = Function(params, result)
        self.has_model = True
        return lines
