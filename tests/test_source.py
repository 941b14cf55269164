"""Printing: a tree's text parses back to the tree and is what ruff would leave."""

from __future__ import annotations

import ast
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import gast
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from s2s.codegen.source import PrintError, blank, comment, to_source


def printed(source: str) -> str:
    return to_source(gast.parse(source).body)


def ruff(command: list[str], text: str, tmp_path: Path) -> str:
    """What ruff has to say against a text, with its default settings."""
    path = tmp_path / "printed.py"
    path.write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--isolated", str(path)],
        capture_output=True,
        text=True,
    )
    return "" if run.returncode == 0 else run.stdout + run.stderr


# One line in, one line out

LINES = {
    # parentheses: just those that are needed
    "y = ((a)*(b+c))": "y = a * (b + c)",
    "y = (a*b)+c": "y = a * b + c",
    "y = (a-b)-c": "y = a - b - c",
    "y = a-(b-c)": "y = a - (b - c)",
    "y = a/(b*c)": "y = a / (b * c)",
    "y = (a@b)@c": "y = a @ b @ c",
    "y = a and (b or c)": "y = a and (b or c)",
    "y = (a and b) or c": "y = a and b or c",
    "y = not (a < b)": "y = not a < b",
    "y = (not a) == b": "y = (not a) == b",
    "y = (a < b) < c": "y = (a < b) < c",
    "y = a < b <= c != d": "y = a < b <= c != d",
    "y = a is not b, a not in b": "y = a is not b, a not in b",
    "y = (a if b else c) + d": "y = (a if b else c) + d",
    "y = a if b else (c if d else e)": "y = a if b else c if d else e",
    "y = (lambda: a)()": "y = (lambda: a)()",
    "y = (a + b).T[(i + 1)]": "y = (a + b).T[i + 1]",
    "y = f((a + b))": "y = f(a + b)",
    "y = [(a + b), (c)]": "y = [a + b, c]",
    "y = {(a + b): (c)}": "y = {a + b: c}",
    "y = [(a + b) for a in (c)]": "y = [a + b for a in c]",
    "y = (1).real": "y = (1).real",
    # powers and signs
    "y = x ** 2": "y = x**2",
    "y = a.b.c ** -d": "y = a.b.c**-d",
    "y = x[i] ** 2": "y = x[i] ** 2",
    "y = f(x) ** 2": "y = f(x) ** 2",
    "y = (x + 1) ** 2": "y = (x + 1) ** 2",
    "y = x ** (a + b)": "y = x ** (a + b)",
    "y = x ** y ** z": "y = x**y**z",
    "y = (x ** y) ** z": "y = (x**y) ** z",
    "y = x ** y ** f(z)": "y = x**y ** f(z)",
    "y = -x ** 2": "y = -(x**2)",
    "y = (-x) ** 2": "y = (-x) ** 2",
    "y = x ** -y ** 2": "y = x ** -(y**2)",
    "y = - - x + + y": "y = --x + +y",
    "y = a - -b": "y = a - -b",
    "y = -a * b": "y = -a * b",
    "y = -(a * b)": "y = -(a * b)",
    "y = ~a & b": "y = ~a & b",
    # subscripts
    "y = u[i+1:]": "y = u[i + 1 :]",
    "y = u[1:-1]": "y = u[1:-1]",
    "y = u[:-n:2]": "y = u[:-n:2]",
    "y = u[:n-1]": "y = u[: n - 1]",
    "y = u[i+1::2]": "y = u[i + 1 :: 2]",
    "y = u[::n+1]": "y = u[:: n + 1]",
    "y = u[lower+k:upper+k:2]": "y = u[lower + k : upper + k : 2]",
    "y = u[a.b:]": "y = u[a.b :]",
    "y = u[:]": "y = u[:]",
    "y = u[i, j]": "y = u[i, j]",
    "y = u[(i, j)]": "y = u[i, j]",
    "y = u[i,]": "y = u[i,]",
    "y = u[..., None, 1:]": "y = u[..., None, 1:]",
    "y = u[(a, b):]": "y = u[(a, b) :]",
    "y = u[[0, 1], :]": "y = u[[0, 1], :]",
    # literals
    "y = 1e-12 + 1e+16 + 1e-08 + .5": "y = 1e-12 + 1e16 + 1e-8 + 0.5",
    "y = 2J": "y = 2j",
    "y = 1e999": 'y = float("inf")',
    "s = 'text'": 's = "text"',
    "s = 'say \"hi\"'": "s = 'say \"hi\"'",
    "s = 'it\\'s \"so\"'": "s = 'it\\'s \"so\"'",
    "s = '\"\\\\\\''": 's = "\\"\\\\\'"',
    "s = b'bytes'": 's = b"bytes"',
    "s = 'a\\nb'": 's = "a\\nb"',
    "s = 'a' 'b'": 's = "ab"',
    "s = f'{x+1!r} {x:>{n}.3f} {{}}'": 's = f"{x + 1!r} {x:>{n}.3f} {{}}"',
    "s = f'{d[\"k\"]} {(1, 2)}'": "s = f\"{d['k']} {(1, 2)}\"",
    "s = f'{ {1: 2} }'": 's = f"{ {1: 2} }"',
    # tuples
    "y = (a, b)": "y = a, b",
    "y = (a,)": "y = (a,)",
    "y = ()": "y = ()",
    "a, b = b, a": "a, b = b, a",
    "(a, (b, *c)), d = e": "(a, (b, *c)), d = e",
    "[a, b] = c": "[a, b] = c",
    "y = (a, b), c": "y = (a, b), c",
    "return (a, b)": "return a, b",
    "return *a, b": "return *a, b",
    # calls and lambdas
    "f(a, *b, k=(1, 2), **c)": "f(a, *b, k=(1, 2), **c)",
    "f(*(a or b), **(a or b))": "f(*(a or b), **a or b)",
    "f(a for a in b if a if b)": "f(a for a in b if a if b)",
    "f((a for a in b), c)": "f((a for a in b), c)",
    "y = lambda: 0": "y = lambda: 0",
    "y = lambda a, /, *b, c=1, **d: (a, b)": "y = lambda a, /, *b, c=1, **d: (a, b)",
    "y = {**a, 'k': lambda x: x}": 'y = {**a, "k": lambda x: x}',
    "y = {a: b for a, b in c}": "y = {a: b for a, b in c}",
    "y = {a for a in b}": "y = {a for a in b}",
    "f((y := 1))": "f((y := 1))",
    # statements
    "a = b = c": "a = b = c",
    "a[i] += b,": "a[i] += (b,)",
    "a @= b": "a @= b",
    "a: int = 3": "a: int = 3",
    "a.b: int": "a.b: int",
    "(a): int = 3": "(a): int = 3",
    "raise ValueError('no') from error": 'raise ValueError("no") from error',
    "raise": "raise",
    "assert a, 'no'": 'assert a, "no"',
    "assert (a, b)": "assert (a, b)",
    "del a, b[0]": "del a, b[0]",
    "global a, b": "global a, b",
    "import numpy as np, math": "import numpy as np, math",
    "from . import a as b": "from . import a as b",
    "from ..a.b import *": "from ..a.b import *",
}


@pytest.mark.parametrize("source", LINES)
def test_line(source: str) -> None:
    assert printed(source) == LINES[source] + "\n"


def test_expected_lines_are_as_ruff_leaves_them(tmp_path: Path) -> None:
    lines = [line for line in LINES.values() if "import" not in line]
    assert not ruff(["format", "--diff"], "\n".join(lines) + "\n", tmp_path)


@pytest.mark.parametrize("line", LINES.values())
def test_expected_line_is_printed_as_it_is(line: str) -> None:
    assert printed(line) == line + "\n"


# Texts that are printed as they are

TEXTS = [
    '''"""A module."""

import numpy as np
from numpy import tanh

LIMIT = 1e-12


def relax_grad(u, k, steps):
    # forward
    u = u.copy()
    u_stack = []
    for t in range(steps):
        for i in range(1, len(u) - 1):
            u_stack.append(u[i])
            u[i] = u[i - 1] * u[i + 1] * k

    # reverse
    u_bar = np.ones_like(u)
    while u_stack:
        u[i] = u_stack.pop()
        if not u[i] > LIMIT:
            break
        elif u[i] == 0.0:
            continue
        else:
            pass
    return u_bar, k_bar
''',
    '''def outer(x: float, *, tol: float = 1e-12, **rest: int) -> tuple[float, ...]:
    """Doc with "quotes".
    And \\\\ a second line.
    """

    @cache
    def inner(y, /, z=None, *args):
        nonlocal x
        return x

    y = inner(x)

    def another():
        import math

        return math.pi

    # between
    return y, another


def after(): ...


if __name__ == "__main__":

    def local():
        try:
            with open(a) as b, c:
                pass
        except (ValueError, KeyError) as error:
            raise
        else:
            x = 1
        finally:
            del x

    for x, (y, z) in local():
        pass
    else:
        while (n := local()) and n:
            if m := n:
                pass
''',
    # too long: brackets first, one step to the right, then one item on each line
    """def value_and_grad_of_a_long_name(
    first_parameter, second_parameter, third_parameter=None
):
    hidden_bar = np.einsum(
        "ij,jk->ik", output_bar, np.transpose(weights_of_the_layer), optimize=True
    )
    result = some_module.some_function(
        first_parameter,
        second_parameter * third_parameter + hidden_bar,
        keyword=np.tanh(third_parameter),
        axis=0,
    )
    u_bar[lower_bound + offset : upper_bound + offset] += (
        d_bar_of_this_step * weights_of_the_layer
    )
    u_bar[lower_bound + offset : upper_bound + offset, first_parameter] = np.sum(
        hidden_bar, axis=0
    )
    return (
        first_parameter_bar,
        second_parameter_bar,
        third_parameter_bar,
        fourth_parameter_bar,
    )


def function_with_very_many_parameters(
    first_parameter,
    second_parameter,
    third_parameter=None,
    *,
    fourth_parameter: float = 1.0,
) -> float:
    return np.sum(first_parameter * second_parameter), np.sum(
        third_parameter * fourth_parameter
    )
""",
    # no brackets of their own: parentheses, operators in front, the loosest first
    """first_parameter_bar += (
    output_bar * np.cos(first_parameter) * second_parameter
    + output_bar * third_parameter**2
    - hidden_bar / (second_parameter - third_parameter) ** 2
)
second_parameter_bar = (
    -first_parameter_bar * second_parameter_bar * third_parameter_bar / fourth_bar
)
fourth_parameter_bar = -np.sum(
    first_parameter_bar * second_parameter_bar * third_parameter_bar, axis=0
)
third_parameter_bar = (
    first_parameter_bar
    if first_parameter > second_parameter and third_parameter < fourth_parameter
    else second_parameter_bar
)
if (
    first_parameter_bar > second_parameter_bar
    and third_parameter_bar < fourth_parameter_bar
    or not converged
):
    assert first_parameter_bar.shape == second_parameter_bar.shape, (
        "the shapes of these two arrays have to be the same one"
    )
    raise ValueError(
        f"shapes {first_parameter_bar.shape} and {second_parameter_bar.shape} differ"
    )
""",
    """update = lambda first_parameter, second_parameter: (
    first_parameter - learning_rate * second_parameter / np.sqrt(moment + 1e-8)
)
table = {
    "first": [first_parameter_bar, second_parameter_bar],
    "second": [value for value in all_the_values_of_this_loop if value is not None],
}
first_parameter_bar, second_parameter_bar, third_parameter_bar = (
    first_parameter_bar,
    second_parameter_bar,
    third_parameter_bar,
)
""",
]


DERIVATIVE = '''"""Derivatives, made by s2s."""

import numpy as np


def babylonian_grad(a, x):
    # forward sweep
    x_stack = []
    while abs(x * x - a) > 1e-12:
        x_stack.append(x)
        if x > 2.0:
            x = 0.5 * (x + a / x)
        else:
            x = x - (x * x - a) / (2.0 * x)

    # reverse sweep
    a_bar = 0.0
    x_bar = 1.0
    while x_stack:
        x = x_stack.pop()
        if x > 2.0:
            # x = 0.5 * (x + a / x)
            t_bar = 0.5 * x_bar
            a_bar += t_bar / x
            x_bar = t_bar - t_bar * a / x**2
        else:
            # x = x - (x * x - a) / (2.0 * x)
            d = 2.0 * x
            n_bar = -x_bar / d
            a_bar -= n_bar
            x_bar += n_bar * 2.0 * x - n_bar * (x * x - a) / d * 2.0
    return a_bar, x_bar


def heat_grad(u, k, steps):
    # forward sweep
    u = u.copy()
    d_stack = []
    for _t in range(steps):
        d = u[2:] - 2.0 * u[1:-1] + u[:-2]
        d_stack.append(d)
        u[1:-1] += k * d

    # reverse sweep
    k_bar = 0.0
    u_bar = 2.0 * u
    for _t in range(steps - 1, -1, -1):
        # u[1:-1] += k * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        d = d_stack.pop()
        k_bar += np.sum(u_bar[1:-1] * d)
        d_bar = k * u_bar[1:-1]
        u_bar[2:] += d_bar
        u_bar[1:-1] -= 2.0 * d_bar
        u_bar[:-2] += d_bar
    return u_bar, k_bar
'''


def marked(source: str) -> list[gast.stmt]:
    """The statements of a source, with markers for its comments and blank lines."""
    lines = source.splitlines()
    for index in reversed(range(len(lines))):
        line = lines[index]
        code = line.lstrip()
        if code.startswith("# "):
            lines[index] = line.replace("# ", "'#") + "'"
        elif not code:
            following = lines[index + 1]
            indent = len(following) - len(following.lstrip())
            lines[index] = " " * indent + "'#blank'"
    tree = gast.parse("\n".join(lines))
    for node in gast.walk(tree):
        for name in "body", "orelse":
            if isinstance(body := getattr(node, name, None), list):
                body[:] = map(as_marker, body)
    return list(tree.body)


def as_marker(node: gast.stmt) -> gast.stmt:
    match node:
        case gast.Expr(value=gast.Constant(value="#blank")):
            return blank()
        case gast.Expr(value=gast.Constant(value=str() as text)) if text[:1] == "#":
            return comment(text[1:])
    return node


@pytest.mark.parametrize("text", TEXTS)
def test_good_text_stays(text: str, tmp_path: Path) -> None:
    assert to_source(marked(text)) == text
    assert not ruff(["format", "--diff"], text, tmp_path)


def test_a_derivative_is_clean(tmp_path: Path) -> None:
    assert to_source(marked(DERIVATIVE)) == DERIVATIVE
    assert not ruff(["format", "--diff"], DERIVATIVE, tmp_path)
    assert not ruff(["check"], DERIVATIVE, tmp_path)


# Markers and blank lines


def test_markers_are_only_printed_where_they_fit(tmp_path: Path) -> None:
    """Blank lines merge with those that a def needs, and vanish at a block's ends."""
    function = gast.parse("def f(x):\n    return x").body[0]
    function.body[:0] = [blank(), comment("first"), blank(), blank()]
    function.body += [blank(), comment("last"), blank()]
    body = [
        blank(),
        comment("header"),
        blank(),
        *gast.parse("import math").body,
        comment("of f\n\nand more"),
        function,
        comment("loose"),
        blank(),
        *gast.parse("y = 1").body,
        blank(),
        comment("of g"),
        *gast.parse("def g(): ...").body,
    ]
    text = to_source(body)
    assert (
        text
        == """\
# header

import math


# of f
#
# and more
def f(x):
    # first

    return x

    # last


# loose

y = 1


# of g
def g(): ...
"""
    )
    assert not ruff(["format", "--diff"], text, tmp_path)


def test_markers_are_no_code() -> None:
    assert to_source([comment("")]) == "#\n"
    tree = gast.parse("if x:\n    y = 1\nelse:\n    if z:\n        y = 2").body
    tree[0].orelse.insert(0, comment("not elif"))
    text = to_source(tree)
    assert "else:\n    # not elif\n    if z:" in text
    assert ast.dump(ast.parse(text)) == ast.dump(
        ast.parse("if x:\n    y = 1\nelif z:\n    y = 2")
    )


def test_long_comments_are_broken() -> None:
    code = "y = " + " + ".join(["some_long_name"] * 6)
    prose = "words " * 20
    tree = gast.parse("for i in x:\n    pass").body
    tree[0].body = [comment(code), comment(prose), *tree[0].body]
    lines = to_source(tree).splitlines()
    assert max(map(len, lines)) <= 88
    assert lines[1:4] == [
        "    # y = (",
        "    #     some_long_name",
        "    #     + some_long_name",
    ]
    assert all(line.startswith("    # words words") for line in lines[9:11])


# Trees that no text was parsed to


def constant(value: object) -> gast.expr:
    return gast.Constant(value, None)


def name(text: str) -> gast.expr:
    return gast.Name(text, gast.Load(), None, None)


@pytest.mark.parametrize(
    ("value", "alone", "power"),
    [
        (-1, "-1", "(-1) ** x"),
        (-0.0, "-0.0", "(-0.0) ** x"),
        (-2.5e-20, "-2.5e-20", "(-2.5e-20) ** x"),
        (float("-inf"), 'float("-inf")', 'float("-inf") ** x'),
        (float("nan"), 'float("nan")', 'float("nan") ** x'),
        (3j, "3j", "3j**x"),
        (1 - 2j, "complex(1.0, -2.0)", "complex(1.0, -2.0) ** x"),
        (np.float64(0.1), "0.1", "0.1**x"),
        (True, "True", "True**x"),
        (None, "None", "None**x"),
        (..., "...", "... ** x"),
        ("a\tb\x00\u20ac", '"a\\tb\\x00\u20ac"', '"a\\tb\\x00\u20ac" ** x'),
    ],
)
def test_constants(value: object, alone: str, power: str) -> None:
    assert to_source([gast.Return(constant(value))]) == f"return {alone}\n"
    tree = gast.BinOp(constant(value), gast.Pow(), name("x"))
    assert to_source([gast.Return(tree)]) == f"return {power}\n"


def test_shared_nodes() -> None:
    """One node in two places gets the parentheses that each place needs."""
    total = gast.BinOp(name("a"), gast.Sub(), name("b"))
    tree = gast.BinOp(total, gast.Sub(), total)
    attribute = gast.Attribute(total, "T", gast.Load())
    text = to_source([gast.Return(tree), gast.Return(attribute), gast.Return(total)])
    assert text == "return a - b - (a - b)\nreturn (a - b).T\nreturn a - b\n"


UNPRINTABLE = {
    "with (a, b): pass": "With",  # would read as two managers
    "class A: pass": "ClassDef",
    "async def f(): pass": "AsyncFunctionDef",
    "match x:\n    case 1: pass": "Match",
}


@pytest.mark.parametrize("source", UNPRINTABLE)
def test_what_cannot_be_printed_is_refused(source: str) -> None:
    tree = gast.parse(source).body
    if "with" in source:
        pair = gast.Tuple([name("a"), name("b")], gast.Load())
        tree[0].items = [gast.withitem(pair, None)]
    function = gast.parse("def f(): pass").body[0]
    function.body = tree
    with pytest.raises(PrintError, match=UNPRINTABLE[source]):
        to_source([function])


def test_constants_without_a_literal_are_refused() -> None:
    with pytest.raises(PrintError, match="no literal denotes"):
        to_source([gast.Return(constant(np.zeros(3)))])


def test_import_warns_of_nothing() -> None:
    code = "import warnings; warnings.simplefilter('error'); import s2s.codegen.source"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


# Random trees

NAMES = ["x", "u", "n_t", "w_bar", "hidden_state", "learning_rate_of_this_step"]
NUMBERS = [0, 1, 2, -1, 0.5, -2.0, 1e-12, 3e20, 2j, float("inf")]
ARITHMETIC = [gast.Add, gast.Sub, gast.Mult, gast.Div, gast.MatMult, gast.Pow]
OPERATORS = [*ARITHMETIC * 2, gast.FloorDiv, gast.Mod, gast.BitAnd, gast.BitOr]
COMPARISONS = [gast.Lt, gast.LtE, gast.Gt, gast.GtE, gast.Eq, gast.NotEq]
SIGNS = [gast.USub, gast.USub, gast.Not, gast.Invert, gast.UAdd]
load = gast.Load()
atoms = st.sampled_from(NAMES * 2).map(name) | st.sampled_from(NUMBERS).map(constant)


@st.composite
def expressions(draw: st.DrawFn, depth: int) -> gast.expr:
    if not depth or draw(st.integers(0, 5)) == 0:
        return draw(atoms)

    def part() -> gast.expr:
        return draw(expressions(depth - 1))

    def some(least: int, most: int) -> list[gast.expr]:
        return [part() for _ in range(draw(st.integers(least, most)))]

    def bound() -> gast.expr | None:
        return part() if draw(st.booleans()) else None

    kind = draw(st.sampled_from(KINDS))
    if kind is gast.BinOp:
        return gast.BinOp(part(), draw(st.sampled_from(OPERATORS))(), part())
    if kind is gast.UnaryOp:
        return gast.UnaryOp(draw(st.sampled_from(SIGNS))(), part())
    if kind is gast.BoolOp:
        return gast.BoolOp(draw(st.sampled_from([gast.And, gast.Or]))(), some(2, 3))
    if kind is gast.Compare:
        return draw(comparisons(depth))
    if kind is gast.Attribute:
        return gast.Attribute(part(), draw(st.sampled_from(["T", "shape"])), load)
    if kind is gast.Call:
        return draw(calls(depth))
    if kind is gast.Subscript:
        indices = [
            gast.Slice(bound(), bound(), bound()) if draw(st.booleans()) else part()
            for _ in range(draw(st.integers(1, 3)))
        ]
        alone = len(indices) == 1 and draw(st.booleans())
        index = indices[0] if alone else gast.Tuple(indices, load)
        return gast.Subscript(part(), index, load)
    if kind is gast.IfExp:
        return gast.IfExp(part(), part(), part())
    if kind is gast.Lambda:
        parameter = gast.Name("t", gast.Param(), None, None)
        arguments = gast.arguments([parameter], [], None, [], [], None, [])
        return gast.Lambda(arguments, part())
    return kind(some(0, 4), load)


KINDS = [*[gast.BinOp] * 5, *[gast.Call] * 3, *[gast.Subscript] * 2, gast.UnaryOp]
KINDS += [gast.BoolOp, gast.Compare, gast.Attribute, gast.IfExp, gast.Lambda]
KINDS += [gast.Tuple, gast.List]


@st.composite
def comparisons(draw: st.DrawFn, depth: int) -> gast.expr:
    operators = draw(st.lists(st.sampled_from(COMPARISONS), min_size=1, max_size=2))
    first, *others = (draw(expressions(depth - 1)) for _ in [None, *operators])
    return gast.Compare(first, [operator() for operator in operators], others)


@st.composite
def calls(draw: st.DrawFn, depth: int) -> gast.expr:
    function = draw(expressions(depth - 1) | st.sampled_from(NAMES).map(name))
    if draw(st.booleans()):
        function = gast.Attribute(function, "sum", load)
    count = draw(st.integers(0, 3))
    named = draw(st.sampled_from([[], [], ["axis"], ["axis", "keepdims"]]))
    args = [draw(expressions(depth - 1)) for _ in range(count)]
    keywords = [gast.keyword(each, draw(expressions(depth - 1))) for each in named]
    return gast.Call(function, args, keywords)


@st.composite
def targets(draw: st.DrawFn) -> gast.expr:
    single = draw(st.sampled_from(NAMES).map(name))
    if draw(st.booleans()):
        single = gast.Subscript(single, draw(expressions(1)), load)
    return gast.Attribute(single, "grad", load) if draw(st.booleans()) else single


@st.composite
def statements(draw: st.DrawFn, depth: int) -> gast.stmt:
    value = draw(expressions(depth))
    target = draw(targets())
    kinds = ["assign", "assign", "pair", "both", "augmented", "call", "return"]
    match draw(st.sampled_from([*kinds, "if", "while", "for", "assert", "raise"])):
        case "assign":
            return gast.Assign([target], value)
        case "pair":
            return gast.Assign([gast.Tuple([target, draw(targets())], load)], value)
        case "both":
            return gast.Assign([target, draw(targets())], value)
        case "augmented":
            return gast.AugAssign(target, draw(st.sampled_from(OPERATORS))(), value)
        case "call":
            return gast.Expr(draw(calls(depth)))
        case "if":
            return gast.If(draw(comparisons(depth)), [gast.Pass()], [])
        case "while":
            return gast.While(draw(comparisons(depth)), [gast.Pass()], [])
        case "for":
            return gast.For(target, value, [gast.Pass()], [], None)
        case "assert":
            return gast.Assert(draw(comparisons(depth)), value)
        case "raise":
            return gast.Raise(draw(calls(depth)), draw(st.none() | atoms))
    return gast.Return(value)


def nested(body: list[gast.stmt], depth: int) -> list[gast.stmt]:
    for _ in range(depth):
        body = [gast.If(name("x"), body, [])]
    return body


def in_function(body: list[gast.stmt]) -> list[gast.stmt]:
    """A function that gives a meaning to every name in its body."""
    header = f"def f({', '.join(NAMES)}):\n    return {', '.join(NAMES)}"
    (function,) = gast.parse(header).body
    function.body[:0] = body
    return [function]


def quick(examples: int) -> settings:
    return settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


@quick(200)
@given(statements(4), st.integers(0, 6))
def test_text_parses_back_to_its_tree(statement: gast.stmt, depth: int) -> None:
    # to_source compares what it prints with the tree, and raises if they differ.
    text = to_source(in_function(nested([statement], depth)))
    assert to_source(gast.parse(text).body) == text


@quick(200)
@given(expressions(3))
def test_every_pair_of_parentheses_is_needed(tree: gast.expr) -> None:
    text = to_source([gast.Expr(gast.List([tree], load))]).strip()
    if "\n" in text or "**" in text:  # ruff wants `-(x**2)`
        return
    parsed = ast.dump(ast.parse(text))
    for start, end in parentheses(text):
        if text[start + 1].isdigit():  # everyone wants `(1).real`
            continue
        without = f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}"
        with suppress(SyntaxError):
            assert ast.dump(ast.parse(without)) != parsed, without


def parentheses(text: str) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    unclosed: list[int] = []
    for index, char in enumerate(text):
        if char == "(":
            unclosed.append(index)
        elif char == ")":
            pairs.append((unclosed.pop(), index))
    return pairs


def test_ruff_leaves_random_text_as_it_is(tmp_path: Path) -> None:
    batch: list[gast.stmt] = []

    @quick(400)
    @given(statements(4), st.integers(0, 6))
    def collect(statement: gast.stmt, depth: int) -> None:
        batch.extend(nested([statement], depth))

    collect()
    text = to_source(in_function(batch))
    assert text.count("\n") > 1000
    assert not ruff(["format", "--diff"], text, tmp_path)
    # What the random trees compute is senseless; this is about how it is written.
    rules = ["--select", "E4,E7,E9,F,W,UP034", "--ignore", "E731"]
    assert not ruff(["check", *rules], text, tmp_path)
