"""Every plain Python function with source is found, and nothing else is accepted."""

import functools
import importlib.util
import itertools
import linecache
import math
import os
import pickle
import subprocess
import sys

import gast
import numpy as np
import pytest

from s2s.errors import (
    InternalError,
    Origin,
    S2SError,
    SourceError,
    TypingError,
    UnsupportedError,
)
from s2s.names import Names
from s2s.parse.nested import Shown
from s2s.parse.origins import one_line
from s2s.parse.source import parse_function

_numbers = itertools.count()


def run_cell(source, **scope):
    """Run text as a notebook runs a cell: linecache has it. Gives the names it made."""
    file = f"<cell {next(_numbers)}>"
    linecache.cache[file] = len(source), None, source.splitlines(True), file
    exec(compile(source, file, "exec", dont_inherit=True), scope)
    return scope


def define(source, name="f", **scope):
    return run_cell(source, **scope)[name]


def text_of(fn):
    return gast.unparse(Shown().visit(parse_function(fn).tree)).strip()


def body_of(fn):
    body = Shown().visit(parse_function(fn).tree).body
    return "\n".join(gast.unparse(s).strip() for s in body)


def load_module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# what is found ------------------------------------------------------------------------


def in_this_file(x, n=3, *, scale: float = 2.0):
    """A docstring."""
    assert n > 0, "and an assert, which pytest rewrites"
    return x * n * scale


def test_a_function_of_a_file():
    parsed = parse_function(in_this_file)
    assert parsed.fn is in_this_file
    assert parsed.name == parsed.tree.name == "in_this_file"
    assert isinstance(parsed.tree, gast.FunctionDef)
    assert parsed.file == __file__
    assert parsed.lines[parsed.tree.lineno - 1].startswith("def in_this_file(")
    assert parsed.globals is globals()
    assert parsed.closure == {}
    assert list(parsed.signature.parameters) == ["x", "n", "scale"]
    assert parsed.signature.parameters["n"].default == 3
    assert [type(s) for s in parsed.tree.body] == [gast.Expr, gast.Assert, gast.Return]
    assert parsed.locals == {"x", "n", "scale"} | {
        name for name in parsed.locals if name.startswith("@py_")
    }


def test_a_function_inside_a_function_and_its_closure():
    def outer(k):
        unused = 1.0

        def inner(x):
            y = k * x
            return y

        return inner, unused

    parsed = parse_function(outer(4.0)[0])
    assert {name: c.cell_contents for name, c in parsed.closure.items()} == {"k": 4.0}
    assert parsed.locals == {"x", "y"}
    assert parsed.tree.col_offset == 8
    origin = parsed.origin(parsed.tree.body[0].value)
    assert origin.text[origin.col : origin.end_col] == "k * x"


def test_recursion_inside_a_function():
    def outer():
        def power(x, n):
            return 1.0 if n == 0 else x * power(x, n - 1)

        return power

    assert parse_function(outer()).closure.keys() == {"power"}


def test_exec_in_linecache():
    assert text_of(define("def f(x):\n    return x\n")) == "def f(x):\n    return x"


def test_tabs_continuations_semicolons_and_wide_text():
    f = define(
        "if True:\n\tdef f(x):\n\t\té = 'größe'; y = x + \\\n\t\t\t1.0; return y\n"
    )
    parsed = parse_function(f)
    assert [parsed.origin(s).stmt for s in parsed.tree.body] == [
        "é = 'größe'",
        "y = x + 1.0",
        "return y",
    ]


def test_one_line_def():
    f = define("x = 1; y = 2\ndef f(a): b = a; return b\n")
    assert text_of(f) == "def f(a):\n    b = a\n    return b"


def test_form_feed_and_line_separator_are_not_line_ends():
    f = define("s = 'a\u2028b\x0cc'\n\x0c\ndef f(x):\n    return x + 1\n")
    assert body_of(f) == "return x + 1"


def test_windows_line_ends(tmp_path):
    path = tmp_path / "dos.py"
    path.write_bytes(b"\xef\xbb\xbfdef f(x):\r\n    y = x\r\n    return y\r\n")
    parsed = parse_function(load_module(path).f)
    assert parsed.origin(parsed.tree.body[0]).text == "    y = x"


def test_decorators_are_dropped():
    f = define(
        "def same(*_):\n"
        "    return lambda g: g\n"
        "\n"
        "@same(\n"
        "    1,\n"
        "    lambda x: x)\n"
        "@same()\n"
        "# a comment\n"
        "def f(x):\n"
        "    return 2 * x\n"
    )
    parsed = parse_function(f)
    assert text_of(f) == "def f(x):\n    return 2 * x"
    assert parsed.origin(parsed.tree).stmt == "def f(x):"
    assert parsed.tree.lineno == 9


def test_annotations_stay():
    f = define(
        "from __future__ import annotations\ndef f(x: Missing) -> Too: return x\n"
    )
    assert text_of(f) == "def f(x: Missing) -> Too:\n    return x"


def test_the_last_of_several_definitions_of_one_name():
    scope = run_cell(
        "def f(x): return 1\n"
        "first = f\n"
        "if True:\n    def f(x): return 2\n"
        "else:\n    def f(x): return 3\n"
    )
    assert body_of(scope["first"]) == "return 1"
    assert body_of(scope["f"]) == "return 2"


def test_a_function_in_a_class_body():
    f = define(
        "class A:\n    def f(x):\n        return x\n    @staticmethod\n"
        "    def g(x):\n        return 2 * x\n",
        "A",
    )
    assert body_of(f.f) == "return x"
    assert body_of(f.g) == "return 2 * x"


def test_default_argument_changed_later():
    def f(x, k=2):
        return x * k

    f.__defaults__ = (5,)
    assert parse_function(f).signature.parameters["k"].default == 5


def test_warnings_of_the_compiler_are_not_given_twice():
    with pytest.warns(
        SyntaxWarning if sys.version_info >= (3, 12) else DeprecationWarning
    ):
        f = define("def f(x):\n    '\\d'\n    return x\n")
    assert body_of(f).endswith("return x")  # no second warning: they are errors here


# lambdas ------------------------------------------------------------------------------


def test_lambda_takes_the_assigned_name():
    assert text_of(define("f = lambda x: x * x\n")) == "def f(x):\n    return x * x"
    assert parse_function(define("f: object = lambda x: x\n")).name == "f"
    assert parse_function(define("g = h = lambda x: x\n", "h")).name == "g"
    assert parse_function(define("f = [lambda x: x][0]\n")).name == "function"


def test_lambdas_on_one_line():
    fs = define(
        "fs = [lambda x: x + 1, lambda x: x + 2, lambda y: y, lambda x: x]\n", "fs"
    )
    assert [body_of(f) for f in fs] == [
        "return x + 1",
        "return x + 2",
        "return y",
        "return x",
    ]


def test_lambdas_on_one_line_after_wide_text():
    fs = define("fs = ['größe→数', lambda x: x * 1, lambda x: x * 2]\n", "fs")
    parsed = [parse_function(f) for f in fs[1:]]
    assert [body_of(f) for f in fs[1:]] == ["return x * 1", "return x * 2"]
    origins = [p.origin(p.tree.body[0]) for p in parsed]
    assert [o.text[o.col : o.end_col] for o in origins] == ["x * 1", "x * 2"]


def test_constant_lambdas_on_one_line():
    fs = define(
        "fs = [lambda x: 1.0, lambda x: 2.0, lambda x: -0.0, lambda x: 0.0]\n", "fs"
    )
    assert [body_of(f) for f in fs] == [
        "return 1.0",
        "return 2.0",
        "return -0.0",
        "return 0.0",
    ]


def test_equal_lambdas_on_one_line_share_their_text_but_not_their_closures():
    make = define("def make(ks): return [(lambda x: k * x) for k in ks]\n", "make")
    closures = [parse_function(f).closure["k"].cell_contents for f in make([1, 2])]
    assert closures == [2, 2]
    pair = define(
        "def pair(k, l): return [lambda x: k * x, lambda x: l * x, lambda x: k * x]\n",
        "pair",
    )(3, 4)
    assert [body_of(f) for f in pair] == [
        "return k * x",
        "return l * x",
        "return k * x",
    ]
    assert [list(parse_function(f).closure) for f in pair] == [["k"], ["l"], ["k"]]


def test_lambdas_inside_lambdas():
    outer = define("f = lambda x: lambda y: lambda z: x * y * z\n")
    assert body_of(outer) == "return lambda y: lambda z: x * y * z"
    assert body_of(outer(1)) == "return lambda z: x * y * z"
    assert body_of(outer(1)(2)) == "return x * y * z"


def test_identical_lambdas_on_several_lines():
    fs = define(
        "fs = [\n    lambda x: x,\n    lambda x: x,\n    lambda x: x,\n]\n", "fs"
    )
    assert [parse_function(f).tree.lineno for f in fs] == [2, 3, 4]


def test_lambda_over_several_lines_in_a_call():
    f = define(
        "def call(a, b, *, key): return key\n"
        "f = call(\n"
        "    lambda: 0,\n"
        "    1,\n"
        "    key=lambda x, k=(lambda: 2): (\n"
        "        x +  # one\n"
        "        k()\n"
        "    ),\n"
        ")\n"
    )
    parsed = parse_function(f)
    assert body_of(f) == "return x + k()"
    assert parsed.origin(parsed.tree.body[0]).stmt == "return x + k()"
    assert parsed.origin(parsed.tree).stmt == "lambda x, k=(lambda: 2):"


def test_lambdas_in_defaults_and_decorators():
    scope = run_cell(
        "kept = []\n"
        "def keep(h):\n"
        "    kept.append(h)\n"
        "    return lambda g: g\n"
        "@keep(lambda x: x + 1)\n"
        "def f(x, h=lambda x: x + 2, *, k=lambda x: x + 3): return h(k(x))\n"
    )
    f = scope["f"]
    hs = [scope["kept"][0], f.__defaults__[0], f.__kwdefaults__["k"]]
    assert [body_of(h) for h in hs] == ["return x + 1", "return x + 2", "return x + 3"]
    assert body_of(f) == "return h(k(x))"


def test_lambda_in_its_own_lambdas_default():
    f = define("f = lambda x, g=lambda x: x: x\n")
    assert text_of(f) == "def f(x, g=lambda x: x):\n    return x"
    assert text_of(f.__defaults__[0]) == "def function(x):\n    return x"


def test_lambdas_in_comprehensions_and_classes():
    fs = define("fs = [lambda x: x * i for i in range(2) if (lambda: i)() < 9]\n", "fs")
    assert body_of(fs[0]) == "return x * i"
    g = define("class A:\n    g = lambda x: x + 1\n", "A").g
    assert text_of(g) == "def g(x):\n    return x + 1"


def test_without_columns_ambiguous_lambdas_still_differ(tmp_path):
    path = tmp_path / "plain.py"
    path.write_text(
        "import gast\n"
        "from s2s.parse.source import parse_function\n"
        "fs = [lambda x: x + 1, lambda x: x - 1]\n"
        "for f in fs:\n"
        "    print(gast.unparse(parse_function(f).tree.body[0]).strip())\n"
    )
    command = [sys.executable, "-X", "no_debug_ranges", str(path)]
    out = subprocess.run(
        command, capture_output=True, text=True, check=True, env=environment()
    )
    assert out.stdout.split("\n") == ["return x + 1", "return x - 1", ""]


def environment():
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


# what is refused ----------------------------------------------------------------------


class Affine:
    def __init__(self, k):
        self.k = k

    def method(self, x):
        return self.k * x

    def __call__(self, x):
        return self.k * x


def wrapped(g):
    @functools.wraps(g)
    def wrapper(x):
        return g(x) + 1

    return wrapper


@wrapped
def decorated(x):
    return x


@functools.lru_cache
def cached(x):
    return x


REFUSED = [
    (math.sin, UnsupportedError, "`sin` is a built-in function"),
    (np.sin, UnsupportedError, "`sin` is an object of type ufunc"),
    ([].append, UnsupportedError, "`append` is a built-in function"),
    (str.upper, UnsupportedError, "`upper` is a built-in method"),
    (int.__add__, UnsupportedError, "`__add__` is a built-in function"),
    ((1).__add__, UnsupportedError, "`__add__` is a built-in function"),
    (Affine, UnsupportedError, "`Affine` is a class"),
    (int, UnsupportedError, "`int` is a class"),
    (Affine(1).method, UnsupportedError, "`method` is a bound method"),
    (Affine(1), UnsupportedError, "is an object of type Affine, not a function"),
    (functools.partial(in_this_file, n=1), UnsupportedError, "is a functools.partial"),
    (np.vectorize(in_this_file), UnsupportedError, "is an object of type vectorize"),
    (cached, UnsupportedError, "is an object of type _lru_cache_wrapper"),
    (decorated, UnsupportedError, "`decorated` is wrapped by a decorator"),
    (3.0, TypingError, "a function is needed, not 3.0 (float)"),
    (None, TypingError, "a function is needed, not None (NoneType)"),
]


@pytest.mark.parametrize(
    ("fn", "error", "message"), REFUSED, ids=lambda v: getattr(v, "__name__", None)
)
def test_what_is_not_a_plain_function_is_refused(fn, error, message):
    with pytest.raises(error) as info:
        parse_function(fn)
    assert message in info.value.message
    assert info.value.advice or error is TypingError
    assert error is not TypingError or isinstance(info.value, TypeError)


def test_the_function_inside_a_wrapper_is_accepted():
    assert body_of(decorated.__wrapped__) == "return x"
    assert body_of(cached.__wrapped__) == "return x"


def test_generators_and_async_functions_are_refused():
    def generator(x):
        y = yield x
        return y

    async def coroutine(x):
        return x

    async def both(x):
        yield x

    with pytest.raises(UnsupportedError, match="`generator` is a generator") as info:
        parse_function(generator)
    assert info.value.origin.stmt == "y = yield x"
    with pytest.raises(UnsupportedError, match="`coroutine` is an async") as info:
        parse_function(coroutine)
    assert info.value.origin.stmt == "async def coroutine(x):"
    with pytest.raises(UnsupportedError, match="`both` is an async"):
        parse_function(both)
    with pytest.raises(UnsupportedError, match="`function` is a generator"):
        parse_function((lambda x: (yield x),)[0])


def test_no_source():
    scope = {}
    exec("def f(x): return x", scope)
    with pytest.raises(SourceError) as info:
        parse_function(scope["f"])
    assert str(info.value) == (
        "the source of `f` is not available (it was defined in <string>)\n"
        "advice: define it in a file or in a notebook cell"
    )


BEFORE = (
    "import math\n\n\ndef f(x):\n    return x * math.sin(x)\n\n\ng = lambda x: x + 1\n"
)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace("sin", "cos"),
        BEFORE.replace("x * math", "x + math"),
        BEFORE.replace("def f(x)", "def f(y)"),
        BEFORE.replace("def f(x)", "def f(x, y)"),
        BEFORE.replace("def f(x)", "def h(x)"),
        "\n" + BEFORE,
        "",
        "def f(:\n",
    ],
)
def test_a_file_that_changed_after_it_was_loaded(tmp_path, after):
    path = tmp_path / "stale.py"
    path.write_text(BEFORE)
    module = load_module(path)
    assert body_of(module.f) == "return x * math.sin(x)"
    path.write_text(after + "# longer\n")
    with pytest.raises(SourceError, match="was changed after it was loaded") as info:
        parse_function(module.f)
    assert "importlib.reload" in info.value.advice


def test_a_change_elsewhere_in_the_file_does_no_harm(tmp_path):
    path = tmp_path / "grown.py"
    path.write_text(BEFORE)
    module = load_module(path)
    path.write_text(BEFORE.replace("g = lambda x: x + 1", "g = lambda x: x + 22"))
    assert body_of(module.f) == "return x * math.sin(x)"
    with pytest.raises(SourceError, match="`<lambda>` is not what stands in"):
        parse_function(module.g)


def test_a_cell_that_was_run_again():
    file = "<cell again>"

    def run(source):
        linecache.cache[file] = len(source), None, [source], file
        scope = {}
        exec(compile(source, file, "exec"), scope)
        return scope["f"]

    old = run("def f(x): return x + 1\n")
    new = run("def f(x): return x + 2\n")
    assert body_of(new) == "return x + 2"
    with pytest.raises(SourceError):
        parse_function(old)


# origins, errors and names ------------------------------------------------------------


def test_origin_of_expressions_and_statements():
    parsed = parse_function(
        define(
            "def f(x,\n"
            "      n=3):  # header\n"
            "    if (x >\n"
            "            2.0):  # far\n"
            "        y = x\n"
            "    elif x < {1: 2}[1]: y = -x  # near\n"
            "    else:\n"
            "        for i in range(n): y = np.dot(  # product\n"
            "            x,\n"
            "\n"
            "            'a # b',\n"
            "        )\n"
            "    return y\n"
        )
    )
    branch = parsed.tree.body[0]
    loop = branch.orelse[0].orelse[0]
    assert parsed.origin(parsed.tree).stmt == "def f(x, n=3):"
    assert parsed.origin(parsed.tree.args.defaults[0]).stmt == "def f(x, n=3):"
    assert parsed.origin(branch.test).stmt == "if (x > 2.0):"
    assert parsed.origin(branch.orelse[0]).stmt == "elif x < {1: 2}[1]:"
    assert parsed.origin(branch.orelse[0].body[0].value).stmt == "y = -x"
    assert parsed.origin(loop.iter).stmt == "for i in range(n):"
    assert parsed.origin(loop.body[0].value.args[1]) == Origin(
        file=parsed.file,
        line=11,
        col=12,
        end_line=11,
        end_col=19,
        text="            'a # b',",
        stmt="y = np.dot(x, 'a # b')",
        stmt_line=8,
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = (1,\n)", "x = (1,)"),
        ("x = (1,\n2,\n)", "x = (1, 2)"),
        ("x = f(\n    a,\n)(\n    b,\n)", "x = f(a)(b)"),
        ("return(\n    a,\n)", "return(a,)"),
        ("y = (x\n     .sum()\n     .mean())", "y = (x.sum().mean())"),
        ("x = a[1:, \\\n  2]", "x = a[1:, 2]"),
        ("x   =  'a   b'", "x = 'a   b'"),
        ("s = '''a\n  b'''", "s = '''a\\n  b'''"),
        ("s = f'{x!r:>{n}} {{y}}'  # note", "s = f'{x!r:>{n}} {{y}}'"),
        ("é = 'größe' ; ", "é = 'größe' ;"),
    ],
)
def test_statements_on_one_line(source, expected):
    assert one_line(source) == expected


CARETS = [
    (
        "\tdef f(x):\n\t\ty = x +\tsum(x)\n",
        "sum(x)",
        "    y = x +    sum(x)\n               ^^^^^^",
    ),
    (
        "def f(x):\n    größe = '数é' + x\n",
        "+ x",
        "    größe = '数é' + x\n                  ^^^",
    ),
    (
        "def f(x):\n    y = g(x,\n          1)  \n",
        "g(x,\n          1)",
        "    y = g(x,\n        ^^^^",
    ),
]


@pytest.mark.parametrize(("source", "part", "expected"), CARETS)
def test_carets_stand_under_what_is_meant(source, part, expected):
    lines = source.split("\n")
    start = source.index(part)
    line = source.count("\n", 0, start) + 1
    col = start - (source.rfind("\n", 0, start) + 1)
    end_line = line + part.count("\n")
    end_col = len(part) - part.rfind("\n") - 1 if "\n" in part else col + len(part)
    origin = Origin("f.py", line, col, end_line, end_col, lines[line - 1], "", line)
    assert origin.excerpt() == expected
    assert (
        str(UnsupportedError("no", origin)) == f"f.py:{line}:{col + 1}: no\n{expected}"
    )


def test_errors_without_a_place_and_through_pickle():
    assert str(InternalError("broken")) == "broken"
    assert str(SourceError("gone", advice="look")) == "gone\nadvice: look"
    error = pickle.loads(pickle.dumps(TypingError("bad", None, "be good")))
    assert (error.message, error.advice) == ("bad", "be good")
    for kind in (SourceError, UnsupportedError, TypingError, InternalError):
        assert issubclass(kind, S2SError)
    assert issubclass(TypingError, TypeError)


def test_fresh_names_are_free_deterministic_and_hide_nothing():
    names = Names(["x", "y2"])
    assert [names.fresh("y") for _ in range(3)] == ["y", "y3", "y4"]
    assert [names.fresh(h) for h in ("x", "sum", "is", "None")] == [
        "x2",
        "sum2",
        "is2",
        "None2",
    ]
    names.reserve("z")
    assert names.fresh("z") == "z2"
    assert Names().fresh("z") == "z"
