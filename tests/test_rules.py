"""Every row of the rule table against differences, and both modes against each other.

A row says where it is tested: `on` gives a range for each argument of an elementwise
function, `at` gives calls over the sample arrays below. A row that says neither fails.
The types that rows infer are held against the values that NumPy returns.
"""

from __future__ import annotations

import itertools
import linecache
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import gast
import numpy as np
import pytest
import s2s.templates

import s2s
from s2s.adjoint.transform import adjoint
from s2s.forward import batch
from s2s.forward.tangent import tangent
from s2s.parse.source import parse_function
from s2s.parse.unit import prepare
from s2s.rules import RULES, Rule
from s2s.ssa.build import build
from s2s.ssa.dce import remove_dead
from s2s.ssa.infer import of_numbers
from s2s.ssa.interp import Interpreter
from s2s.ssa.ir import Op
from s2s.ssa.storage import aliasing
from s2s.ssa.types import Array, Dim, List, Scalar, Tuple, Type, bound, typeof

# Operations that no call or operator in the user's text stands for: the tests of
# indexing and of containers go through them.
INNER = {
    "getitem",
    "store",
    "kept",
    "add_at",
    "tuple",
    "list",
    "pick",
    "record",
    "unpack",
    "range_len",
}
INNER |= {
    "zeros_list",
    "zeros_of_several",
    "as_lists",
    "as_records",
    "widened",
    "copy_items",
    "np.concatenate of list",
}
INNER |= {"append", "insert", "removed", "list_copy", "list_repeat", "add_lists"}
INNER |= {"dict", "dict_keys", "dict_values", "dict_full", "dict_zip", "sorted_keys"}
INNER |= {"setdefault", "add_dicts", "dict_get"}  # tests/test_dict_keys.py
INNER |= {"append_in", "insert_in", "removed_in", "add_nested", "nested_rows"}
INNER |= {"add_records", "copy_of_each"}  # tests/test_copies.py
INNER |= {"positions", "first_of"}  # tests/test_slices.py
INNER |= {"list of tuple", "columns", "rows_of_columns"}  # tests/test_tuples.py
INNER |= {"numbers_in", "real_parts", "tuple of list"}  # tests/test_rows.py
INNER |= {"rows", "split_like", "np.array of list", "np.sum of list"}
INNER |= {"np.mean of list", "math.fsum of list", "store", "kept"}
INNER |= {"windows_bar", "positions_of_max", "positions_of_min"}  # tests/library.txt
INNER |= {"matmul_bar_left", "matmul_bar_right"}  # of code for unknown ranks
INNER |= {"custom", "constant", "stop_gradient"}  # tests/test_custom.py
INNER |= {"call"}  # tests/test_own_functions.py
INNER |= {"flat"}  # tests/inplace/flat.py: an iterator, no array
SINGLE = ("float16", "float32", "complex64")
SHAPES = ("2", "3", "4", "23", "24", "31", "34", "42", "43", "134", "143", "234", "243")


def samples() -> dict[str, Any]:
    """The arrays that the rows' examples name: `a34` has the shape (3, 4)."""
    rng = np.random.default_rng(7)
    arrays = {f"a{s}": rng.uniform(0.5, 2.0, tuple(map(int, s))) for s in SHAPES}
    return arrays | {
        "s": 1.25,
        "u": np.array([0.75]),
        "a1": rng.uniform(0.5, 2.0, 5),
        "m33": rng.uniform(0.0, 1.0, (3, 3)) + 2.0 * np.eye(3),
        "m233": rng.uniform(0.0, 1.0, (2, 3, 3)) + 2.0 * np.eye(3),
        "c3": rng.uniform(0.5, 2.0, 3) + 1j * rng.uniform(0.5, 2.0, 3),
        "i3": np.array([2, 0, 2]),
        "k": 3,
    }


class Program:
    """`def f(x, y): return <text>`: some of its names are arguments, others globals."""

    count = itertools.count()

    def __init__(self, text: str, values: dict[str, Any], active: list[str]) -> None:
        self.names = active
        self.args = [values[name] for name in active]
        self.rng = np.random.default_rng(11)
        source = f"def f({', '.join(active)}):\n    return {text}\n"
        file = f"<{text} #{next(self.count)}>"
        linecache.cache[file] = len(source), None, source.splitlines(True), file
        scope = {"np": np, "math": math, **RULES.namespace, **values}
        exec(compile(source, file, "exec"), scope)
        self.f: Callable[..., Any] = scope["f"]

    def direction(self, value: Any) -> Any:
        """A random tangent of the value's shape, dtype and kind."""
        of = np.asarray(value)
        out = self.rng.uniform(-1.0, 1.0, of.shape)
        if of.dtype.kind == "c":
            out = out + 1j * self.rng.uniform(-1.0, 1.0, of.shape)
        out = out.astype(of.dtype)
        return type(value)(out) if isinstance(value, float | complex) else out[()]


def is_varied(value: Any) -> bool:
    return np.asarray(value).dtype.kind in "fc"


def leaves(value: Any) -> list[Any]:
    """The numbers and arrays in a result."""
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def rebuilt(like: Any, values: Iterator[Any]) -> Any:
    """Leaves in the structure of another result."""
    if isinstance(like, list | tuple):
        return type(like)([rebuilt(item, values) for item in like])
    return next(values)


def pairing(a: Any, b: Any) -> float:
    """Cotangents applied to tangents: without conjugation."""
    pairs = zip(leaves(a), leaves(b), strict=True)
    return sum(float(np.sum(np.asarray(p) * q).real) for p, q in pairs)


def differences(program: Program, dots: list[Any]) -> list[Any]:
    """The directional derivative by central differences of the fourth order."""
    h = 1e-3

    def at(step: float) -> list[Any]:
        pairs = zip(program.args, dots, strict=True)
        return leaves(program.f(*(a + step * d for a, d in pairs)))

    points = zip(at(h), at(-h), at(2 * h), at(-2 * h), strict=True)
    return [(8.0 * (p - m) - (pp - mm)) / (12.0 * h) for p, m, pp, mm in points]


def check(program: Program) -> None:
    """Tangent against differences, cotangent against tangent, shapes, no NaN."""
    f, args = program.f, program.args
    single = any(np.asarray(v).dtype.name in SINGLE for v in leaves([f(*args), *args]))
    dots = [program.direction(a) for a in args]
    value, value_dot = s2s.jvp(f, args, dots)
    for got, of in zip(leaves(value_dot), leaves(value), strict=True):
        assert np.shape(got) == np.shape(of)
        assert np.all(np.isfinite(got))
    if not single:
        for got, want in zip(
            leaves(value_dot), differences(program, dots), strict=True
        ):
            np.testing.assert_allclose(got, want, rtol=1e-8, atol=1e-8)
    same, pullback = s2s.vjp(f, *args)
    for a, b, c in zip(leaves(same), leaves(value), leaves(f(*args)), strict=True):
        np.testing.assert_array_equal(a, c)
        np.testing.assert_array_equal(b, c)
    weights = rebuilt(value, iter([program.direction(v) for v in leaves(value)]))
    bars = pullback(weights)
    for bar, arg in zip(bars, args, strict=True):
        assert np.shape(bar) == np.shape(arg)
        assert np.all(np.isfinite(bar))
        if isinstance(arg, np.ndarray):
            assert bar.dtype == arg.dtype
    left, right = pairing(weights, value_dot), pairing(list(bars), dots)
    scale = 1e-3 if single else 1e-11
    np.testing.assert_allclose(left, right, rtol=scale, atol=scale)


def check_constant(program: Program) -> None:
    """A row without derivative: nothing changes near the arguments."""
    nearby = [a + 1e-9 * program.direction(a) for a in program.args]
    before, after = program.f(*program.args), program.f(*nearby)
    for a, b in zip(leaves(before), leaves(after), strict=True):
        np.testing.assert_array_equal(a, b)


# types --------------------------------------------------------------------------------


class Typed(Interpreter):
    """Runs SSA and holds each result against the type that was inferred for it.

    What shares the memory of an argument must be known to do so, too.
    """

    def __init__(self, program: Program) -> None:
        super().__init__(RULES)
        self.lengths: dict[str, int] = {}
        for name, arg in zip(program.names, program.args, strict=True):
            for axis, n in enumerate(np.shape(arg)):
                self.lengths[f"{name}.{axis}"] = n

    def op(self, op: Op) -> list[Any]:
        results = super().op(op)
        for value, result in zip(op.results, results, strict=True):
            self.agree(bound(value.type), result, op.kind)
            fresh = aliasing(op) == "fresh"
            old = [self.read(a) for a in op.args] if fresh else []
            for a, b in itertools.product(leaves(result), leaves(old)):
                assert not np.may_share_memory(a, b), f"{op.kind} shares memory"
        return results

    def _pullback(self, op: Op) -> list[Any]:
        def pullback(*cotangents: Any) -> list[Any]:
            return self.region(op.regions[0], list(cotangents))

        return [pullback]

    def agree(self, of: Type, result: Any, kind: str) -> None:
        match of:
            case Tuple(items=items):
                for item, part in zip(items, result, strict=True):
                    self.agree(item, part, kind)
            case List(item=item, dim=dim):
                self.length(dim, len(result), kind)
                for part in result:
                    self.agree(item, part, kind)
            case Scalar():
                assert type(result).__name__ == of.kind, kind
                if of.dim is not None:
                    self.length(of.dim, result, kind)
            case Array():
                assert isinstance(result, np.ndarray | np.generic), kind
                assert result.dtype.name == of.dtype, kind
                assert result.ndim == of.rank, kind
                for dim, n in zip(of.shape, result.shape, strict=True):
                    self.length(dim, n, kind)

    def length(self, dim: Dim, n: int, kind: str) -> None:
        """Equal symbols must stand for equal lengths."""
        assert dim.unit in (None, n == 1), f"{kind}: {dim!r} is {n}"
        if dim.sym == "":
            assert dim.off == n, f"{kind}: {dim!r} is {n}"
        elif dim.sym is not None:
            known = self.lengths.setdefault(dim.sym, n - dim.off)
            assert known == n - dim.off, f"{kind}: {dim!r} is {n}"


def check_types(program: Program, mode: str) -> None:
    """What rows say of ranks, dtypes and lengths is what NumPy returns.

    In the derivatives' code, too, which the rows' texts have written.
    """
    parsed = parse_function(program.f)
    types = {n: typeof(a, n) for n, a in zip(program.names, program.args, strict=True)}
    function = remove_dead(build(prepare(parsed), types, RULES))
    args = list(program.args)
    if mode == "jvp":
        function = tangent(function, program.names, RULES)
        args += [program.direction(a) for a in program.args]
    elif mode == "vjp":
        function = adjoint(function, program.names, RULES, "vjp", "plan", False, False)
    run = Typed(program)
    for path, value in function.attrs["globals"].items():
        run.values[value] = program.f.__globals__[path]
    results = run.region(function.body, args)
    if mode == "vjp":
        value = program.f(*program.args)
        weights = rebuilt(value, iter([program.direction(v) for v in leaves(value)]))
        results[-1](*(weights if isinstance(weights, tuple) else [weights]))


# the rows -----------------------------------------------------------------------------


def rows() -> list[Rule]:
    return [rule for kind, rule in RULES.by_kind.items() if kind not in INNER]


def examples(rule: Rule) -> Iterator[Program]:
    """One-line programs for a row."""
    everything = samples()
    for text in rule.at:
        names = [n for n in dict.fromkeys(re.findall(r"\w+", text)) if n in everything]
        values = {name: everything[name] for name in names}
        yield Program(text, values, [n for n in names if is_varied(values[n])])
    if rule.on:
        yield from elementwise_examples(rule)


def elementwise_examples(rule: Rule) -> Iterator[Program]:
    """All arguments active in all shapes, and each of them alone."""
    text, names = elementwise_text(rule)
    rng = np.random.default_rng(3)
    for shapes in argument_shapes(rule):
        values = {
            name: drawn(rng, bounds, shape)
            for name, bounds, shape in zip(names, rule.on, shapes, strict=True)
        }
        active = [n for n in names if is_varied(values[n])]
        yield Program(text, values, active)
        if len(active) > 1:
            for name in active:
                yield Program(text, values, [name])
                if not any(shapes) and None in shapes:  # the others written as literals
                    words = {n: repr(v) for n, v in values.items() if n != name}
                    literal = re.sub(
                        r"\b\w+\b", lambda m, w=words: w.get(m[0], m[0]), text
                    )
                    yield Program(literal, values, [name])


def elementwise_text(rule: Rule) -> tuple[str, list[str]]:
    """A call of the row, and the names of the arguments that `on` has ranges for."""
    names = [p.name for p in rule.params][: len(rule.on)]
    if not isinstance(rule.template, gast.Call):
        return gast.unparse(rule.template).strip(), names
    return f"{gast.unparse(rule.template.func).strip()}({', '.join(names)})", names


def argument_shapes(rule: Rule) -> list[tuple[Any, ...]]:
    """Python numbers (None), NumPy numbers, arrays, shapes that broadcast."""
    count = len(rule.on)
    if rule.infer is of_numbers or rule.kind in ("min", "max"):
        return [(None,) * count, ((),) * count]
    out: list[tuple[Any, ...]] = [(None,) * count, ((),) * count, ((4,),) * count]
    pairs = [((1,), (4,)), ((4,), (3, 4)), ((3, 1), (4,)), (None, (4,)), ((), (1,))]
    for pair in pairs if count > 1 else ():
        out += [(pair + pair)[:count], (pair[::-1] + pair[::-1])[:count]]
    return out


def drawn(rng: np.random.Generator, bounds: tuple[Any, Any], shape: Any) -> Any:
    """Random numbers between the bounds, of their kind; None is for a Python number."""
    low, high = bounds
    size = () if shape is None else shape
    if isinstance(low, int):
        return rng.integers(low, high, size) if size else low
    out = rng.uniform(low.real, high.real, size)
    if isinstance(low, complex):
        out = out + 1j * rng.uniform(low.imag, high.imag, size)
    return type(low)(out) if shape is None else np.asarray(out)[()]


def test_every_row_says_where_it_is_tested() -> None:
    assert [r.kind for r in rows() if not r.on and not r.at] == []


@pytest.mark.parametrize("rule", rows(), ids=lambda rule: rule.kind)
def test_row(rule: Rule) -> None:
    for program in examples(rule):
        if not rule.partials and rule.vjp is None and rule.form != "zero":
            check_types(program, "primal")  # refused where it is active
            continue
        if rule.form == "zero":
            check_constant(program)
            check_types(program, "primal")
            continue
        check(program)
        for mode in ("primal", "jvp", "vjp"):
            check_types(program, mode)


DIFFERENTIATED = [r for r in rows() if r.form != "zero" and (r.partials or r.vjp)]


@pytest.mark.parametrize("rule", DIFFERENTIATED, ids=lambda rule: rule.kind)
def test_several_cotangents(rule: Rule, monkeypatch: pytest.MonkeyPatch) -> None:
    program = next(iter(examples(rule)))
    if any(map(np.iscomplexobj, [*program.args, *leaves(program.f(*program.args))])):
        return
    jacobian = s2s.jacrev(program.f, tuple(program.names))
    monkeypatch.setattr(batch, "FEW", 0)
    ours = leaves(jacobian(*program.args))
    monkeypatch.setattr(s2s.jacobian, "several_at_once", lambda *args: None)
    for a, b in zip(ours, leaves(jacobian(*program.args)), strict=True):
        assert a is b is None or np.shape(a) == np.shape(b)
        assert a is b is None or np.allclose(a, b, rtol=1e-12, atol=1e-14)


ELEMENTWISE = [
    rule
    for rule in rows()
    if rule.form == "partials" and ((4,),) * len(rule.on) in argument_shapes(rule)
]


@pytest.mark.parametrize("rule", ELEMENTWISE, ids=lambda rule: rule.kind)
def test_single_precision_stays_single(rule: Rule) -> None:
    text, names = elementwise_text(rule)
    rng = np.random.default_rng(5)
    values = {n: drawn(rng, b, (4,)) for n, b in zip(names, rule.on, strict=True)}
    values = {n: v.astype(np.float32) if is_varied(v) else v for n, v in values.items()}
    program = Program(text, values, [n for n in names if is_varied(values[n])])
    if program.f(*program.args).dtype == np.float32:
        dots = [program.direction(a) for a in program.args]
        value, value_dot = s2s.jvp(program.f, program.args, dots)
        assert value.dtype == value_dot.dtype == np.float32
        bars = s2s.vjp(program.f, *program.args)[1](program.direction(value))
        assert all(bar.dtype == np.float32 for bar in bars)


@pytest.mark.parametrize(
    "rule", [r for r in rows() if r.elementwise], ids=lambda rule: rule.kind
)
def test_elementwise_rows_take_axes_in_front(rule: Rule) -> None:
    rng = np.random.default_rng(5)
    names = [p for p in rule.params if p.required]
    ranges = rule.on or ((1, 5),) * len(names)
    values = [drawn(rng, b, (2, 3)) for b, _ in zip(ranges, names, strict=False)]
    assert len(values) == len(names)
    both = rule.run(*values)
    for k in range(2):
        assert np.array_equal(both[k], rule.run(*(v[k] for v in values)))
    beside = rule.run(values[0], *(v[1] for v in values[1:]))  # the others have no axis
    assert np.array_equal(beside[1], both[1])


# conventions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "x", "slope"),
    [
        ("np.abs(x)", 0.0, 0.0),
        ("np.fabs(x)", 0.0, 0.0),
        ("math.fabs(x)", 0.0, 0.0),
        ("np.absolute(x + 0j)", 0.0, 0.0),
        ("np.sign(x) * x", 0.0, 0.0),
        ("np.hypot(x, 0.0)", 0.0, 0.0),
        ("math.hypot(x, 0.0)", 0.0, 0.0),
        ("np.power(x, 0)", 0.0, 0.0),
        ("np.power(x, 0.0 * x)", 2.0, 0.0),
        ("np.power(0.0, x)", 2.0, 0.0),
        ("math.pow(x, 0.0)", 0.0, 0.0),
        ("math.pow(0.0, x)", 2.0, 0.0),
        ("np.maximum(x, 1.0)", 1.0, 0.0),
        ("np.maximum(1.0, x)", 1.0, 0.0),
        ("np.minimum(x, 1.0)", 1.0, 0.0),
        ("np.maximum(x, x)", 1.0, 1.0),
        ("np.maximum(x, 2.0 * x - 1.0)", 1.0, 1.5),
        ("np.minimum(x, 2.0 * x - 1.0)", 1.0, 1.5),
        ("np.fmax(x, 2.0 * x - 1.0)", 1.0, 1.5),
        ("np.clip(x, 0.0, 1.0)", 0.0, 0.0),
        ("np.clip(x, 0.0, 1.0)", 1.0, 0.0),
        ("np.clip(2.0, 0.0, x)", 2.0, 1.0),
        ("np.sinc(x)", 0.0, 0.0),
        ("np.sqrt(x * x)", 0.5, 1.0),
        ("np.linalg.norm(x * np.ones(3))", 0.0, 0.0),
        ("np.linalg.norm(x * np.ones(3), 1)", 0.0, 0.0),
        ("np.std(x * np.ones(3))", 1.0, 0.0),
        ("np.max(x * np.ones(3))", 1.0, 1.0),
        ("np.max(np.stack([x, 2.0 * x - 1.0, 0.0]))", 1.0, 1.5),
        ("np.min(np.stack([x, 2.0 * x - 1.0, 2.0]))", 1.0, 1.5),
        ("np.prod(np.stack([x, 3.0, 2.0 + x]))", 0.0, 6.0),
        ("np.prod(np.stack([x, x, 2.0]))", 0.0, 0.0),
        ("np.sum(np.cumprod(np.stack([3.0, x, 2.0])))", 0.0, 9.0),
        ("np.where(x > 0.0, np.sqrt(x), 0.0)", 4.0, 0.25),
        ("np.heaviside(x, 2.0) * x", 0.0, 2.0),
    ],
)
def test_convention(text: str, x: float, slope: float) -> None:
    program = Program(text, {"x": x}, ["x"])
    assert s2s.jvp(program.f, [x], [1.0])[1] == slope
    assert s2s.grad(program.f)(x) == slope


def test_fmax_ignores_nan() -> None:
    x, nan = np.array([1.0, np.nan]), np.array([np.nan, 2.0])
    program = Program("np.fmax(x, nan)", {"x": x, "nan": nan}, ["x"])
    np.testing.assert_array_equal(s2s.vjp(program.f, x)[1](np.ones(2))[0], [1.0, 0.0])


def test_infinite_slopes_are_infinite() -> None:
    program = Program("np.sqrt(x)", {"x": 0.0}, ["x"])
    with np.errstate(divide="ignore"):
        assert s2s.grad(program.f)(0.0) == np.inf


def test_equal_extrema_have_equal_shares() -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    program = Program("np.max(x, axis=1)", {"x": x}, ["x"])
    (bar,) = s2s.vjp(program.f, x)[1](np.ones(2))
    np.testing.assert_array_equal(bar, [[0.0, 0.5, 0.5], [1 / 3, 1 / 3, 1 / 3]])


def test_cholesky_reads_the_lower_triangle() -> None:
    x = samples()["m33"] @ samples()["m33"].T
    program = Program("np.linalg.cholesky(x)", {"x": x}, ["x"])
    (bar,) = s2s.vjp(program.f, x)[1](np.ones((3, 3)))
    assert np.all(np.triu(bar, 1) == 0.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("np.linalg.norm(x, 'nuc')", "ord='nuc'"),
        ("np.pad(x, 1, mode='edge')", "'constant'"),
        ("np.pad(x, 1, constant_values=x[0])", "constant_values|by x only"),
        ("np.sign(x + 1j)", "complex"),
        ("np.einsum('ij', x)", "ranks"),
        ("np.concatenate([x, np.eye(3)])", "different ranks"),
        ("math.sin(x)", "not arrays"),
        ("np.diff(x, prepend=x[0])", "prepend"),
        ("sinc_slope(x)", "derivative|tangent"),
        ("product_of_others_jvp(np.ones(3), x, 0)", "derivative|tangent"),
        ("cumprod_hvp(np.ones(3), np.ones(3), x, 0)", "derivative|tangent"),
    ],
)
def test_refusal(text: str, reason: str) -> None:
    x = np.ones(3)
    program = Program(text, {"x": x}, ["x"])
    with pytest.raises(s2s.S2SError, match=reason):
        s2s.vjp(program.f, x)
    with pytest.raises(s2s.S2SError, match=reason):
        s2s.jvp(program.f, [x], [x])
