"""What the names in a function stand for, also in functions inside of functions.

In: a name that is read. Out: the local object, that of the function around it, or the
global one. A global has one name in the output, whichever module reads it:

    RATE in a.py, RATE in b.py     ->     RATE, RATE2

`sources` maps each of these names to a function that reads the object anew.
"""

from __future__ import annotations

import builtins
import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import gast
import numpy as np

from s2s.errors import Origin
from s2s.parse.names_live import live_before, names_read, read_in_a_round
from s2s.parse.source import Parsed, read_outer
from s2s.parse.unit import Unit
from s2s.ssa.bound import Bound, Seq, Unbound, flat, held_back, plain, refill
from s2s.ssa.emit import const_type
from s2s.ssa.ir import Region, Value
from s2s.ssa.loops import LoopBuilder
from s2s.ssa.types import (
    UNDEF,
    Clash,
    List,
    Maybe,
    Static,
    Tuple,
    Type,
    bound,
    described,
    may_be_none,
    typeof,
)
from s2s.structure import form_of

if TYPE_CHECKING:
    from s2s.rules import Rules


@dataclass(eq=False)
class Scope:
    """One call of a function while it is built.

    `outer` is the scope that the function was defined in, if that is inside another
    one. `at` and `within` are how far it was built when another call began, `env` are
    its names when it returned.
    """

    unit: Unit
    outer: Scope | None = None
    caller: Origin | None = None
    signature: Any = None
    env: dict[str, Bound] = field(default_factory=dict)
    at: gast.stmt | None = None
    within: bool = False

    @property
    def parsed(self) -> Parsed:
        return self.unit.parsed

    @property
    def place(self) -> tuple[int, int]:
        """Where in its text the call is that is being built."""
        return (0, 0) if self.at is None else (self.at.lineno, self.at.col_offset)


# What puts values somewhere.
HOLDING = frozenset({"list", "tuple", "record", "dict", "store"})


@dataclass(frozen=True)
class Closure:
    """A function with what it holds: its defaults, the scope that it was made in.

    One that wraps another has the `name` of that.
    """

    unit: Unit
    scope: Scope | None  # that it was made in
    defaults: tuple[Bound, ...]
    reads: tuple[str, ...]
    name: str = ""

    @property
    def __name__(self) -> str:
        return self.name or self.unit.parsed.name


@dataclass(eq=False)
class Partial:
    """What `functools.partial` makes inside a function."""

    function: Value
    args: tuple[Bound, ...]
    keywords: dict[str, Bound]


@dataclass(frozen=True)
class Place:
    """Whether a key is that of a place in a list or dict: a test of these parts."""

    test: str
    parts: dict[str, Bound]


@dataclass(eq=False)
class Chosen:
    """One of two functions, as a condition says."""

    cond: Value | Place
    then: Value
    otherwise: Value


@dataclass(frozen=True)
class Transform:
    """What `grad(g, argnums)` is inside of a function.

    `argnums` are positions or names, one or a tuple of them.
    """

    mode: str
    function: Value
    argnums: Any
    has_aux: bool = False
    holomorphic: bool = False

    @property
    def single(self) -> bool:
        return not isinstance(self.argnums, tuple)

    @property
    def several(self) -> tuple[Any, ...]:
        return (self.argnums,) if self.single else self.argnums


class ScopeBuilder(LoopBuilder):
    """Evaluates names."""

    def __init__(self, unit: Unit, rules: Rules, objects: frozenset[gast.AST]) -> None:
        super().__init__(rules, Region(), objects)
        self.scope = Scope(unit)
        self.callers: list[Scope] = []  # of the calls that are being built
        self.globals: dict[str, Value] = {}
        self.externals: dict[str, Any] = {}
        self.statics: dict[str, Any] = {}
        self.sources: dict[str, Callable[[], Any]] = {}
        self.outer_names: dict[Any, str] = {}
        self.params = frozenset(unit.parsed.signature.parameters)
        self.standing: Origin | None = None  # the call that a definition stands for
        self.being_built: list[Any] = []  # definitions whose text is being built

    def origin_of(self, node: gast.AST) -> Origin:
        if self.standing is not None:
            return self.standing
        home = str(self.scope.parsed.fn.__module__)
        if home.startswith("s2s.templates") and self.scope.caller is not None:
            return self.scope.caller  # what stands for a function of a library
        return self.scope.unit.origin(node, self.scope.caller)

    def in_generated(self) -> bool:
        return self.scope.parsed.generated

    # reading --------------------------------------------------------------

    def _Name(self, node: gast.Name) -> Bound:
        item = super()._Name(node)
        if failure := getattr(node, "fails", None):
            item = self.unless_missing(item, *failure)
        item = self.fresh_item(self.checked(item, node))
        if node.id in self.env:
            self.env[node.id] = item
        return item

    def unless_missing(
        self, item: Bound, flag: str, error: type[Exception], text: str
    ) -> Bound:
        """An object that may be None, which a flag tells: it fails as None does."""
        parts = [i for i in flat(item) if isinstance(i.type, Maybe) and not i.type.none]
        if not parts or not isinstance(item, Seq):
            return item
        missing = self.env[flag]
        assert isinstance(missing, Value)
        if not missing.is_const and missing not in self.not_so:
            self.raise_if(missing, error, text)
            self.not_so.add(missing)
        known = {
            i: self.emit("bound", [i], ("x",), i.hint, i.role, bound(i.type),
                         checked=True)
            for i in parts
        }  # fmt: skip
        return refill(item, (known.get(i, i) for i in flat(item)))

    def checked(self, item: Bound, node: gast.Name) -> Bound:
        """What a name stands for where it is read, and from there on.

        There it surely is bound: else the derivative fails where the primal does.
        """
        if isinstance(item, Seq):
            if item.kind == "object" and any(map(is_bound, flat(item))):
                return item  # which may get some of its attributes later
            return item.of(self.checked(i, node) for i in item.items)
        if item.type == UNDEF:
            self.unbound.append((node, self.origin_of(node)))
            raise Unbound
        of = bound(item.type)
        if isinstance(of, Clash) and not of.types:
            what = f"what `{node.id}` stands for is not known here"
            if of.why:
                advice = "bind it in the `except`, or use another name in the `try`"
                self.refuse(node, f"{what}: {of.why}", advice)
            self.refuse(node, what, "bind it anew first")
        if isinstance(of, Clash) and all(map(is_function, of.types)):
            self.refuse(
                node,
                f"which function `{node.id}` is, is not known here",
                "choose it where it is called: `(f if c else g)(x)`",
            )
        if isinstance(of, Clash):
            self.refuse(
                node,
                f"`{node.id}` has two types that do not go together here: "
                + described(item.type),
                "use two names, or make both paths give the same type",
            )
        if may_be_none(item.type):
            return item
        returned = node.id == self.returned_name() and isinstance(of, List)
        if isinstance(item.type, Maybe) and (returned or self.is_local(node.id)):
            given = ("x",), item.hint, item.role, of
            return self.emit("bound", [item], *given, checked=returned)
        return item

    def part_of_object(self, node: gast.AST, item: Bound) -> Bound:
        """An attribute that an object may not have yet."""
        if any(v.type == UNDEF for v in flat(item)):
            self.unbound.append((node, self.origin_of(node)))
            raise Unbound
        values = (
            self.emit("bound", [v], ("x",), v.hint, v.role, bound(v.type))
            if may_be_unbound(v) else v
            for v in flat(item)
        )  # fmt: skip
        return item if all(map(is_bound, flat(item))) else refill(item, values)

    def check_there(self, node: gast.AST, base: Seq, name: str) -> None:
        """Refuse what depends on whether an object has got an attribute."""
        k = base.at(name)
        part = base.items[k] if k is not None else None
        values = flat(part) if part is not None else []
        made = part.made if isinstance(part, Seq) and not values else None
        if (made and made.some) or any(map(may_be_unbound, values)):
            self.refuse(
                node, f"only some paths to here assign the attribute `{name}`",
                "assign it in `__init__`, too",
            )  # fmt: skip

    def emit(
        self,
        kind: str,
        args: Sequence[Value],
        names: Sequence[str] | None = None,
        *more: Any,
        **attrs: Any,
    ) -> Value:
        """What may be None is a number or an array wherever more is done with it."""
        if kind not in ("is", "is_not", "bound"):
            if kind in HOLDING:
                self.refuse_none_among(args)
            args = [self.not_none(a) for a in args]
        return super().emit(kind, args, names, *more, **attrs)

    def returned_name(self) -> str | None:
        return self.scope.unit.value

    def is_local(self, name: str) -> bool:
        return any(name in scope.parsed.locals for scope in chain(self.scope))

    def outer_name(self, node: gast.Name) -> Bound:
        name, parsed = node.id, self.scope.parsed
        for scope in chain(self.scope):
            if name in scope.parsed.locals:
                item = self.local_of(scope, node)
                if item is None:
                    self.refuse(node, f"`{name}` is read before it is assigned")
                return item
        try:
            obj = read_outer(parsed, name)
        except NameError:
            if name in parsed.closure:
                self.refuse(node, f"closure variable `{name}` has no value yet")
            self.refuse(node, f"name `{name}` is not defined")
        return self.outer(self.outside(name), obj, node)

    def outside(self, name: str, printed: bool = False) -> str:
        """The name in the output of a variable that is not local."""
        parsed = self.scope.parsed
        cell = parsed.closure.get(name)
        key = (id(parsed.globals), name) if cell is None else id(cell)
        own = name in parsed.globals or cell is not None
        if hasattr(builtins, name) and not own and not printed:
            return name
        read = functools.partial(read_outer, parsed, name)
        return self.source(key, name, read, printed)

    def source(
        self, key: Any, name: str, read: Callable[[], Any], printed: bool = False
    ) -> str:
        """The name of an object from outside, which `read` gives.

        A parameter of its name would hide it: what a function that is called reads as
        `u` is none of the `u` that its caller was given. And if it is `printed`, as all
        are but functions and modules, it would hide a builtin or helper of its name.
        """
        if key not in self.outer_names:
            taken, made, numbers = self.params, name, count(2)
            if printed or not self.is_known(read()):
                taken |= self.rules.reserved
            while made in self.sources or made in taken:
                made = f"{name}{next(numbers)}"
            self.outer_names[key], self.sources[made] = made, read
        return self.outer_names[key]

    def is_known(self, obj: Any) -> bool:
        """Whether an object is a module or function: no output reads it by its name."""
        function = inspect.isroutine(obj) and not inspect.ismethod(obj)
        return function or inspect.ismodule(obj) or id(obj) in self.rules.by_object

    def external(self, obj: Any, name: str) -> str:
        """The name in the output of a class or function that stands in it."""
        known = (n for n, other in self.externals.items() if other is obj)
        made = next(known, None)
        if made is None:
            same = name in self.sources and self.sources[name]() is obj
            same = same and name not in self.rules.reserved
            other = getattr(builtins, name, None) is not obj
            made = name if same else self.source(id(obj), name, lambda: obj, other)
        self.externals[made] = obj
        return made

    def outer(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """An object from outside: known by identity, or read at each call."""
        form = form_of(obj)
        entries = form is not None and form.kind != "object"
        if isinstance(const_type(obj), Static) and not (
            entries or isinstance(obj, np.ndarray | np.generic)
        ):
            if isinstance(obj, type) and issubclass(obj, BaseException):
                self.externals[path] = obj
            return self.static(path, obj)
        return self.outer_attribute(path, obj, node)

    def static(self, path: str, obj: Any) -> Value:
        """A global known by identity: another one at a later call is compiled anew."""
        if inspect.ismodule(obj) or getattr(builtins, path, self) is obj:
            return self.const(obj, path)
        if isinstance(obj, type) and issubclass(obj, BaseException):
            return self.const(obj, path)
        if isinstance(obj, set):  # it may have other members at the next call
            obj = frozenset(obj)
        self.statics[path] = obj
        if isinstance(obj, frozenset):
            return self.const(obj, displayed(obj) or path)
        literal = obj is None or isinstance(obj, str | np.dtype)
        number = isinstance(obj, type) and issubclass(obj, np.generic)
        if literal or number:
            return self.const(obj)  # printed as what it is
        return self.const(obj, path)

    def outer_attribute(self, path: str, obj: Any, node: gast.AST) -> Bound:
        """A global variable: read when the derivative is called, never frozen."""
        if path not in self.globals:
            self.globals[path] = Value(typeof(obj, path), path, "global")
        value = self.globals[path]
        return self.opened_all(value) if isinstance(value.type, Tuple) else value

    def opened_all(self, value: Value) -> Bound:
        """A value of tuple type taken apart, and what is of tuple type in it."""
        if not isinstance(value.type, Tuple) or value.is_const:
            return value
        whole = self.unpack(value)
        return whole.of(self.opened_all(i) for i in flat(whole))

    # what is read later ---------------------------------------------------

    def live_names(self) -> set[str]:
        self.suspend()
        live = {self.key(self.scope, n) for n in live_in(self.scope)}
        for caller in self.callers:
            live |= {self.key(caller, n) for n in live_in(caller) - to_bind(caller)}
        todo, seen = list(live), set()
        while todo:  # what a function reads is read where it is called
            name = todo.pop()
            for value in flat(self.env[name]) if name in self.env else ():
                for function in closures(value):
                    if function not in seen:
                        seen.add(function)
                        more = {
                            self.key(s, n)
                            for s in chain(function.scope)
                            for n in function.reads
                            if n in s.parsed.locals
                        }
                        todo += more - live
                        live |= more
        return live

    def is_read(self, name: str, node: gast.AST, before: bool = False) -> bool:
        live = self.scope.unit.live
        if not name.isidentifier() or node not in live:
            return True
        after = live[node]
        return name in (live_before(node, after) if before else after) or (
            name in self.scope.unit.held
        )

    def read_in_rounds(self, node: gast.For | gast.While) -> frozenset[str]:
        return read_in_a_round(node) | self.scope.unit.held

    def suspend(self) -> None:
        """Note in the current scope how far its function was built."""
        self.scope.at, self.scope.within = self.at, self.within

    def key(self, scope: Scope, name: str) -> str:
        """Under which name a local of some function stands in `env`."""
        if scope is self.scope:
            return name
        if scope in self.callers:
            return held_back(name, self.callers.index(scope))
        return f"{id(scope)}:{name}"  # it has returned: in `env` of its own

    def local_of(self, scope: Scope, node: gast.Name) -> Bound | None:
        """What a name stands for in a function around, None if for nothing yet."""
        key = self.key(scope, node.id)
        if scope is self.scope or scope in self.callers:
            return self.env.get(key)
        item = scope.env.get(node.id)
        if item is not None and self.changes(item):
            self.refuse(
                node,
                f"what `{plain(node.id)}` stands for changes, in a function that has "
                "returned",
                "pass it as an argument",
            )
        return item

    def read_by_functions(self, item: Bound) -> Iterator[tuple[str, Bound]]:
        for closure in (c for v in flat(item) for c in closures(v)):
            for name in closure.reads:
                scopes = (s for s in chain(closure.scope) if name in s.parsed.locals)
                if (scope := next(scopes, None)) is not None:
                    key = self.key(scope, name)
                    found = self.env.get(key, scope.env.get(name))
                    if found is not None:
                        yield key, found

    def in_the_midst(self) -> bool:
        return self.within or any(scope.within for scope in self.callers)


def is_bound(value: Value) -> bool:
    """Whether a value is there on all paths."""
    return value.type != UNDEF and not isinstance(value.type, Maybe)


def may_be_unbound(value: Value) -> bool:
    """Whether a value is missing on some path to here."""
    return not is_bound(value) and not may_be_none(value.type)


def displayed(members: frozenset[Any]) -> str:
    """A set as text; nothing if its members have none.

    >>> displayed(frozenset({"b", "a"}))
    "{'a', 'b'}"
    """
    if not members or not all(isinstance(m, str | int | float) for m in members):
        return ""
    return f"{{{', '.join(sorted(map(repr, members)))}}}"


def chain(scope: Scope | None) -> Iterator[Scope]:
    """A scope, and those that its function stands in."""
    while scope is not None:
        yield scope
        scope = scope.outer


def live_in(scope: Scope) -> set[str]:
    """The names that are read after the statement that is being built."""
    at = scope.at
    if at is None:
        return set()
    live = set(scope.unit.live.get(at, ()))
    rest: list[gast.AST] = [at] if scope.within else []
    match at:  # after its first store come its body, or further targets
        case gast.For():
            rest.append(at)
        case gast.Assign(targets=[_, _, *_] as several):
            rest += several
        case gast.Assign(targets=[gast.Tuple() | gast.List() as several]):
            rest.append(several)
    return live.union(*map(names_read, rest))


def to_bind(scope: Scope) -> set[str]:
    """The names that the statement binds whose value a call gives: not read till then.

    Where it may fail, in a `try`, they keep what they have.
    """
    at = scope.at
    if not isinstance(at, gast.Assign) or len(at.targets) > 1:
        return set()
    if any(isinstance(n, gast.Try) for n in gast.walk(scope.unit.core)):
        return set()
    (target,) = at.targets
    parts = target.elts if isinstance(target, gast.Tuple | gast.List) else [target]
    names = {n.id for n in parts if isinstance(n, gast.Name)}
    return names - names_read(at.value) if len(names) == len(parts) else set()


def is_function(of: Type) -> bool:
    """Whether a type is that of a function that is known."""
    if not isinstance(of, Static):
        return False
    made = isinstance(of.value, Closure | Partial | Chosen | Transform)
    return made or callable(of.value)


def closures(value: Value) -> Iterator[Closure]:
    """The functions made by the program that a value stands for, or is made of."""
    if isinstance(value.const, Closure):
        yield value.const
        for default in value.const.defaults:
            for part in flat(default):
                yield from closures(part)
    elif isinstance(value.const, Transform):
        yield from closures(value.const.function)
    elif isinstance(value.const, Chosen):
        yield from closures(value.const.then)
        yield from closures(value.const.otherwise)
    elif isinstance(value.const, Partial):
        for item in (
            value.const.function,
            *value.const.args,
            *value.const.keywords.values(),
        ):
            for part in flat(item):
                yield from closures(part)
