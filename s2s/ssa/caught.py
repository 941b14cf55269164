"""What is caught, and by which of the handlers of a `try`.

In: the handlers. Out: in the second region of the `try`, the exception (`caught`), and
for each handler but the last an `if` that asks whether the exception is for it:

    except ZeroDivisionError:           e = caught()
        y = 0.0                         y3 = if isinstance(e, ZeroDivisionError):
    except ValueError as e:       ->        0.0
        print(e)                        else:
        y = 1.0                             print(e);  1.0

An exception can be shown and raised again; what else it holds is not known.
"""

from __future__ import annotations

import re

import gast

from s2s.ssa.bound import Bound, Seq
from s2s.ssa.ir import Value
from s2s.ssa.types import BOOL, ERROR, ERROR_CLASS, TEXT, UNDEF, bound
from s2s.ssa.walrus import WalrusBuilder, deleted


class CaughtBuilder(WalrusBuilder):
    """Builds handlers, and evaluates what is asked of an exception."""

    def handled(
        self,
        node: gast.Try,
        error: Value,
        handlers: list[tuple[gast.ExceptHandler, list[Value]]],
    ) -> None:
        """Build the first handler that catches the error; the last one surely does."""
        (handler, classes), *rest = handlers

        def handle() -> None:
            name = handler.name and handler.name.id
            if name:
                error.hint, self.env[name] = name, error
            self.block(handler.body)
            if name:
                self.env[name] = deleted(name)

        if not rest:
            handle()
            return
        args = [error, self.errors([classes])]
        fits = self.emit("isinstance", args, ("x", "of"), hint_for(classes), type=BOOL)
        self.either(node, fits, handle, lambda: self.handled(node, error, rest))

    def classes(self, handler: gast.ExceptHandler) -> list[Value]:
        """The classes that a handler catches."""
        if handler.type is None:
            return [self.const(BaseException, "BaseException")]
        item = self.expr(handler.type)
        for part in (parts := list(item.items) if isinstance(item, Seq) else [item]):
            error = part.const if isinstance(part, Value) else None
            if not (isinstance(error, type) and issubclass(error, BaseException)):
                self.refuse(handler.type, "only exception classes can be caught")
        return [p for p in parts if isinstance(p, Value)]

    def errors(self, classes: list[list[Value]]) -> Value:
        """All that is caught, as one operand."""
        found = {c.const: c for handler in classes for c in handler}
        if len(found) == 1:
            return next(iter(found.values()))
        names = ", ".join(str(c.spelling) for c in found.values())
        return self.const(tuple(found), f"({names})")

    def _call_type(self, node: gast.Call) -> Bound:
        (arg,) = self.items_given(node.args)
        if isinstance(arg, Value) and bound(arg.type) == ERROR:
            return self.emit("type", [arg], ("x",), type=ERROR_CLASS)
        self.refuse(node, "`type()` is supported for objects of your own classes only",
                    "use isinstance()")  # fmt: skip

    def _Attribute(self, node: gast.Attribute) -> Bound:
        with self.looking(node.value) as base:
            of = bound(base.type) if isinstance(base, Value) else UNDEF
            if of == ERROR_CLASS and node.attr == "__name__":
                assert isinstance(base, Value)
                return self.emit("__name__", [base], ("x",), "name", type=TEXT)
            if of in (ERROR, ERROR_CLASS):
                self.refuse(
                    node,
                    f"what an exception holds is not known here: `.{node.attr}`",
                    "bind it to a name before the `try`, or return it",
                )
            return super()._Attribute(node)


def hint_for(classes: list[Value]) -> str:
    """A name for whether an error is of these classes.

    >>> hint_for([Value(UNDEF, const=ZeroDivisionError)])
    'zero_division_error'
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", classes[0].const.__name__).lower()
