"""Checks at the entry of a saved function: is it called with what it was made for?

In: the types that the code was specialised on. Out: statements for the beginning of its
body. Lengths are not fixed, but for the one bit that broadcasting depends on: whether
they are one. A helper, whose source is written into the module, does the work:

>>> from s2s.ssa.types import typeof
>>> checks = entry_checks({"x": typeof(np.ones((3, 1)), "x")}, set(), ["x"])
>>> print(gast.unparse(checks[0]).strip())
check_argument('x', x, 'float', 'n1')
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import gast
import numpy as np

from s2s.codegen.tree import constant
from s2s.errors import UnsupportedError
from s2s.names import Names
from s2s.ssa.steps import Multiple
from s2s.ssa.types import KINDS, Array, Dim, List, Scalar, Static, Tuple, Type
from s2s.structure import place as written


def check_argument(name, value, kind, axes=""):  # type: ignore[no-untyped-def]
    """Refuse an argument that this module was not made for.

    `axes` has a letter for each: 1 for length one, n for any other length, ? for both.
    """
    kinds = {"bool": "b", "int": "iu", "float": "f", "complex": "c"}
    kinds |= {"real": "iuf", "number": "iufc"}  # of Python's numbers, ints fit as well
    dtype = np.dtype(getattr(value, "dtype", type(value)))
    lengths = ["1" if n == 1 else "n" for n in getattr(value, "shape", ())]
    same = [a in (n, "?") for a, n in zip(axes, lengths, strict=False)]
    if dtype.kind not in kinds[kind] or len(axes) != len(lengths) or not all(same):
        wanted, given = ", ".join(axes), ", ".join(lengths)
        raise TypeError(f"{name}: made for {kind}[{wanted}], not for {dtype}[{given}]")


def entry_checks(
    types: dict[str, Type], dtypes: set[str], taken: Iterable[str]
) -> list[gast.stmt]:
    """One statement an argument; those in `dtypes` are checked exactly, not by kind."""
    checks = Checks(dtypes, Names(taken))
    lines = [line for name, t in types.items() for line in checks.of(name, name, t)]
    lines += checks.equal_lengths()
    return gast.parse("\n".join(lines)).body


class Checks:
    def __init__(self, dtypes: set[str], names: Names) -> None:
        self.dtypes = dtypes
        self.names = names
        # symbol of a length -> where it stands, or is so much longer
        self.places: dict[str, list[tuple[str, int]]] = {}

    def of(self, place: str, label: str, t: Type) -> Iterator[str]:
        """The lines that check the expression `place`, called `label` in messages."""
        match t:
            case Scalar(kind=kind):
                weak = {"float": "real", "complex": "number"}
                yield self.line(place, label, weak.get(kind, kind), ())
            case Array(dtype=dtype, shape=shape) if t.kind in KINDS:
                yield self.line(place, label, t.kind, shape)
                if shape and dtype in self.dtypes:
                    what = f"an array of {dtype}"
                    test = f"{place}.dtype.name != {dtype!r}"
                    yield from refusal(test, label, what, "TypeError")
            case Tuple(items=items, form=form):
                if form.kind == "dict":
                    keys = repr([*form.names])
                    test = f"not isinstance({place}, dict) or list({place}) != {keys}"
                    yield from refusal(test, label, f"a dict of {keys}", "TypeError")
                elif form.cls is not None:
                    what = f"an object of class {form.cls.__name__}"
                    test = f"type({place}).__name__ != {form.cls.__name__!r}"
                    yield from refusal(test, label, what, "TypeError")
                else:
                    many = len(items)
                    test = f"not isinstance({place}, tuple) or len({place}) != {many}"
                    yield from refusal(test, label, f"a tuple of {many}", "TypeError")
                for k, item in enumerate(items):
                    where = written(form, k)
                    yield from self.of(f"{place}{where}", f"{label}{where}", item)
            case List(item=item):
                test = f"not isinstance({place}, list)"
                yield from refusal(test, label, "a list", "TypeError")
                name = self.names.fresh("item")
                inside = [
                    f"    {line}" for line in self.of(name, f"an item of {label}", item)
                ]
                if inside:
                    yield from [f"for {name} in {place}:", *inside]
            case Static(value=value):
                yield from self.static(place, label, value)

    def line(self, place: str, label: str, kind: str, shape: Iterable[Dim]) -> str:
        axes = ""
        for axis, dim in enumerate(shape):
            axes += "?" if dim.unit is None else "1" if dim.unit else "n"
            if dim.sym:
                where = f"{place}.shape[{axis}]", dim.off
                self.places.setdefault(dim.sym, []).append(where)
        rest = f', "{axes}"' if axes else ""
        return f'check_argument("{label}", {place}, "{kind}"{rest})'

    def static(self, place: str, label: str, value: object) -> Iterator[str]:
        if not isinstance(value, str | type | np.dtype | None):
            raise UnsupportedError(
                f"what is specialised on `{label}` = {value!r} cannot be saved",
                advice=f"save the derivative of a function without `{label}`",
            )
        text = gast.unparse(constant(value)).strip()
        differs = "!=" if isinstance(value, str) else "is not"
        yield from refusal(f"{place} {differs} {text}", label, text, "ValueError")

    def equal_lengths(self) -> Iterator[str]:
        """Lengths that are called by one name, or that go together, are one length."""
        for sym, ((first, least), *others) in self.places.items():
            if isinstance(sym, Multiple):
                rest = (sym.rest + least) % sym.by
                yield f"if {first} % {sym.by} != {rest}:"
                wanted = f"a multiple of {sym.by}" + (f" and {rest}" if rest else "")
                yield f'    raise ValueError("{first} is not {wanted}")'
            for other, off in others:
                more = off - least
                wanted = f"{first} {'+' if more > 0 else '-'} {abs(more)}"
                wanted = wanted if more else first
                yield f"if {other} != {wanted}:"
                yield f'    raise ValueError("{other} is not {wanted}")'


def refusal(test: str, label: str, what: str, error: str) -> Iterator[str]:
    message = f"{label}: made for {what}"
    yield f"if {test}:"
    yield f"    raise {error}({message!r})"
