"""Random functions and containers, and statements that use them.

A path, `o.x` or `d['m']`, is a name like another, with a shape: so what reads, assigns
or writes into a name does the same with an entry or an attribute. A function is a name
whose shape is what it takes and returns.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stores import Stores


@dataclass(frozen=True)
class Function:
    """What a name of a function takes and returns; None is nothing."""

    params: tuple[Any, ...]
    result: Any


# what there is in a container, by what follows its name
PARTS: dict[str, dict[str, Any]] = {
    "Pair": {".first": (), ".second": (3,), ".scaled": Function(((),), "Pair")},
    "Body": {
        ".m": (), ".x": (3,), ".first": (),
        ".energy": Function((), ()), ".push": Function(((),), None),
        ".shift": Function(((3,),), "Body"), ".moved": Function(((3,),), "Body"),
    },
    "Cell": {".body": "Body", ".r": (), ".swell": Function(((),), ())},
    "state": {"['m']": (), "['v']": (3,)},
    "book": {"['at']": "Body", "['r']": ()},
    "weights": {"['x']": (), "['y']": ()},
    "Still": {
        ".m": (), ".x": (3,), ".first": (),
        ".energy": Function((), ()), ".moved": Function(((3,),), "Body"),
    },
    "bodies": {"[0]": "Still", "[1]": "Still"},
    "mixed": {"[0]": (), "[1]": (3,)},
    "grown": {},
    "Model": {".s": (), ".v": (3,)},
}  # fmt: skip
POOLS = {
    "Pair": ["t", "t1"], "Body": ["o", "e"], "Cell": ["cell"], "state": ["d", "d1"],
    "book": ["book"], "weights": ["W"], "bodies": ["l"], "mixed": ["mx"],
    "grown": ["ys"], "Model": ["model"], "Ring": ["ring"],
}  # fmt: skip
ASSIGNED = re.compile(
    r"(\.(m|x|r|body|s|v|level)|'\])$"
)  # the paths that may be assigned
ITEM = re.compile(r"(\.second|\[\d\])$")  # what cannot be replaced, nor written into
# `Still` is a Body in a list, which does not change: that is not supported yet.
# Functions that are called with arguments of many types.
GENERIC = {
    "either": """
def either(x, y=0.5):
    if np.sum(x) > 0.2:
        return np.sin(x) * y
    return x - y
""",
    "total": """
def total(x, *rest, k=2.0):
    z = k * x
    for r in rest:
        z = z + np.tanh(r) * x
    return z
""",
    "again": """
def again(fn, x, times=2):
    for _ in range(times):
        x = fn(x)
    return x
""",
    "scaled": """
def scaled(x, scale=None):
    if scale is None:
        scale = np.mean(x)
    return x * scale
""",
    "named": """
def named(x, **options):
    return options["k"] * either(x, **options["more"])
""",
}
USED = {"named": "either"}  # the functions that those need


class Functions(Stores):
    """Writes programs with functions, objects, dicts, tuples and lists, too."""

    parts: dict[str, dict[str, Any]]
    generic: list[str]
    serial = 0

    # names and paths -----------------------------------------------------------------

    def bind(self, name: str, shape: Any) -> None:
        """Bind a name, and with it what there is in it."""
        known = (self.scope.shapes, self.scope.loose, self.scope.maybe)
        for names in known:
            for path in [n for n in names if n.startswith((name + ".", name + "["))]:
                del names[path]
        self.scope.bind(name, shape)
        for hop, part in self.parts.get(shape, {}).items() if shape != () else ():
            self.bind(name + hop, part)

    def target(self, shape: Any) -> str:
        paths = self.assigned(shape)
        if paths and self.chance(40):
            return self.pick(paths)
        return super().target(shape)

    def assigned(self, shape: Any) -> list[str]:
        """The attributes and entries of a shape that may be assigned."""
        paths = [n for n in self.scope.of(shape) if ASSIGNED.search(n)]
        return [n for n in paths if not self.still(n)]

    def still(self, path: str) -> bool:
        return self.scope.shapes.get(ASSIGNED.sub("", path)) == "Still"

    def arrays(self) -> list[str]:
        names = super().arrays()
        whole = [n for n in names if not ITEM.search(n) and not self.still(n)]
        return whole if whole and self.chance(98) else names

    def summed(self) -> list[str]:
        return super().arrays()

    def augmented(self) -> list[str]:
        paths = self.assigned(())
        if paths and self.chance(50):
            operator = self.pick(["+=", "-=", "*="])
            return [f"{self.pick(paths)} {operator} np.sin({self.scalar(1)})"]
        return super().augmented()

    def under(self, names: dict[str, Any], write: Callable[[], Any]) -> Any:
        """What is written where the names are bound, too."""
        outside, self.scope = self.scope, self.scope.copy()
        for name, shape in names.items():
            self.bind(name, shape)
        text = write()
        self.scope = outside
        return text

    # expressions ---------------------------------------------------------------------

    def expr(self, shape: Any, depth: int = 2) -> str:
        if shape not in self.parts:
            return super().expr(shape, depth)
        known = self.scope.of(shape)
        if known and self.chance(50):
            return self.pick(known)
        if depth > 0 and (call := self.call(shape, depth - 1)):
            if self.chance(40):
                return call
        if known and depth > 0 and self.chance(8):
            other = self.expr(shape, depth - 1)
            return f"({self.pick(known)} if {self.condition()} else {other})"
        return self.container(shape, depth - 1, known)

    def container(self, kind: str, depth: int, known: list[str]) -> str:
        s, v = self.scalar(1), self.array((3,), self.choose(2))
        key = f"key, z in (('x', {s}), ('y', {self.leaf()}))"
        forms = {
            "Pair": [f"Pair({s}, {v})", *[f"{n}._replace(first={s})" for n in known]],
            "Body": [
                f"Body({s}, {v})", f"Body(m={s}, x={v})",
                *[f"dataclasses.replace({n}, m={s})" for n in known],
            ],
            "state": [f"{{'m': {s}, 'v': {v}}}", f"dict(m={s}, v={v})",
                      *[f"{{**{n}, 'm': {s}}}" for n in known]],
            "weights": [
                f"{{'x': {s}, 'y': {self.leaf()}}}", f"{{key: np.sin(z) for {key}}}",
                *[f"{{key: z * {s} for key, z in {n}.items()}}" for n in known],
            ],
            "mixed": [f"({s}, {v})"],
            "grown": [f"[{s}]", f"[{s}, {self.leaf()}]",
                      f"[z * {s} for z in {self.vector()}]"],
            "Model": [f"Model({s}, {v})"],
        }  # fmt: skip
        if kind == "Cell":
            body = self.expr("Body", 0 if depth < 0 else depth)
            return self.pick([f"Cell({body}, {s})", f"Cell({body})"])
        if kind == "book":
            return f"{{'at': {self.expr('Body', 0)}, 'r': {s}}}"
        if kind == "bodies":
            return f"[{self.expr('Body', 0)}, {self.expr('Body', 0)}]"
        return self.pick(forms[kind])

    def vector(self) -> str:
        return self.pick(
            [
                "u",
                *self.scope.of((3,)),
                *self.scope.of("floats"),
                *self.scope.of("grown"),
            ]
        )

    def scalar(self, depth: int) -> str:
        if depth > 0 and self.chance(20):
            return self.one_of(
                lambda: self.call((), depth - 1) or self.leaf(),
                lambda: self.generic_call((), depth - 1),
                lambda: self.walk(depth - 1),
            )
        return super().scalar(depth)

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        if depth > 0 and self.chance(20):
            if self.chance(50) and (call := self.call(shape, depth - 1)):
                return call
            if shape == (3,) and self.chance(30):
                v = self.vector()
                each = self.under({"z": ()}, lambda: self.scalar(1))
                return f"np.array([z * {each} for z in {self.pick(['u', v])}])"
            return self.generic_call(shape, depth - 1)
        return super().array(shape, depth)

    def walk(self, depth: int) -> str:
        """A number out of all that is in a container."""
        v = self.vector()
        each = self.under({"z": ()}, lambda: self.scalar(1))
        folded = self.under({"z": (), "s": ()}, lambda: self.scalar(1))
        forms = [
            f"sum({each} for z in {v})",
            f"sum([z * {each} for z in {v}])",
            f"sum(map(lambda z: {each}, {v}))",
            f"reduce(lambda s, z: np.sin({folded}), {v}, {self.leaf()})",
            f"[{each} for z in {v}][0]",
            *[f"sum({n}.values())" for n in self.scope.of("weights")],
            *[f"sum(k.m * k.x[0] for k in {n})" for n in self.scope.of("bodies")],
            *[f"sum({n})" for n in self.scope.of("grown")],
            *[f"{n}[-1]" for n in self.scope.of("grown")],
            *[f"{n}[1][{self.index(3)}]" for n in self.scope.of("mixed")],
        ]
        return self.pick(forms)

    # calls ---------------------------------------------------------------------------

    def call(self, result: Any, depth: int) -> str | None:
        """A call of a function that gives this, if there is one."""
        known = [
            (n, fn)
            for n, fn in self.scope.shapes.items()
            if isinstance(fn, Function) and fn.result == result
        ]
        if not known:
            return None
        name, fn = self.pick(known)
        return f"{name}({', '.join(self.expr(p, max(depth, 0)) for p in fn.params)})"

    def generic_call(self, shape: Any, depth: int) -> str:
        name = self.pick(self.generic)

        def x() -> str:
            return self.expr(shape, depth)

        def y() -> str:
            return self.broadcast(shape, depth) if shape else self.scalar(depth)

        if name == "again":
            turn = Function((shape,), shape)
            known = [n for n, fn in self.scope.shapes.items() if fn == turn]
            inner = self.under({"z": shape}, lambda: self.expr(shape, 1))
            known += [f"lambda z: np.sin({inner})", "np.sin", "np.tanh"]
            if "either" in self.generic:
                known += ["either", f"partial(either, y={y()})"]
            times = self.pick(["", "", ", n", ", times=3", ", 0"])
            return f"again({self.pick(known)}, {x()}{times})"
        if name == "named":
            return f"named({x()}, k={self.scalar(0)}, more=dict(y={y()}))"
        forms = {
            "either": [f"either({x()})", f"either({x()}, {y()})",
                       f"either(y={y()}, x={x()})"],
            "total": [f"total({x()})", f"total({x()}, {y()}, {y()})",
                      f"total({x()}, {y()}, k={self.leaf()})",
                      *[f"total({x()}, *{g})" for g in self.scope.of("pair")]],
            "scaled": [f"scaled({x()})", f"scaled({x()}, {y()})",
                       f"scaled({x()}, scale={self.leaf()})"],
        }  # fmt: skip
        return self.pick(forms[name])
