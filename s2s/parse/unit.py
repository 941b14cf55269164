"""A function, ready to be built: parsed, checked, and desugared.

In: a function, or what `parse_function` made of it. Out: a `Unit`. A function that is
called from several places is prepared once.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from itertools import chain

import gast

from s2s.errors import Origin
from s2s.parse.desugar import desugar
from s2s.parse.generators import collected
from s2s.parse.names_live import Names, live_after
from s2s.parse.nested import Nested
from s2s.parse.source import Parsed
from s2s.parse.subset import check_subset


@dataclass(eq=False)
class Unit:
    """One function: its text, and its core."""

    parsed: Parsed
    core: gast.FunctionDef
    origins: dict[tuple[int, int], Origin] = field(default_factory=dict, repr=False)

    def origin(self, node: gast.AST, caller: Origin | None) -> Origin:
        """Where a node stands, and what called the function."""
        found = self.parsed.origin(node)
        if caller is None:
            return found
        key = id(found), id(caller)  # which live as long as the unit
        if key not in self.origins:
            self.origins[key] = replace(found, caller=caller)
        return self.origins[key]

    @functools.cached_property
    def live(self) -> dict[gast.stmt, Names]:
        """The names that are live after each statement of the core."""
        return live_after(self.core)

    @functools.cached_property
    def held(self) -> Names:
        """The names that functions inside of it read, whenever they are called."""
        nested = [n for n in gast.walk(self.core) if isinstance(n, Nested)]
        return frozenset(name.id for n in nested for name in n.reads)

    @functools.cached_property
    def value(self) -> str | None:
        """The name, made for it, of what the function returns from several places."""
        match self.core.body[-1]:
            case gast.Return(value=gast.Name(id=name)):
                return None if name in self.parsed.locals else name
        return None

    @functools.cached_property
    def globals(self) -> frozenset[str]:
        """The names that it declares as global."""
        nodes = gast.walk(self.parsed.tree)
        declared = (n.names for n in nodes if isinstance(n, gast.Global))
        return frozenset(chain.from_iterable(declared))

    @functools.cached_property
    def units(self) -> dict[Nested, Unit]:
        """The functions that are defined inside, as far as they were asked for."""
        return {}

    def inside(self, nested: Nested) -> Unit:
        """A function that is defined in this one."""
        if nested not in self.units:
            self.units[nested] = prepare(self.parsed.inside(nested))
        return self.units[nested]


def prepare(parsed: Parsed) -> Unit:
    parsed = collected(parsed)
    check_subset(parsed)
    return Unit(parsed, desugar(parsed))
