"""A class with methods of special names, and what calls them.

A method comes with what makes objects, numbers and statements of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

START = [
    """
class Ring:
    def __init__(self, s, v):
        self.s = s
        self.v = v
""",
    """
class Ring:
    def __init__(self, s, v):
        self.s, self.v = np.sin(s), v.copy()
""",
    """
class Base:
    def __init__(self, s, v):
        self.s = s
        self.v = 1.0 * v

class Ring(Base):
    def __init__(self, s, v):
        super().__init__(s, v)
        self.s *= {s s}
""",
]


@dataclass(frozen=True)
class Method:
    texts: list[str]
    objects: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    steps: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


CHANGE = {"rim": "Ring"}
NAMING = "rim = {ring}", CHANGE
METHODS = [
    Method(
        ["def __add__(self, other):\n"
         "    return Ring(self.s + other.s * {s}, self.v * {l} + other.v)",
         "def __add__(self, other):\n"
         "    if isinstance(other, Ring):\n"
         "        return Ring(self.s + other.s, self.v * other.s)\n"
         "    return Ring(self.s + other * {s}, self.v)\n"
         "\n"
         "def __radd__(self, other):\n"
         "    return self + other * {s}"],
        objects=["({ring} + {ring})"],
        numbers=["({ring} + {ring}).s",
                 "reduce(lambda x, z: x + z, [{ring}, {ring}]).s"],
        steps=[("rim = {ring}\nrim += {ring}", CHANGE)],
    ),
    Method(
        ["def __mul__(self, k):\n    return Ring(self.s * k, self.v * {s k})\n"
         "\n"
         "__rmul__ = __mul__",
         "def __mul__(self, k):\n    return Ring({s k}, self.v * k)\n"
         "\n"
         "def __rmul__(self, k):\n    self.s = np.sin({s k})\n    return self * k"],
        objects=["({ring} * {s})", "({s} * {ring})"],
        numbers=["np.sum(({l} * {ring}).v)"],
        steps=[("rim = {ring}\nrim *= {s}", CHANGE)],
    ),
    Method(
        ["def __neg__(self):\n    return Ring(-self.s, {l} * self.v)",
         "def __neg__(self):\n    return Ring({s}, self.v)"],
        objects=["(-{ring})"],
        numbers=["np.sum((-{ring}).v)"],
    ),
    Method(
        ["def __sub__(self, other):\n    return self.s - other.s * {s}",
         "def __sub__(self, other):\n"
         "    self.s = np.sin({s})\n"
         "    return self.s - np.sum(other.v)"],
        numbers=["({ring} - {ring})"],
    ),
    Method(
        ["def __getitem__(self, i):\n    return self.v[i]",
         "def __getitem__(self, i):\n    return self.v[i] * {s}",
         "def __getitem__(self, i):\n    self.s += 0.1\n    return self.v[i] * self.s"],
        numbers=["{ring}[{k}]", "{ring}[0] * {ring}[-1]",
                 "sum({ring}[k] for k in range(3))"],
        steps=[("rim = {ring}\n{t} = rim[0] - rim[{k}]", CHANGE)],
    ),
    Method(
        ["def __getitem__(self, i):\n    return self.v[i] + self.s\n"
         "\n"
         "def __setitem__(self, i, x):\n    self.v[i] = x * {s x}",
         "def __getitem__(self, i):\n    return self.v[i]\n"
         "\n"
         "def __setitem__(self, i, x):\n    self.v[i] = x\n    self.s = {s x}"],
        steps=[("rim = {ring}\nrim[{k}] = {s}", CHANGE),
               ("rim = {ring}\nrim[0], rim[1] = rim[1], {s}", CHANGE),
               ("rim = {ring}\nrim[{k}] += {s}\n{t} = rim[1]", CHANGE)],
    ),
    Method(
        ["def __len__(self):\n    return len(self.v)",
         "def __len__(self):\n    return 2"],
        numbers=["len({ring}) * {s}", "({s} if {ring} else {l})"],
        steps=[("for k in range(len({ring})):\n    {a} += {s k}", {})],
    ),
    Method(
        ["def __call__(self, x):\n    return {s x}",
         "def __call__(self, x):\n    return x * self.s + self.v[0]",
         "def __call__(self, x):\n    self.s = np.sin({s x})\n    return self.s * x"],
        numbers=["{ring}({s})", "sum(map({ring}, {xs}))", "reduce({two}, [{ring}(z)"
                 " for z in {xs}])", "({ring}({s}) - {ring}({l}))"],
        steps=[("rim = {ring}\n{t} = rim(rim({s}))", CHANGE)],
    ),
    Method(
        ["def __iter__(self):\n    for z in self.v:\n        yield z * {s z}",
         "def __iter__(self):\n    yield self.s\n    yield from self.v",
         "def __iter__(self):\n    return iter(self.v)",
         "def __iter__(self):\n    return iter([self.s, {s}])"],
        numbers=["sum({ring})", "sum({s z} for z in {ring})", "max({ring})",
                 "list({ring})[1]", "sum(x * z for x, z in zip({ring}, {xs}))"],
        loops=["{x} in {ring}", "{i}, {x} in enumerate({ring})"],
        steps=[("first, second, *_ = {ring}\n{t} = first - second * {s}", {})],
    ),
    Method(
        ["def __contains__(self, x):\n    return x < 0.7 * {s}",
         "def __contains__(self, x):\n    self.s *= 0.9\n    return self.s > x"],
        numbers=["({s} if {s} in {ring} else {s})"],
        steps=[("if {s} not in {ring}:\n    {a} += {s}", {})],
    ),
    Method(
        ["def __bool__(self):\n    return bool(self.s > 0.7 * {l})",
         "def __bool__(self):\n    self.s *= 0.5\n    return bool(self.s > 0.7 * {l})"],
        numbers=["({s} if {ring} else {s})", "({ring} or {ring}).s",
                 "({ring} and {ring}).s", "({s} if not {ring} else {l})"],
        steps=[("if {ring}:\n    {a} += {s}", {}),
               ("if any([{ring}, {ring}]):\n    {a} *= {s}", {})],
    ),
    Method(
        ["def __eq__(self, other):\n    return self.s > 0.8 * other.s",
         "def __lt__(self, other):\n    return self.s < other.s\n"
         "\n"
         "def __eq__(self, other):\n    return self.s * {l} < other.s"],
        numbers=["({s} if {ring} == {ring} else {s})",
                 "({l} if {ring} != {ring} else {s})"],
    ),
    Method(
        ["def __iadd__(self, x):\n    self.s += x\n    return self",
         "def __iadd__(self, x):\n    self.v *= {s x}\n    self.s -= x\n"
         "    return self",
         "def __iadd__(self, x):\n    self.v[0] = {s x}\n    return Ring({s}, self.v)"],
        steps=[("rim = {ring}\nrim += {s}", CHANGE),
               ("rim = {ring}\nring = rim\nrim += {s}\n{t} = ring.s + rim.s",
                {**CHANGE, "ring": "Ring"})],
    ),
]  # fmt: skip
# What there is in every Ring, by its path: a function or an attribute.
ALWAYS = {
    ".level": """
@property
def level(self):
    return self.s * {s}

@level.setter
def level(self, x):
    self.s = {s x}
    self.v *= 0.5
""",
    ".lift": """
def lift(self, x):
    self.s += {s x}
    return self.s * {s x}
""",
    ".each": """
def each(self):
    for z in self.v:
        if {c z}:
            self.s = np.sin({s z})
        yield z * {s z}
""",
}
