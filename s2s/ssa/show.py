"""Printing SSA for people: what `s2s show --stage ...` writes.

In: a function (or operations). Out: text, one line an operation, with types. See the
example in `s2s.ssa.ir`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set

from s2s.ssa.ir import Function, Op, Region, Value, is_loop, loop_parts, slots
from s2s.ssa.types import bound

SYMBOLS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%",
    "pow": "**", "matmul": "@", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=", "is": "is", "is_not": "is not",
}  # fmt: skip


class Namer:
    """Short names, numbered where the same hint stands for several values.

    Lines that make one of the values in `active` say so.
    """

    def __init__(self, active: Set[Value] = frozenset()) -> None:
        self.active = active
        self.names: dict[Value, str] = {}
        self.taken: set[str] = set()
        self.unnamed = 0

    def __call__(self, value: Value) -> str:
        if value.is_const:
            return repr(value)
        if value not in self.names:
            if value.role == "temp" and value.hint == "t":
                self.unnamed += 1
                name = f"%{self.unnamed}"
            else:
                name, k = value.hint, 1
                while name in self.taken:
                    name, k = f"{value.hint}{k}", k + 1
            self.taken.add(name)
            self.names[value] = name
        return self.names[value]

    def remark(self, values: list[Value]) -> str:
        """Which of the values that a line makes are active."""
        names = [self(v) for v in values if v in self.active]
        if not names:
            return ""
        return "  # active" + (f": {', '.join(names)}" if len(values) > 1 else "")


def show(function: Function, active: Set[Value] = frozenset()) -> str:
    """The whole function as text; the values in `active` are marked."""
    return _function(function, Namer(active))


def _function(function: Function, name: Namer) -> str:
    params = ", ".join(f"{name(p)}: {p.type!r}" for p in function.body.params)
    lines = [f"{function.name}({params}):{name.remark(function.body.params)}"]
    lines += [f"    {path} = global  : {v.type!r}" for path, v in _globals(function)]
    lines += _region(function.body, name, "    ", "return")
    return "\n".join(lines)


def _globals(function: Function) -> Iterable[tuple[str, Value]]:
    return function.attrs.get("globals", {}).items()


def show_types(function: Function) -> str:
    """The type of each value that `show` gives a name, and what is known of lengths."""
    name = Namer()
    _function(function, name)
    named = {v: text for v, text in name.names.items() if not text.startswith("%")}
    dims = {d for v in named for d in getattr(bound(v.type), "shape", ()) if d.sym}
    lines = [f"{text}: {v.type!r}" for v, text in named.items()]
    lines += sorted({f"{d!r} >= {d.low}" for d in dims if d.low > 0})
    equal = [*function.attrs.get("equal_lengths", ()), *function.attrs["related"]]
    pairs = {frozenset((repr(a), repr(b))): f"{a!r} == {b!r}" for a, b in equal[::-1]}
    lines += list(pairs.values())[::-1]
    return "\n".join(lines)


def show_ops(ops: Iterable[Op]) -> list[str]:
    """Each operation as text."""
    name = Namer()
    return [line for op in ops for line in _op(op, name, "")]


def _region(region: Region, name: Namer, indent: str, last: str) -> list[str]:
    lines = [line for op in region.ops for line in _op(op, name, indent)]
    if region.results:
        lines.append(f"{indent}{last} {', '.join(map(name, region.results))}")
    return lines or [f"{indent}pass"]


def _op(op: Op, name: Namer, indent: str) -> Iterator[str]:
    deeper = indent + "    "
    results = ", ".join(map(name, op.results))
    types = ", ".join(repr(r.type) for r in op.results)
    tail = (f"  : {types}" if types else "") + name.remark(op.results)
    if op.kind == "if":
        head = f"{results} = if" if results else "if"
        form = f" ({op.attrs['form']})" if op.attrs.get("form") else ""
        yield f"{indent}{head} {name(op.args[0])}:{form}{tail}"
        yield from _region(op.regions[0], name, deeper, "yield")
        yield f"{indent}else:"
        yield from _region(op.regions[1], name, deeper, "yield")
    elif is_loop(op):
        carried = ", ".join(f"{name(s.param)} = {name(s.init)}" for s in slots(op))
        head = f"{results} = " if results else ""
        start, _, _ = loop_parts(op)
        if op.kind == "for":
            bounds = ", ".join(map(name, op.args[:start]))
            index = name(op.regions[0].params[0])
            what = f"for {index} in range({bounds})"
        else:
            what = "while"
        yield f"{indent}{head}{what}{' with ' + carried if carried else ''}:{tail}"
        if op.kind == "while":
            test = op.regions[0]
            names = ", ".join(map(name, test.params))
            yield f"{deeper}test({names}):"
            yield from _region(test, name, deeper + "    ", "yield")
        word = "stop?, yield" if op.attrs.get("stop") else "yield"
        if op.kind == "while":
            yield f"{deeper}body({', '.join(map(name, op.regions[-1].params))}):"
            deeper += "    "
        yield from _region(op.regions[-1], name, deeper, word)
    elif op.kind == "pullback":
        (body,) = op.regions
        yield f"{indent}{results} = pullback({', '.join(map(name, body.params))}):"
        yield from _region(body, name, deeper, "return")
    else:
        yield f"{indent}{f'{results} = ' if results else ''}{_call(op, name)}{tail}"


def _call(op: Op, name: Namer) -> str:
    args = list(map(name, op.args))
    if op.kind in SYMBOLS and len(args) == 2:
        return f"{args[0]} {SYMBOLS[op.kind]} {args[1]}"
    if op.kind == "call":
        return f"call {op.attrs['callee']!r}({', '.join(args)})"
    if op.kind == "neg":
        return f"-{args[0]}"
    if "index" in op.attrs:
        codes = ", ".join(op.attrs["index"])
        return f"{op.kind}[{codes}]({', '.join(args)})"
    return f"{op.kind}({', '.join(args)})"
