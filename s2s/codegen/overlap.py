"""Checks at entry of how arguments lie in memory, where the primal changes some.

The derivative changes copies, the primal its arguments: what overlaps with them would
change along in the primal alone. And what is changed through `A.reshape(-1)` must be
contiguous, because that is a copy otherwise. In: a function. Out: the checks, as calls
of the two helpers, whose source is written into saved modules.

    check_apart("u", u, {"v": v, "w": w})
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from s2s.codegen.load import read_global
from s2s.errors import Origin, OverlapError
from s2s.parse.source import Parsed
from s2s.ssa.entry import arguments, containers
from s2s.ssa.ir import Function
from s2s.ssa.types import Array, List, Named, Tuple, Type
from s2s.structure import named_parts


def check_apart(name, value, others=None):  # type: ignore[no-untyped-def]
    """Refuse an array that the primal changes, if another one may show the change."""
    changed = f"`{name}` is changed in place, and"
    reach = value.dtype.itemsize
    for step, count in sorted(zip(map(abs, value.strides), value.shape, strict=True)):
        if count > 1 and step < reach:
            raise ValueError(f"{changed} its elements overlap: pass a copy")
        reach += (count - 1) * step
    todo = list((others or {}).items())
    while todo:
        other, item = todo.pop()
        parts = item.values() if isinstance(item, dict) else item
        if isinstance(item, list | tuple | dict):
            todo += [(other, part) for part in parts]
        elif hasattr(item, "__dict__"):
            todo += [(other, part) for part in vars(item).values()]
        elif not hasattr(item, "strides") or isinstance(item, np.generic):
            continue  # a number
        elif np.shares_memory(value, item):
            what = f"{changed} overlaps with `{other}`"
            raise ValueError(f"{what}: pass a copy of one of them")


def check_other(name, value, others):  # type: ignore[no-untyped-def]
    """Refuse an object that the primal changes, if it is another argument, too."""
    for other, item in others.items():
        parts = item if isinstance(item, list) and item is not value else [item]
        if any(part is value for part in parts):
            changed = f"`{name}` is changed in place, and"
            same = f"{changed} is the same {type(value).__name__} as `{other}`"
            raise ValueError(f"{same}: pass a copy")


def check_contiguous(name, value):  # type: ignore[no-untyped-def]
    """Refuse an array that the primal changes through a view that would be a copy."""
    if not value.flags.c_contiguous:
        message = (
            f"`{name}` is not contiguous, and this changes what is a view if it is"
        )
        raise ValueError(f"{message}: pass `np.ascontiguousarray({name})`")


def check_items_apart(name, value, others):  # type: ignore[no-untyped-def]
    """Refuse a list whose items the primal changes, if one of them shows elsewhere."""
    changed = f"what `{name}` holds is changed in place, and"
    objects, spans = set(), []
    for owner, given in [(name, value), *others.items()]:
        todo = [given]
        while todo:
            item = todo.pop()
            if isinstance(item, np.ndarray):
                spans.append((*np.lib.array_utils.byte_bounds(item), owner))
                continue
            named = named_parts(item)
            if named is None and not isinstance(item, list | tuple):
                continue
            todo += item if named is None else named.values()
            if id(item) in objects and not isinstance(item, tuple):
                where = "there twice" if owner == name else f"in `{owner}`, too"
                raise ValueError(f"{changed} some of it is {where}: pass copies")
            if owner == name:
                objects.add(id(item))
    reach = {name: 0, "": 0}  # how far the arrays of both go, in memory
    for start, end, owner in sorted(spans):
        if start < reach[name] or (owner == name and start < reach[""]):
            raise ValueError(f"{changed} arrays overlap in memory: pass copies")
        owner = owner if owner == name else ""
        reach[owner] = max(reach[owner], end)


HELPERS: dict[str, Callable[..., None]] = {
    "check_apart": check_apart,
    "check_items_apart": check_items_apart,
    "named_parts": named_parts,
    "check_contiguous": check_contiguous,
    "check_other": check_other,
}


def memory_checks(
    function: Function, with_globals: bool = False
) -> Iterator[tuple[str, Origin | None]]:
    """The calls, and the updates that ask for them."""
    given = dict(arguments(function))
    if with_globals:
        given |= function.attrs["globals"]
    arrays = [label for label, value in given.items() if _holds(value.type)]
    held = {label: f'"{label}": {label}' for label in arrays}
    lists = {k: f'"{k}": {k}' for k, v in given.items() if isinstance(v.type, List)}
    for label, origin in function.attrs["written"].items():
        if label in lists:
            inside = function.attrs["items_written"].get(label)
            if inside is not None:
                own = label.split(".")[0].split("[")[0]
                beside = [n for n in function.attrs["params"] if n != own]
                beside += [k for k in held if k.startswith(own) and k != label]
                beside += function.attrs["globals"] if with_globals else []
                others = ", ".join(f'"{k}": {k}' for k in beside)
                yield f'check_items_apart("{label}", {label}, {{{others}}})', inside
            del lists[label]
            if lists:
                others = ", ".join(lists.values())
                yield f'check_other("{label}", {label}, {{{others}}})', origin
            continue
        del held[label]
        rest = f", {{{', '.join(held.values())}}}" if held else ""
        yield f'check_apart("{label}", {label}{rest})', origin
    yield from _containers(function, with_globals)
    for label, origin in function.attrs["contiguous"].items():
        yield f'check_contiguous("{label}", {label})', origin


def _containers(
    function: Function, with_globals: bool
) -> Iterator[tuple[str, Origin | None]]:
    """Dicts and objects that change must not be other arguments, too."""
    found = [
        (label, item)
        for name, param in function.attrs["params"].items()
        for label, item in containers(name, param)
    ]
    lists = [
        (k, v.type.item) for k, v in arguments(function) if isinstance(v.type, List)
    ]
    listed = [(label, of.form) for label, of in lists if isinstance(of, Tuple)]
    globals = function.attrs["globals"].items() if with_globals else ()
    seen = [(path, v.type.form) for path, v in globals if isinstance(v.type, Tuple)]
    for label, item in found:
        if item.made not in function.attrs["changed"]:
            continue
        alike = [(o, i.form) for o, i in found if o != label] + seen
        others = [o for o, form in alike if form == item.form]
        others += [o for o, form in listed if form == item.form]
        if others:
            held = ", ".join(f'"{o}": {o}' for o in others)
            text = f'check_other("{label}", {label}, {{{held}}})'
            yield text, function.origin


def _holds(of: Type) -> bool:
    """Whether there may be arrays in a value."""
    if isinstance(of, List):
        return _holds(of.item)
    if isinstance(of, Tuple):
        return any(map(_holds, of.items))
    return isinstance(of, Array | Named)


def guarded(
    run: Callable[..., Any], function: Function, parsed: Parsed
) -> Callable[..., Any]:
    """A generated function, behind the checks if it needs some.

    What follows a colon in their messages is advice.
    """
    checks = [
        (compile(text, "<check of arguments>", "eval"), origin)
        for text, origin in memory_checks(function, with_globals=True)
    ]
    if not checks:
        return run
    names = list(parsed.signature.parameters)
    roots = {path.split(".")[0] for path in function.attrs["globals"]}

    @functools.wraps(run)
    def checked(*args: Any) -> Any:
        scope = HELPERS | {root: read_global(function, root) for root in roots}
        scope |= zip(names, args, strict=False)  # tangents may follow
        for check, origin in checks:
            try:
                eval(check, scope)
            except ValueError as error:
                message, _, advice = str(error).partition(": ")
                raise OverlapError(message, origin, advice) from None
        return run(*args)

    return checked
