"""Abstract types: what a signature says about each value, and how two types join.

In: a run-time value (`typeof`) or two types (`join`). Out: a type. Derivatives are not
known here; `is_real_valued` only says whether a type *could* carry one, and
`derivative_type` what type it would have.

>>> import numpy as np
>>> typeof(np.ones((3, 1)), "x")
float64[x.0, 1]
>>> join(Scalar("int"), typeof(np.ones(3), "x"))
float64[x.0]
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
from typing import Any as PyAny

import numpy as np

from s2s.errors import TypingError
from s2s.structure import LIST, TUPLE, Form, form_of, is_open, items_of, place

KINDS = ("bool", "int", "float", "complex")


@dataclass(frozen=True)
class Dim:
    """Length of one axis: `sym + off`, and whether it is one (None: not known).

    `sym` names a length symbolically, "" stands for zero (so that `Dim("", 3)` is
    three), None for a length of which nothing is known. Lengths with one symbol are
    what lets `u[2:] - u[:-2]` broadcast statically. `low` is the least the length can
    be; it is `exact` if `sym + off` is never below zero (else it is cut off there, and
    what is longer by so much has no name).
    """

    sym: str | None = None
    off: int = 0
    unit: bool | None = None
    low: int = 0
    exact: bool = False

    def __repr__(self) -> str:
        if self.unit:
            return "1"
        if self.sym is None or self.sym[:1] == "?":
            return "?" if self.unit is None else "n"
        if self.sym == "":
            return str(self.off)
        return self.sym + (f"{self.off:+d}" if self.off else "")

    def same(self, other: Dim) -> bool:
        """Whether the two lengths are known to be equal."""
        if self.unit and other.unit:
            return True
        return self.sym is not None and (self.sym, self.off) == (other.sym, other.off)

    def shifted(self, by: int) -> Dim:
        """The length `by` longer, of an axis that is never shorter than zero."""
        if self.sym == "":
            return length(max(0, self.off + by))
        if self.sym is None:
            return Dim()
        low = self.low + by
        unit = False if low > 1 else None
        if by > 0 and not self.exact:  # of what was cut off the sum is another one
            return Dim(None, 0, unit, low)
        exact = self.exact and low >= 0
        return Dim(self.sym, self.off + by, unit, max(0, low), exact)

    def plus(self, other: Dim) -> Dim:
        """The sum of two lengths."""
        if self.sym == "" and self.off == 0:
            return other
        for a, b in ((self, other), (other, self)):
            if b.sym == "" and a.sym is not None and a.exact:
                return a.shifted(b.off)
        low = self.low + other.low
        return Dim(None, 0, False if low > 1 else None, low)


def length(n: int) -> Dim:
    """The known length `n`."""
    return Dim("", n, n == 1, n, True)


ONE = length(1)
_serial = count()


def some_length() -> Dim:
    """A length of which nothing is known but that it is equal to itself."""
    return Dim(f"?{next(_serial)}", exact=True)


class Type:
    """Base of all abstract types."""


@dataclass(frozen=True, repr=False)
class Scalar(Type):
    """A Python scalar (weak in NumPy's promotion); `dim` when it is a known length."""

    kind: str
    dim: Dim | None = None

    def __repr__(self) -> str:
        return self.kind


@dataclass(frozen=True, repr=False)
class Array(Type):
    """An ndarray, or a NumPy scalar when the rank is zero.

    `loose` marks the join of a scalar and an array: it may still be the scalar. It is
    `idle` where that has no derivative (`s2s.idle`).
    """

    dtype: str
    shape: tuple[Dim, ...]
    loose: bool = False
    idle: bool = False

    @property
    def rank(self) -> int:
        return len(self.shape)

    @property
    def kind(self) -> str:
        return kind_of_dtype(self.dtype)

    def __repr__(self) -> str:
        return f"{self.dtype}[{', '.join(map(repr, self.shape))}]"


@dataclass(frozen=True, repr=False)
class Tuple(Type):
    """A tuple, dict or object whose items have their own types: `form` says which."""

    items: tuple[Type, ...]
    form: Form = TUPLE

    def of(self, items: Iterable[Type]) -> Tuple:
        """The same, of items of these types."""
        return replace(self, items=tuple(items))

    def alike(self, other: Type) -> bool:
        """Whether another one differs in the types of its items only."""
        return isinstance(other, Tuple) and self == other.of(self.items)

    def __repr__(self) -> str:
        form, parts = self.form, [repr(item) for item in self.items]
        if form.kind == "dict":
            pairs = zip(form.names, parts, strict=True)
            return f"{{{', '.join(f'{name!r}: {part}' for name, part in pairs)}}}"
        if form.cls is None:
            return f"({', '.join(parts)})"
        pairs = zip(form.names, parts, strict=True)
        return f"{form.cls.__name__}({', '.join(f'{n}={part}' for n, part in pairs)})"


@dataclass(frozen=True, repr=False)
class Function(Tuple):
    """A function in a list: the tuple of the values that it holds.

    `code` tells which function it is, apart from these.
    """

    code: PyAny = None


@dataclass(frozen=True, repr=False)
class List(Type):
    """A list (or a stack of saved values) of any length whose items share a type.

    It is `fixed` if it is a tuple, which does not change.
    """

    item: Type
    dim: Dim = Dim()
    fixed: bool = False

    def __repr__(self) -> str:
        return f"{'tuple' if self.fixed else 'list'}[{self.item!r}]"


def is_hashable(obj: PyAny) -> bool:
    try:
        hash(obj)
    except TypeError:
        return False
    return True


@dataclass(frozen=True, repr=False)
class Static(Type):
    """None, a string, a dtype, a function...: known by identity when compiling.

    Those of objects that cannot be hashed are equal if the object is the same.
    """

    value: PyAny

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static):
            return NotImplemented
        one, two = self.value, other.value
        return one is two or (
            is_hashable(one) and is_hashable(two) and bool(one == two)
        )

    def __hash__(self) -> int:
        return hash(self.value) if is_hashable(self.value) else id(self.value)

    def __repr__(self) -> str:
        return f"static[{getattr(self.value, '__name__', None) or repr(self.value)}]"


@dataclass(frozen=True, repr=False)
class Maybe(Type):
    """A name that is bound on some paths only; reading it unbound raises.

    If it may be `none`, it is bound to None on the other paths.
    """

    type: Type
    none: bool = False

    def __repr__(self) -> str:
        return f"maybe[{self.type!r}]"


@dataclass(frozen=True, repr=False)
class Clash(Type):
    """A name whose types do not go together where paths meet; it must not be read.

    It has no types where its value is not known; `why` says how that came.
    """

    types: tuple[Type, ...]
    why: str = ""

    def __repr__(self) -> str:
        return " and ".join(map(repr, self.types))


@dataclass(frozen=True, repr=False)
class Named(Type):
    """A type with nothing to say but its name: `ANY`, `UNDEF`, `EFFECT`."""

    name: str

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Kept(Type):
    """What a function keeps for its reverse: nothing else looks into it."""

    def __repr__(self) -> str:
        return "kept"


ANY = Named("any")  # the top: a float or an array of unknown rank, or anything else
UNDEF = Named("undef")  # the bottom: a name that is not bound
TEXT = Named("text")  # a string that is made while the program runs
ERROR = Named("error")  # an exception that was caught
ERROR_CLASS = Named("error class")
EFFECT = Named("effect")  # the result of an operation done for its effect

BOOL, INT, FLOAT, COMPLEX = (Scalar(kind) for kind in KINDS)


@dataclass(frozen=True, repr=False)
class Dict(List):
    """A dict whose keys are found at run time, and whose values share a type.

    For most of what is asked of it, it is a list with other positions. `default` is
    what a missing key gets: a number, or the shape of an array of zeros.
    """

    key: Type = UNDEF
    default: PyAny = None

    def __repr__(self) -> str:
        return f"dict[{self.key!r}, {self.item!r}]"


@cache
def kind_of_dtype(dtype: str) -> str:
    """'bool', 'int', 'float' or 'complex'; else 'text' or 'object'.

    >>> kind_of_dtype("float32")
    'float'
    """
    kinds = {"b": "bool", "i": "int", "u": "int", "f": "float", "c": "complex"}
    return {**kinds, "U": "text"}.get(np.dtype(dtype).kind, "object")


def name_of(dtype: np.dtype) -> str:
    """The name that NumPy finds a dtype by.

    >>> name_of(np.dtype(float)), name_of(np.array("ab").dtype)
    ('float64', '<U2')
    """
    return dtype.str if dtype.kind in "USV" else dtype.name


def typeof(value: PyAny, name: str, inside: tuple[int, ...] = ()) -> Type:
    """The type of a run-time value; `name` labels the lengths of its axes.

    `inside` are the objects that it is a part of.
    """
    if isinstance(value, np.ndarray):
        if type(value) not in (np.ndarray, np.memmap):
            raise TypingError(
                f"`{name}` is a {type(value).__name__}, which behaves in its own way",
                advice="pass a plain array, e.g. np.asarray(...)",
            )
        dims = (
            length(n) if n < 2 else Dim(f"{name}.{axis}", 0, False, 2, True)
            for axis, n in enumerate(value.shape)
        )
        return Array(name_of(value.dtype), tuple(dims))
    if isinstance(value, np.generic):
        return Array(name_of(value.dtype), ())
    if isinstance(value, bool | int | float | complex):
        python = (bool, int, float, complex)
        return Scalar(
            next(k for k, t in zip(KINDS, python, strict=True) if isinstance(value, t))
        )
    if id(value) in inside:
        raise TypingError(
            f"`{name}` is an object that it is a part of",
            advice="pass what is differentiated without the reference to its owner",
        )
    inside = (*inside, id(value))
    form = form_of(value)
    if type(value) is list:
        item: Type = UNDEF
        for v in value:
            item = join(item, typeof(v, f"{name}.item", inside))
        if differs(item):  # of these, each is known by its place
            items = [typeof(v, f"{name}.{k}", inside) for k, v in enumerate(value)]
            return Tuple(tuple(items), LIST)
        return List(item if len(value) == 1 else vague(item), Dim(f"{name}.len"))
    if form is not None:
        items = list(items_of(form, value))
        labels = (place(form, k).strip(".[]") for k in range(len(form.names)))
        names = list(labels) or range(len(items))
        pairs = zip(items, names, strict=True)
        return Tuple(tuple(typeof(v, f"{name}.{n}", inside) for v, n in pairs), form)
    if hasattr(value, "__cuda_array_interface__"):
        return typeof(np.broadcast_to(np.zeros((), value.dtype), value.shape), name)
    if getattr(type(value), "__hash__", None) is None:
        raise TypingError(
            f"`{name}` is {described(Static(value))}, which is not supported yet",
            advice="pass numbers, arrays, or tuples, lists, dicts and objects of them",
        )
    return Static(value)


def differs(t: Type) -> bool:
    """Whether something in the items of a list has no type that is right for all."""
    if isinstance(t, Tuple):
        return any(map(differs, t.items))
    if isinstance(t, Array):
        return t.loose
    return differs(t.item) if isinstance(t, List) else t == ANY


def vague(t: Type) -> Type:
    """The type with its axis lengths forgotten (items of a list may differ)."""
    if isinstance(t, Array):
        dims = tuple(Dim(unit=d.unit, low=d.low) for d in t.shape)
        return Array(t.dtype, dims, t.loose)
    if isinstance(t, Tuple):
        return t.of(map(vague, t.items))
    return List(vague(t.item), fixed=t.fixed) if isinstance(t, List) else t


def particular(t: Type) -> Type:
    """The type of one item of a list: a length that may be any is equal to itself."""
    if isinstance(t, Array):
        dims = (
            replace(d, sym=some_length().sym) if d.sym is None and not d.unit else d
            for d in t.shape
        )
        return Array(t.dtype, tuple(dims), t.loose)
    if isinstance(t, Tuple):
        return t.of(map(particular, t.items))
    if isinstance(t, List) and t.dim.sym is None:
        return replace(t, dim=replace(t.dim, sym=some_length().sym))
    return t


def join(a: Type, b: Type) -> Type:
    """The least type that covers both (control flow meets here)."""
    if a == b:
        return a
    if isinstance(a, Clash) or isinstance(b, Clash):
        return a if isinstance(a, Clash) else b
    if isinstance(a, Maybe) or isinstance(b, Maybe):
        none = any(isinstance(t, Maybe) and t.none for t in (a, b))
        return Maybe(join(bound(a), bound(b)), none or is_none(a) or is_none(b))
    if UNDEF in (a, b):
        return b if a == UNDEF else a
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return join_numbers(a, b)
    if is_of_numbers(a) != is_of_numbers(b):
        return ANY
    if isinstance(a, Scalar) and isinstance(b, Array):
        return join(b, a)
    if isinstance(a, Array) and isinstance(b, Scalar):
        return Array(promote(a, b), a.shape, a.rank > 0)
    if isinstance(a, Array) and isinstance(b, Array):
        dtype, loose = promote(a, b), a.loose or b.loose
        if a.rank == b.rank:
            dims = tuple(map(join_dims, a.shape, b.shape))
            return Array(dtype, dims, loose)
        if 0 in (a.rank, b.rank):
            return Array(dtype, a.shape or b.shape, True)
        return ANY
    if is_text(a) and is_text(b):
        return TEXT
    if isinstance(a, Tuple) and isinstance(b, Tuple) and len(a.items) == len(b.items):
        return a.of(map(join, a.items, b.items)) if a.alike(b) else ANY
    if isinstance(a, Dict) or isinstance(b, Dict):
        return join_dicts(a, b)
    if isinstance(a, List) and isinstance(b, List) and a.fixed == b.fixed:
        return List(join(a.item, b.item), join_dims(a.dim, b.dim), a.fixed)
    return ANY


def is_of_numbers(t: Type) -> bool:
    """Whether this is a number, or an array of numbers."""
    return isinstance(t, Scalar | Array) and t.kind in KINDS


def join_numbers(a: Scalar, b: Scalar) -> Scalar:
    """Of two lengths it is known what both are at least."""
    kind = max(a.kind, b.kind, key=KINDS.index)
    if a.kind == b.kind and a.dim is not None and b.dim is not None:
        if a.dim.exact and b.dim.exact:
            return Scalar(kind, Dim(low=min(a.dim.low, b.dim.low), exact=True))
    return Scalar(kind)


def join_dicts(a: Type, b: Type) -> Type:
    alike = isinstance(a, Dict) and isinstance(b, Dict) and a.default == b.default
    if not (alike and isinstance(a, Dict) and isinstance(b, Dict)):
        return ANY
    return replace(a, item=join(a.item, b.item), key=join(a.key, b.key))


def key_type(t: Type) -> Type:
    """The type that a key of a dict has among others, ANY for what can be none."""
    t = bound(t)
    if isinstance(t, Tuple) and t.form == TUPLE:
        return Tuple(tuple(map(key_type, t.items)))
    if isinstance(t, Scalar) or (isinstance(t, Array) and not t.rank):
        return INT if t.kind in ("int", "bool") else ANY
    return TEXT if is_text(t) else ANY


def is_none(t: Type) -> bool:
    """Whether this is the type of None."""
    return isinstance(t, Static) and t.value is None


def may_be_none(t: Type) -> bool:
    """Whether a value of this type is None on some paths."""
    return isinstance(t, Maybe) and t.none


def is_list_of_ints(of: Type) -> bool:
    """Whether this can be an index as an array of integers can."""
    item = bound(of.item) if isinstance(of, List) else None
    return isinstance(item, Scalar) and item.kind == "int"


def is_text(t: Type) -> bool:
    """Whether the type is that of a string."""
    return t == TEXT or (isinstance(t, Static) and isinstance(t.value, str))


def bound(t: Type) -> Type:
    """The type of a name once it is known to be bound."""
    return t.type if isinstance(t, Maybe) else t


def join_dims(a: Dim, b: Dim) -> Dim:
    if a == b:
        return a
    unit, low = a.unit if a.unit == b.unit else None, min(a.low, b.low)
    if not a.same(b):
        return Dim(unit=unit, low=low)
    return Dim(a.sym, a.off, unit, low, a.exact and b.exact)


def promote(*types: Type) -> str:
    """NumPy's result dtype, Python scalars being weak.

    >>> promote(Array("float32", ()), FLOAT)
    'float32'
    """
    weak = {"bool": False, "int": 0, "float": 0.0, "complex": 0j}
    operands = [
        np.dtype(t.dtype) if isinstance(t, Array) else weak[t.kind]
        for t in types
        if isinstance(t, Array | Scalar)
    ]
    return name_of(np.result_type(*operands))


def is_real_valued(t: Type) -> bool:
    """Whether a value of this type can carry a derivative (float, complex, Any)."""
    match t:
        case Scalar(kind=kind):
            return kind in ("float", "complex")
        case Array():
            return t.kind in ("float", "complex")
        case Tuple(items=items):
            return any(map(is_real_valued, items))
        case List(item=item):
            return is_real_valued(item)
        case Maybe(type=inner):
            return is_real_valued(inner)
    return t == ANY


def derivative_type(t: Type) -> Type:
    """The type that the tangent or adjoint of a value of type `t` has."""
    t = bound(t)
    if isinstance(t, Scalar):
        return t if t.kind == "complex" else FLOAT
    return t


def adjoint_type(t: Type) -> Type:
    """The type that the adjoint of a value has: tuples in a list are lists there.

    >>> adjoint_type(List(Tuple((FLOAT, INT)))) == List(Tuple((FLOAT, INT), LIST))
    True
    """
    t = derivative_type(t)
    if isinstance(t, List):
        return replace(t, item=changing(t.item), fixed=False)
    return t


def changing(t: Type) -> Type:
    """The type of an item of a list whose parts are to change one by one."""
    if not isinstance(t, Tuple):
        return adjoint_type(t) if isinstance(t, List) else t
    form = t.form if is_open(t.form) else LIST
    return Tuple(tuple(map(changing, t.items)), form)


def widened(t: Type, of: Type) -> Type:
    """The type of a derivative whose numbers are to be as those of type `of`.

    >>> widened(List(FLOAT), List(COMPLEX)), widened(FLOAT, FLOAT)
    (list[complex], float)
    """
    t, of = bound(t), bound(of)
    match t, of:
        case Array(), Array() if is_real_valued(of):
            return replace(t, dtype=of.dtype)
        case Scalar(), Scalar(kind="complex"):
            return COMPLEX
        case Scalar(), Array(kind="complex") if of.loose or not of.rank:
            return COMPLEX
        case List(), List():
            return replace(t, item=widened(t.item, of.item))
        case Tuple(), Tuple() if len(t.items) == len(of.items):
            return t.of(map(widened, t.items, of.items))
    return t


def described(t: Type) -> str:
    """A type as messages name it.

    >>> described(FLOAT), described(Array("float32", (ONE, Dim("n")))), described(ANY)
    ('a float', 'an array of rank 2', 'something of unknown type')
    """
    match bound(t):
        case Scalar(kind=kind):
            return "an int" if kind == "int" else f"a {kind}"
        case Array(shape=()):
            return "a number"
        case Array() as array:
            return f"an array of rank {array.rank}"
        case Function():
            return "a function"
        case Tuple(items=items, form=form):
            if form.kind == "tuple":
                return f"a tuple of {len(items)}"
            named = form.cls and f"an object of class {form.cls.__name__}"
            return named or "a dict"
        case Dict():
            return "a dict"
        case List(fixed=True):
            return "a tuple"
        case List(item=item):
            return "an empty list" if item == UNDEF else "a list"
        case Static(value=None | str() as value):
            return repr(value)
        case Static(value=value):
            return f"an object of type {type(value).__name__}"
        case Clash(types=types):
            return " and ".join(map(described, types))
    names: dict[Type, str] = {TEXT: "text", ERROR: "an exception"}
    return names.get(bound(t), "something of unknown type")


def rank_of(t: Type) -> int | None:
    """The rank of a scalar or array, None where it is not known or has none."""
    t = bound(t)
    if isinstance(t, Scalar):
        return 0
    return t.rank if isinstance(t, Array) else None
