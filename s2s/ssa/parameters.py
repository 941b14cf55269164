"""What a call is given, as the function sees it that is one of its own.

In: arguments, and what functions among them have captured. Out: parameters in their
place, one for each number or array; objects, text and functions stay what they are.

    g(2.0 * x, (w, b), "tanh")    ->    parameters y, layer_w, layer_b; "tanh" is known

`key` tells calls apart that need different functions.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gast

from s2s.names import Names
from s2s.ssa.bound import Bound, Made, Seq, part_name, plain
from s2s.ssa.callee import Lengths
from s2s.ssa.ir import Value
from s2s.ssa.outcome import NotOne
from s2s.ssa.scopes import Closure, Partial, Scope, chain
from s2s.ssa.types import (
    Array,
    Dim,
    Maybe,
    Scalar,
    Type,
    described,
    join,
)

if TYPE_CHECKING:
    from s2s.ssa.scopes import ScopeBuilder


NARROW = frozenset({"float16", "float32", "complex64"})


@dataclass(eq=False)
class Around:
    """What a function reads of a scope around it, in the place of that scope."""

    locals: frozenset[str]
    outer: Any
    env: dict[str, Bound] = field(default_factory=dict)

    @property
    def parsed(self) -> Around:
        return self


@dataclass(eq=False)
class Parameters:
    """The parameters that stand for `values`, what the call is given.

    Numbers are parameters, too, unless they are `known`: then the function is made for
    them. `objects` are the lists, dicts and objects that are given, by which they are:
    as the caller has them, and as the function does.
    """

    builder: ScopeBuilder
    known: bool
    node: gast.AST  # the call
    values: list[Value] = field(default_factory=list)
    params: list[Value] = field(default_factory=list)
    numbers: bool = False  # whether there are any
    narrow: bool = False  # whether there are arrays that Python's floats adapt to
    lengths: Lengths = field(default_factory=Lengths)
    key: list[Any] = field(default_factory=list)
    names: Names = field(default_factory=Names)
    scopes: dict[Scope, Around] = field(default_factory=dict)
    closures: dict[Closure, Closure] = field(default_factory=dict)
    objects: dict[Made, tuple[Seq, Seq]] = field(default_factory=dict)

    @property
    def types(self) -> list[Type]:
        return [p.type for p in self.params]

    def item(self, item: Bound, name: str) -> Bound:
        """The parameters of one argument, of its structure."""
        if isinstance(item, Value):
            return self.value(item, name)
        mine = item.made
        if mine is not None:
            if any(mine.which & other.which for other in self.objects):
                raise NotOne("it is given one object twice")
            self.objects[mine] = item, item
        self.key.append((item.form, len(item.items), mine is None))
        items = enumerate(item.items)
        parts = tuple(self.item(i, part_name(item, k, name)) for k, i in items)
        maker = item.maker
        if maker.startswith("type(") and item.cls is not None:  # of the caller's object
            maker = self.builder.class_name(item.cls)
        made = mine and Made(None, None)
        own = replace(item, items=parts, made=made, maker=maker)
        if mine is not None:
            self.objects[mine] = item, own
        return own

    def value(self, value: Value, name: str) -> Value:
        of = value.type
        if value.is_const:
            if not isinstance(of, Scalar) or of.kind == "bool":
                return self.constant(value)
            self.numbers = True
            if self.known:
                return self.constant(value)
            of = Scalar(of.kind)
        simple = isinstance(of, Scalar) or (isinstance(of, Array) and not of.loose)
        if isinstance(of, Maybe) or not simple:
            raise NotOne(f"`{plain(name)}` is {described(of)}")
        param = Value(self.lengths.own(of), self.names.fresh(plain(name)), "user")
        assert isinstance(of, Scalar | Array)
        self.key.append(kind_of(of))
        self.narrow = self.narrow or (isinstance(of, Array) and of.dtype in NARROW)
        self.values.append(value)
        self.params.append(param)
        return param

    def constant(self, value: Value) -> Value:
        obj = value.const
        if isinstance(obj, Closure):
            return self.of(value, self.closure(obj))
        if isinstance(obj, Partial):
            function = self.item(obj.function, "function")
            args = tuple(self.item(a, "arg") for a in obj.args)
            keywords = {k: self.item(a, k) for k, a in obj.keywords.items()}
            self.key.append((len(args), *keywords))
            assert isinstance(function, Value)
            return self.of(value, Partial(function, args, keywords))
        if type(obj).__module__.startswith("s2s.ssa"):  # with values of the caller's
            raise NotOne("it is given a derivative")
        simple = isinstance(obj, bool | int | float | complex | str | tuple)
        self.key.append((type(obj), repr(obj) if simple else id(obj)))
        named = value.role == "literal"  # by a name of the caller's
        return self.builder.const(obj) if named else value

    def of(self, value: Value, obj: Any) -> Value:
        return self.builder.const(obj, value.spelling)

    # functions ------------------------------------------------------------

    def closure(self, function: Closure) -> Closure:
        """A function that reads parameters in the place of what it has captured."""
        if function in self.closures:
            self.key.append(list(self.closures).index(function))
            return self.closures[function]
        self.key.append(function.unit)
        scope = self.scope(function.scope) if function.scope is not None else None
        own = replace(function, scope=scope)  # type: ignore[arg-type]
        self.closures[function] = own
        defaults = [self.item(d, "default") for d in function.defaults]
        own = self.closures[function] = replace(own, defaults=tuple(defaults))
        for name in function.reads:
            for outer in chain(function.scope):
                if name in outer.parsed.locals:
                    self.capture(outer, name)
                    break
        return own

    def scope(self, scope: Scope) -> Around:
        """The scope that a function was made in, with nothing in it so far."""
        if scope not in self.scopes:
            outer = self.scope(scope.outer) if scope.outer is not None else None
            self.scopes[scope] = Around(frozenset(scope.parsed.locals), outer)
        return self.scopes[scope]

    def capture(self, scope: Scope, name: str) -> None:
        """A variable of a scope, if it is bound."""
        env = self.scope(scope).env
        name_read = gast.Name(name, gast.Load(), None, None)
        node = gast.copy_location(name_read, self.node)
        item = self.builder.local_of(scope, node)
        if name not in env and item is not None:
            env[name] = item  # it may be a function that reads itself
            env[name] = self.item(self.builder.fresh_item(item), name)


def kind_of(of: Scalar | Array) -> Any:
    """What tells apart functions for one argument: NumPy's floats are floats."""
    if isinstance(of, Scalar):
        return of.kind
    return "float" if (of.dtype, of.rank) == ("float64", 0) else (of.dtype, of.rank)


def wider(one: Type, two: Type, k: int) -> Type:
    """The type of the k-th parameter that both types fit."""
    if not (isinstance(one, Array) and isinstance(two, Array)):
        return join(one, two)
    dims = []
    for axis, (a, b) in enumerate(zip(one.shape, two.shape, strict=True)):
        unit, low = (a.unit if a.unit == b.unit else None), min(a.low, b.low)
        if a.same(b):
            dims.append(Dim(a.sym, a.off, unit, low, a.exact and b.exact))
        else:
            dims.append(Dim(f"m{k}_{axis}", 0, unit, low, True))
    return Array(one.dtype, tuple(dims))
