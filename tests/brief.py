"""Random programs of few lines, most of which are idioms.

>>> import random
>>> "def f(" in Brief(random.Random(1).randrange).program()
True
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from expressions import Scope
from functions import PARTS, Function
from idiomatic import IDIOMS
from objects import GLOBALS, PARAMETERS, Objects
from statements import indented

KINDS = ["Body", "Still", "Cell", "state", "mixed", "bodies", "grown"]


class Brief(Objects):
    """Writes idioms one after the other, in loops and branches too."""

    def simple(self) -> list[Callable[[], list[str]]]:
        return [self.step] * 8 + [self.assign, self.augmented, self.changed, self.made]

    def nested(self) -> list[Callable[[int, bool], list[str]]]:
        loops = [self.run_over] * 3 if self.texts("loops") else []
        return [*loops, self.branch, self.counted]

    def program(self) -> str:
        self.parts = {kind: dict(PARTS[kind]) for kind in KINDS}
        self.generic = ["either"]
        self.inner, made = True, {}
        lines = [*GLOBALS, "def either(x, y=0.5):", "    return np.sin(x) * y"]
        lines += self.opening(made)
        self.idioms += [self.pick(IDIOMS) for _ in range(2)]
        if self.chance(40):
            lines += ["", *self.helper("h0", made)]
        self.inner = False
        self.scope, self.frozen = Scope(), frozenset()
        for name, shape in {**PARAMETERS, **made}.items():
            self.bind(name, shape)
        self.result = self.pick([(), (), (), (3,), "pair"])
        body = [line for _ in range(3) for line in self.statement(1, False)]
        body += [*self.step(), self.returned()]
        lines += ["", f"def f({', '.join(PARAMETERS)}):", *indented(body)]
        return "\n".join(lines) + "\n"

    def helper(self, name: str, made: dict[str, Any]) -> list[str]:
        drawn = ["a", "b", "u", "A", "n", *(["o", "l"] if self.chance(50) else [])]
        result = self.pick([(), (3,), "mixed", None])
        self.scope = Scope()
        for each, shape in {**made, **{n: PARAMETERS[n] for n in drawn}}.items():
            self.bind(each, shape)
        self.result = result
        body = self.step() + self.statement(1, False) + [self.returned()]
        made[name] = Function(tuple(PARAMETERS[n] for n in drawn), result)
        return [f"def {name}({', '.join(drawn)}):", *indented(body)]
