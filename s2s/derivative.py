"""A derivative as an object: for each signature of arguments a generated function.

In: a function, a mode, which arguments are differentiated. Out: what is called as the
function is called; it is compiled from generated source on the first call for each
signature of argument types.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Sequence
from copy import deepcopy
from os import PathLike
from typing import Any, NamedTuple

from s2s import render
from s2s.annotations import parameter_types
from s2s.codegen.load import Reads, load, parse_generated
from s2s.codegen.overlap import guarded
from s2s.errors import SourceError, TypingError
from s2s.parse.define import calling
from s2s.parse.source import Parsed, parse_function
from s2s.pipeline import Compiled, Request, calls_itself, compile_function
from s2s.save import save
from s2s.signature import signature_of
from s2s.ssa.assume import hold
from s2s.ssa.ir import Function
from s2s.ssa.types import (
    ANY,
    Type,
)
from s2s.ssa.wrapped import with_text
from s2s.structure import is_record
from s2s.varied import ArgNums, chosen, differentiable, reading_floats, with_floats

Loaded = tuple[Callable[..., Any], Reads | None]
BACKENDS = ("numpy", "cupy")
NEITHER = None, None  # what the cache holds of a signature never seen


class Generated(NamedTuple):
    """A generated function, how its globals are read anew, and how it was made."""

    run: Callable[..., Any]
    reads: Reads | None
    made: Compiled


class Derivative:
    """A derivative of `primal`; call it as the primal is called.

    The primal may be a method, or an object that is called: then it is that of a
    `function` whose `first` argument is the object. As an attribute of a class a
    derivative is a method.

    `source` is the generated text of the signature compiled last; when nothing was
    called yet, of the one that the annotations give.
    """

    def __init__(
        self,
        primal: Callable[..., Any],
        mode: str,
        argnums: ArgNums = 0,
        has_aux: bool = False,
        backend: str = "numpy",
        holomorphic: bool = False,
    ) -> None:
        self.primal = primal
        self.function, self.first = unbound(primal)
        self.inner = self.function if isinstance(self.function, Derivative) else None
        self.parsed: Parsed = (
            self.inner.parsed if self.inner else parse_function(self.function)
        )
        self.mode = mode
        self.names = list(self.parsed.signature.parameters)
        self.wrt, self.single = chosen(self.parsed, argnums, len(self.first))
        self.has_aux = has_aux
        self.backend = backend
        self.holomorphic = holomorphic
        if backend not in BACKENDS:
            raise TypingError(f"backend {backend!r}: there are {', '.join(BACKENDS)}")
        by_position = [
            p for p in self.parsed.signature.parameters.values()
            if p.kind is not p.KEYWORD_ONLY
        ]  # fmt: skip
        # as many arguments as this need no binding, if all can be given by position
        plain = len(by_position) == len(self.names) and not self.first
        self.arity = len(self.names) if plain else -1
        self.cache: dict[Any, Loaded] = {}
        self.by_types: dict[Any, Generated] = {}
        self.last: Compiled | None = None
        functools.update_wrapper(self, primal, updated=())
        del self.__dict__["__wrapped__"]  # its source is not the source of this
        self.__signature__ = inspect.signature(primal if self.first else self.function)

    @functools.cached_property
    def free(self) -> Derivative:
        """The same of the function, which takes the object as an argument."""
        wrt = self.wrt[0] if self.single else self.wrt
        return Derivative(
            self.function, self.mode, wrt, self.has_aux, self.backend, self.holomorphic
        )

    def __get__(self, owner: Any, cls: Any = None) -> Any:
        return self if owner is None else functools.partial(self, owner)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if kwargs or len(args) != self.arity:
            args = self.bind(args, kwargs)
        run, reads = self.cache.get(signature_of(args), NEITHER)
        if run is None or reads is not None:
            run = self.ready(args)
        return run(*args)

    def ready(self, args: tuple[Any, ...]) -> Callable[..., Any]:
        """The generated function for complete arguments, its globals up to date."""
        key = signature_of(args)
        found = self.cache.get(key)
        run, reads = self.compiled(key, args) if found is None else found
        return self.refreshed(key, args, run, reads) if reads else run

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order of the primal's parameters, defaults filled in."""
        bound = self.parsed.signature.bind(*self.first, *args, **kwargs)
        bound.apply_defaults()
        return tuple(bound.arguments[n] for n in self.names)

    def compile(self, *args: Any, **kwargs: Any) -> Callable[..., Any]:
        """The plain generated function for arguments like these."""
        return self.ready(self.bind(args, kwargs))

    def request(self) -> Request:
        over = self.over
        return Request(
            self.mode,
            self.wrt,
            self.single,
            self.has_aux,
            backend=self.backend,
            holomorphic=self.holomorphic,
            of=over.request() if over else None,
        )

    @property
    def over(self) -> Derivative | None:
        """The derivative that this one is composed with, without a text of it."""
        inner = self.inner
        if inner is None or self.mode not in ("jvp", "jvps"):
            return None
        alike = inner.backend == self.backend and inner.mode != "vjp"
        return inner if alike else None

    def types(self, args: Sequence[Any]) -> dict[str, Type]:
        """The abstract types of the arguments, those differentiated made float."""
        return self.declared(dict(zip(self.names, args, strict=True)))

    def declared(self, given: dict[str, Any]) -> dict[str, Type]:
        """The same, with defaults and annotations in the place of arguments."""
        types = self.floats(parameter_types(self.parsed, given))
        return self.inner.floats(types) if self.inner else types

    def generated(
        self, types: dict[str, Type], anew: bool = False, fit: bool = True
    ) -> Generated:
        """The function for arguments of these types, generated and loaded once.

        To `fit`, the lengths of the arguments must be equal where that is expected.
        """
        signature = (*types.items(), *(() if fit else ("of any lengths",)))
        if signature not in self.by_types or anew:
            made = self.made(types, anew, fit)
            self.last = made
            run, reads = load(made)
            self.by_types[signature] = Generated(run, reads, made)
        return self.by_types[signature]

    def made(
        self,
        types: dict[str, Type],
        anew: bool = False,
        fit: bool = True,
        stage: str | None = None,
    ) -> Compiled:
        """The derivative of the primal, or of the text of its own derivative."""
        text, related = self.parsed, () if fit else None
        if (source := (self.over or self).inner) is not None:
            inner = source.generated(source.floats(types), anew, fit)
            if calls_itself(inner.made):
                parameters = self.parsed.signature.parameters.values()
                text = parse_function(calling(inner.made.name, parameters, source))
            else:
                text = parse_generated(inner.run, inner.made.function)
            related = inner.made.function.attrs["related"] if fit else None
        return compile_function(text, types, self.request(), stage, related)

    def fits(self, types: dict[str, Type], given: dict[str, Any]) -> bool:
        """Whether these arguments have equal lengths where that is expected."""
        return hold(self.generated(types).made.function.attrs["related"], types, given)

    def floats(self, types: dict[str, Type]) -> dict[str, Type]:
        """The types of arguments, those differentiated made float."""
        return types | {
            name: differentiable(types[name], name, self.parsed) for name in self.wrt
        }

    def checks(self, types: dict[str, Type], fit: bool) -> list[Function]:
        """The functions whose demands on the memory of arguments hold."""
        own, inner = (
            [self.generated(types, fit=fit).made.function],
            (self.over or self).inner,
        )
        return own + (inner.checks(inner.floats(types), fit) if inner else [])

    def compiled(self, key: Any, args: Sequence[Any], anew: bool = False) -> Loaded:
        """The function for a signature, behind what it has to check."""
        types = self.types(args)
        found = self.generated(types, anew)
        fit = self.fits(types, dict(zip(self.names, args, strict=True)))
        if not fit:
            found = self.generated(types, anew, fit)
        run: Callable[..., Any] = found.run
        for function in self.checks(types, fit):
            run = guarded(run, function, self.parsed)
        self.check_lengths(found.made, types, args)
        given = zip(self.names, args, strict=True)
        read = {
            k: types[name]
            for k, (name, arg) in enumerate(given)
            if name in self.wrt and with_floats(arg, types[name]) is not arg
        }
        self.cache[key] = (reading_floats(run, read) if read else run), found.reads
        return self.cache[key]

    def check_lengths(
        self, made: Compiled, types: dict[str, Type], args: Sequence[Any]
    ) -> None:
        """Where arguments do not fit together, fail as the primal does."""
        given = dict(zip(self.names, args, strict=True))
        if not hold(made.function.attrs["equal_lengths"], types, given):
            self.function(*deepcopy(args))  # which it may change before it fails

    def refreshed(
        self, key: Any, args: Sequence[Any], run: Callable[..., Any], reads: Reads
    ) -> Callable[..., Any]:
        """Globals are read anew at each call; another type of one is compiled anew."""
        current: Reads | None = reads
        if reads.changed():
            run, current = self.compiled(key, args, anew=True)
        if current is not None:
            current.refresh()
        return run

    @property
    def latest(self) -> Compiled:
        """What was compiled last; before any call, what annotations ask for."""
        if self.last is not None:
            return self.last
        types = self.declared({})
        unknown = [f"`{name}`" for name, of in types.items() if of == ANY]
        if unknown:
            raise SourceError(
                f"{self!r} has not been called yet, so the types of "
                f"{', '.join(unknown)} are not known",
                self.parsed.origin(self.parsed.tree),
                "call it once, annotate the parameters, or use `s2s show` and "
                "`s2s build` with --at",
            )
        return self.made(types)

    @property
    def source(self) -> str:
        """The generated module for the signature compiled last."""
        return self.latest.source

    def show(self) -> None:
        """Print the source, in colours on a terminal."""
        render.write(self.source)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the derivative, as compiled last, as a module that runs without s2s."""
        save(path, self.latest, self.parsed, self.request())

    def __repr__(self) -> str:
        return f"<s2s.{self.mode} of {self.parsed.name}>"

    def _repr_html_(self) -> str:
        return render.html(self.last.source if self.last else repr(self))


def unbound(f: Any) -> tuple[Any, tuple[Any, ...]]:
    """The function that is run, and the object that is its first argument, if any."""
    if isinstance(f, Derivative) and f.first:
        return f.free, f.first
    if isinstance(f, types.MethodType):
        return with_text(f.__func__), (f.__self__,)
    if is_record(type(f)) and callable(f):
        return with_text(type(f).__call__), (f,)
    return with_text(f), ()
