"""Objects as rows of leaves, and back: tuples, lists, dicts, what has attributes.

In: an object. Out: its leaves, from the first to the last; an object of the same
structure, made of others.

>>> leaves({"w": 1.0, "layers": [2.0, (3.0,)]})
[1.0, 2.0, 3.0]
>>> rebuilt({"w": 1.0, "layers": [2.0, (3.0,)]}, iter("abc"))
{'w': 'a', 'layers': ['b', ('c',)]}

What an object is made of is its `Form`: a NamedTuple is a tuple that has names, and an
object of a class of the user's is made of its attributes.

>>> form_of({"a": 1.0, "b": 2.0})
Form(kind='dict', names=('a', 'b'), cls=None)
"""

from __future__ import annotations

import dataclasses
import enum
import sys
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

# what these modules define is known by identity; derivatives have rules there
LIBRARIES = frozenset({"numpy", "scipy", "cupy", "s2s"}) | sys.stdlib_module_names
HEAP_TYPE = 1 << 9  # the flag of classes that a `class` statement made
# what other libraries' arrays have, which are leaves
ARRAYS = "__array__", "__array_priority__", "__cuda_array_interface__", "__jax_array__"
KEYS = str, int, float, bool, type(None)


@dataclass(frozen=True)
class Form:
    """`kind` is tuple, list, dict or object; `names` are those of the items, if any."""

    kind: str
    names: tuple[Hashable, ...] = ()
    cls: type | None = None

    def of(self, items: list[Any]) -> Any:
        """The object of this form that these items make."""
        if self.kind == "list":
            return items
        if self.kind == "dict":
            return dict(zip(self.names, items, strict=True))
        if self.cls is None:
            return tuple(items)
        if self.kind == "tuple":
            return self.cls._make(items)  # type: ignore[attr-defined]
        return new_object(
            self.cls, **dict(zip(map(str, self.names), items, strict=True))
        )


TUPLE = Form("tuple")
LIST = Form("list")


def form_of(item: Any) -> Form | None:
    """What an object is made of; None for a leaf."""
    cls = type(item)
    if cls is tuple:
        return TUPLE
    if cls is list:
        return LIST
    if cls is dict:
        return Form("dict", tuple(item)) if all(type(k) in KEYS for k in item) else None
    if isinstance(item, tuple) and hasattr(cls, "_fields"):
        return Form("tuple", cls._fields, cls)
    return Form("object", tuple(named_parts(item)), cls) if is_record(cls) else None


def is_record(cls: type) -> bool:
    """Whether objects of a class are made of attributes: of a class of the user's."""
    if not cls.__flags__ & HEAP_TYPE or issubclass(cls, type | enum.Enum):
        return False
    if not dataclasses.is_dataclass(cls):
        if cls.__module__.split(".")[0] in LIBRARIES:
            return False
        if any(hasattr(cls, name) for name in ARRAYS):
            return False
    return all(c.__flags__ & HEAP_TYPE for c in cls.__mro__ if c is not object)


def named_parts(x):  # type: ignore[no-untyped-def]
    """The parts of a dict, NamedTuple or object by name; None for any other thing."""
    if isinstance(x, dict) or hasattr(x, "_asdict"):
        return x if isinstance(x, dict) else x._asdict()
    # of a class that no `class` statement made, or an Enum
    if not type(x).__flags__ & 512 or hasattr(type(x), "__members__"):
        return None
    slots = [n for c in reversed(type(x).__mro__) for n in vars(c).get("__slots__", ())]
    names = [n for n in slots if hasattr(x, n) and not n.startswith("__")]
    return {name: getattr(x, name) for name in [*names, *getattr(x, "__dict__", ())]}


def items_of(form: Form, item: Any) -> list[Any]:
    """What an object of this form is made of."""
    if form.kind == "object":
        return [getattr(item, str(name)) for name in form.names]
    return list(item.values() if form.kind == "dict" else item)


def place(form: Form, k: int) -> str:
    """How the k-th item is written, after the object.

    >>> place(Form("dict", ("w",)), 0), place(TUPLE, 1)
    ("['w']", '[1]')
    """
    if form.kind == "object" or (form.cls is not None and form.names):
        return f".{form.names[k]}"
    return f"[{form.names[k]!r}]" if form.names else f"[{k}]"


def new_object(cls, **attributes):  # type: ignore[no-untyped-def]
    """An object of a class with these attributes; its `__init__` is not run."""
    made = object.__new__(cls)
    for name, value in attributes.items():
        object.__setattr__(made, name, value)
    return made


def is_open(form: Form) -> bool:
    """Whether the parts of an object can be assigned, each for itself."""
    if form.kind != "object":
        return form.kind != "tuple"
    return getattr(form.cls, "__setattr__", None) is object.__setattr__


def parts_of(item: Any) -> list[Any] | None:
    """What an object is made of; None for a leaf."""
    form = form_of(item)
    return None if form is None else items_of(form, item)


def leaves(item: Any) -> list[Any]:
    """The numbers, arrays and other objects that an object is made of."""
    parts = parts_of(item)
    return (
        [item] if parts is None else [leaf for part in parts for leaf in leaves(part)]
    )


def places(item: Any) -> list[str]:
    """How each leaf is written, after the object.

    >>> places({"w": 1.0, "layers": [2.0, (3.0,)]})
    ["['w']", "['layers'][0]", "['layers'][1][0]"]
    """
    form = form_of(item)
    if form is None:
        return [""]
    parts = enumerate(items_of(form, item))
    return [place(form, k) + rest for k, part in parts for rest in places(part)]


def rebuilt(like: Any, values: Iterator[Any]) -> Any:
    """An object of the same structure, of other leaves."""
    form = form_of(like)
    if form is None:
        return next(values)
    return form.of([rebuilt(part, values) for part in items_of(form, like)])


def mapped(function: Callable[[Any], Any], item: Any) -> Any:
    """The object with each leaf replaced by what the function makes of it."""
    return rebuilt(item, map(function, leaves(item)))
