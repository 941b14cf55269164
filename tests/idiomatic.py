"""Random programs in which idioms occur, their holes filled."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from expressions import NAMES, Scope
from flowing import CLOSURES, MATCHING, TRYING, WALRUS
from functions import PARTS, Function, Functions
from holding import HOLDING
from idioms import Idiom
from iterating import ITERATING
from sharing import SHARING
from special import ALWAYS, METHODS, NAMING, START
from statements import indented
from viewing import VIEWING
from yielding import YIELDING

HOLE = re.compile(r"\{([a-z]+)((?: [a-z]+)*)\}")
NAMED = {"t", "a", "u", "o", "f"}  # the holes that are filled alike all over a text
ONE, TWO = Function(((),), ()), Function(((), ()), ())
NEEDED = re.compile("Body|Pair|Cell|state")  # kinds that not all programs know
OBJECT = re.compile(r"\{o\}|\bl\b")  # what stands for objects that there may not be
IDIOMS = [
    ITERATING, YIELDING, SHARING, VIEWING, HOLDING, CLOSURES, WALRUS, TRYING, MATCHING,
]  # fmt: skip


class Idiomatic(Functions):
    """Writes modules with one idiom or two."""

    idioms: list[Idiom]

    def opening(self, made: dict[str, Any]) -> list[str]:
        """Choose idioms; the functions and the class that they are about."""
        self.idioms = []
        lines, ring = [], self.chance(30)
        if ring:
            self.parts["Ring"] = {".s": (), ".v": (3,)}
            lines += ["", *self.special(made)]
        for k in range(self.pick([0, 1] if ring else [0, 1, 1, 2])):
            idiom = self.pick(IDIOMS)
            self.idioms.append(idiom)
            known = [fn for fn in idiom.functions if self.has(*fn[0], fn[1])]
            for j in range(self.pick([1, 2]) if known else 0):
                params, result, text = self.pick(known)
                written = self.text_of(text.replace("{f}", f"g{k}{j}"), made)
                lines += ["", *written]
                made[f"g{k}{j}"] = Function(params, result)
        if ring:
            self.idioms.append(self.ring)
        return lines

    def text_of(self, text: str, known: dict[str, Any]) -> list[str]:
        """A text of the module, which reads nothing but what is known there."""
        self.scope = Scope()
        for name, shape in known.items():
            self.bind(name, shape)
        chosen, self.idioms = self.idioms, []
        lines = self.filled(text)
        self.idioms = chosen
        return lines

    def has(self, *kinds: Any) -> bool:
        return all(k not in PARTS or k in self.parts for k in kinds if k != ())

    def special(self, made: dict[str, Any]) -> list[str]:
        """A class with methods of special names."""
        known = {**made, "self": "Ring"}
        lines = self.text_of(self.pick(START), {"s": ()})
        methods = [m for m in METHODS if self.chance(45)]
        for method in methods:
            text = self.pick(method.texts)
            other = {"other": "Ring"} if text.count("(self, other)") == 1 else {}
            lines += ["", *indented(self.text_of(text, known | other))]
        parts = {".level": (), ".lift": ONE, ".each": Function((), "yielded")}
        for hop, text in ALWAYS.items():
            if self.chance(50):
                lines += ["", *indented(self.text_of(text, known))]
                self.parts["Ring"][hop] = parts[hop]
        self.objects = [text for m in methods for text in m.objects]
        self.ring = Idiom(
            numbers=[t for m in methods for t in m.numbers] + ["{ring}.s"],
            loops=[t for m in methods for t in m.loops],
            steps=[s for m in methods for s in m.steps] + [NAMING],
        )
        return lines

    # what is written -----------------------------------------------------------------

    def texts(self, kind: str) -> list[Any]:
        known = [t for idiom in self.idioms for t in getattr(idiom, kind)]
        return [t for t in known if self.fits(str(t))]

    def fits(self, text: str) -> bool:
        known = self.scope.of("Body") or not OBJECT.search(text)
        return bool(known) and self.has(*NEEDED.findall(text))

    def scalar(self, depth: int) -> str:
        if depth > 0 and self.chance(12) and (texts := self.texts("numbers")):
            return self.filled(self.pick(texts), depth - 1)[0]
        return super().scalar(depth)

    def simple(self) -> list[Callable[[], list[str]]]:
        return [*super().simple(), *[self.step] * (4 if self.texts("steps") else 0)]

    def nested(self) -> list[Callable[[int, bool], list[str]]]:
        return [*super().nested(), *[self.run_over] * (2 if self.texts("loops") else 0)]

    def step(self) -> list[str]:
        texts = self.texts("steps")
        if not texts:
            return self.augmented()
        text, bound = self.pick(texts)
        lines = self.filled(text)
        for name, shape in bound.items():
            self.bind(name, shape)
        return lines

    def run_over(self, depth: int, loop: bool) -> list[str]:
        text = self.pick(self.texts("loops"))
        kinds = {"x": (), "y": (), "i": "int", "j": "int"}
        targets = {f"{k}{depth}": kinds[k] for k in kinds if f"{{{k}}}" in text}
        return self.body(f"for {self.filled(text, 1, depth)[0]}:", depth, targets)

    # holes ---------------------------------------------------------------------------

    def filled(self, text: str, deep: int = 1, depth: int = 0) -> list[str]:
        """The lines of a text; numbers in it are so deep, names of loops have depth."""
        names: dict[str, str] = {}

        def fill(found: re.Match[str]) -> str:
            kind, local = found[1], found[2].split()
            if kind not in names:
                write = self.holes(deep, depth)[kind]
                made = self.under(dict.fromkeys(local, ()), write)
                if kind not in NAMED:
                    return made
                names[kind] = made
            return names[kind]

        lines = []
        for line in text.strip("\n").splitlines():
            lines.append(HOLE.sub(fill, line))
            if "t" in names:
                self.bind(names["t"], ())
        return lines

    def holes(self, deep: int, depth: int) -> dict[str, Callable[[], str]]:
        numbers = [n for n in self.scope.of(()) if n in (*NAMES, "a", "b")]
        vectors = [n for n in self.scope.of((3,)) if n in self.arrays()]
        return {
            "s": lambda: self.scalar(deep),
            "l": self.leaf,
            "c": lambda: self.condition(0),
            "v": lambda: self.array((3,), 0),
            "xs": self.vector,
            "fn": self.turn,
            "two": self.folding,
            "gen": lambda: self.call("yielded", 0) or self.vector(),
            "pairs": lambda: self.call("pairs", 0) or "zip(u, A[0])",
            "rows": lambda: self.call("rows", 0) or "A",
            "made": lambda: self.call((3,), 0) or self.array((3,), 0),
            "ring": lambda: self.expr("Ring", deep),
            "state": lambda: self.expr("state", 0),
            "body": lambda: self.expr("Body", 0),
            "o": lambda: self.pick(self.scope.of("Body") or ["o"]),
            "pair": lambda: self.expr("Pair", 0),
            "t": lambda: self.target(()),
            "a": lambda: self.pick(numbers),
            "u": lambda: self.pick(vectors or ["u"]),
            "k": lambda: self.index(3),
            "n": self.integer,
            "m": lambda: self.pick(["n", "2", "3"]),
            "x": lambda: f"x{depth}", "y": lambda: f"y{depth}",
            "i": lambda: f"i{depth}", "j": lambda: f"j{depth}",
        }  # fmt: skip

    def turn(self) -> str:
        """A function of a number."""
        inner = self.under({"z": ()}, lambda: self.scalar(1))
        known = [n for n in self.scope.of(ONE) for _ in range(3)]
        return self.pick([*known, f"(lambda z: z + {inner})", "np.sin", "math.tanh"])

    def folding(self) -> str:
        """A function of two numbers."""
        inner = self.under({"s": (), "z": ()}, lambda: self.scalar(1))
        known = [n for n in self.scope.of(TWO) for _ in range(3)]
        return self.pick([*known, f"lambda s, z: np.sin({inner}) + z"])

    # of other kinds ------------------------------------------------------------------

    def expr(self, shape: Any, depth: int = 2) -> str:
        return super().vector() if shape == "items" else super().expr(shape, depth)

    def vector(self) -> str:
        if self.chance(25) and (call := self.call("yielded", 0)):
            return call
        return super().vector()

    def container(self, kind: str, depth: int, known: list[str]) -> str:
        if kind != "Ring":
            return super().container(kind, depth, known)
        if depth >= 0 and self.objects and self.chance(60):
            return self.filled(self.pick(self.objects), depth)[0]
        return f"Ring({self.scalar(1)}, {self.array((3,), 0)})"
