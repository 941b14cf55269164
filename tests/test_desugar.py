"""The desugared program does the same, and is in the core."""

import inspect
import itertools

import gast
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_parse_source import define

from s2s.errors import UnsupportedError
from s2s.parse.desugar import desugar
from s2s.parse.source import parse_function
from s2s.parse.subset import check_subset

# what the core is ---------------------------------------------------------------------

SIMPLE = gast.Assign | gast.AugAssign | gast.Expr | gast.Raise | gast.Assert


def assert_core(tree):
    assert isinstance(tree, gast.FunctionDef)
    assert isinstance(tree.body[-1], gast.Return)
    assert_core_block(tree.body[:-1])
    for node in gast.walk(tree):
        if "lineno" in node._attributes:
            assert tree.lineno <= node.lineno <= node.end_lineno <= tree.end_lineno


def assert_core_block(block):
    for stmt in block:
        assert not (
            isinstance(stmt, gast.Expr) and isinstance(stmt.value, gast.Constant)
        )
        match stmt:
            case gast.Pass():
                assert block == [stmt]
            case gast.If():
                assert stmt.body
                assert_core_block(stmt.body)
                assert_core_block(stmt.orelse)
            case gast.For() | gast.While():
                assert stmt.body
                assert stmt.orelse == []
                assert_core_block(without_stop(stmt.body))
            case _:
                assert isinstance(stmt, SIMPLE)


def without_stop(body):
    match body:
        case [
            gast.Assign(
                targets=[gast.Name(id=first)], value=gast.Constant(value=False)
            ),
            *_,
            gast.If(test=gast.Name(id=last), body=[gast.Break()], orelse=[]),
        ]:
            assert first == last
            return body[:-1]
    return body


def statements(tree):
    return sum(isinstance(node, gast.stmt) for node in gast.walk(tree))


# running it ---------------------------------------------------------------------------


class OutOfFuel(Exception):
    pass


class Run:
    """What a program does: the calls of `t` and `c` it makes, and how it ends."""

    def __init__(self, fuel=80, answers=()):
        self.trace = []
        self._fuel = fuel
        self._answers = itertools.chain(answers, itertools.cycle([True, False]))

    def t(self, x):
        if len(self.trace) >= self._fuel:
            raise OutOfFuel
        self.trace.append(x)
        return x

    def c(self):
        return self.t(next(self._answers))

    def of(self, fn, args):
        arguments = inspect.signature(fn).bind(*args)
        try:
            result = fn(*arguments.args, **arguments.kwargs)
        except Exception as error:
            return type(error), str(error), self.trace
        return "returned", repr(result), self.trace  # repr: a NaN is not itself


def desugared(fn):
    parsed = parse_function(fn)
    check_subset(parsed)
    before = gast.dump(parsed.tree, include_attributes=True)
    core = desugar(parsed)
    assert gast.dump(parsed.tree, include_attributes=True) == before
    assert_core(core)
    for node in gast.walk(core):
        if "lineno" in node._attributes:
            assert parsed.origin(node).stmt
    assert statements(core) <= 6 * statements(parsed.tree) + 4
    code = compile(gast.gast_to_ast(gast.Module([core], [])), "<core>", "exec")
    scope = dict(parsed.globals)
    exec(code, scope)
    return scope[parsed.name]


def assert_same(fn, *args, **options):
    new = desugared(fn)
    expected = Run(**options)
    found = Run(**options)
    assert found.of(new, [found if a is Run else a for a in args]) == expected.of(
        fn, [expected if a is Run else a for a in args]
    )


# written by hand ----------------------------------------------------------------------

CASES = []


def program(*argument_lists):
    def collect(fn):
        CASES.extend((fn, args) for args in argument_lists)
        return fn

    return collect


@program([2.0], [-2.0])
def only_return(x):
    """A docstring is dropped."""
    pass
    y: float = 2 * x
    z: float  # noqa: F842
    ...
    return y


@program([1.0])
def no_return(x):
    x = x + 1


@program([])
def nothing():
    pass


@program([1.0], [-1.0])
def bare_return(x):
    if x > 0:
        return
    x = 1 / 0


@program([1.0], [-1.0], [float("nan")])
def guard(x):
    if x < 0:
        return -x
    y = x * x
    return y


@program([1.0], [-1.0], [float("nan")])
def guard_in_else(x):
    if x >= 0:
        x = x + 1
    else:
        return 0.0
    return x


@program([1.0], [-1.0])
def all_branches(x):
    if x > 0:
        return 1
    else:
        return 2


@program(*([x] for x in range(5)))
def elif_chain(x):
    if x == 0:
        return "zero"
    elif x == 1:
        x = 5
    elif x == 2:
        return "two"
    elif x == 3:
        raise ValueError("three")
    return x


@program(*([x] for x in range(5)))
def several_guards(x):
    if x == 0:
        return "zero"
    if x == 1:
        return "one"
    x = x * 2
    if x == 4:
        return "four"
    x = x * 2
    return x


@program(*([a, b] for a in (0, 1) for b in (0, 1)))
def nested_guard(a, b):
    if a:
        if b:
            return 1
        a = 10
    else:
        a = 20
    return a


@program(*([a, b, c] for a in (0, 1) for b in (0, 1) for c in (0, 1)))
def nested_guards_on_both_sides(a, b, c):
    if a:
        if b:
            return 1
    else:
        if c:
            return 2
    if b:
        if c:
            return 3
        a = 5
    a = a + 10
    return a


@program(*([a, b] for a in (0, 1) for b in (0, 1)))
def falls_off_the_end(a, b):
    if a:
        if b:
            return 1


@program([1.0], [-1.0])
def code_after_return(x):
    return x
    x = 1 / 0
    return x


@program([1.0], [-1.0])
def code_after_both_branches(x):
    if x > 0:
        return 1
    else:
        raise ValueError(x)
    return 3


@program([])
def only_raises():
    raise ValueError("always")


@program([0], [3])
def plain_for(n):
    s = 0
    for i in range(n):
        s += i
    return s


@program([0], [3])
def empty_loops(n):
    for _ in range(n):
        pass
    while n > 0:
        n -= 1
        continue
    return n


@program([0], [3], [9])
def for_break(n):
    s = 0
    for i in range(n):
        if i == 4:
            break
        s += i
    return s, i


@program([0], [3], [9])
def for_continue(n):
    s = 0
    for i in range(n):
        if i % 2:
            continue
        s += i
    return s


@program([0], [3], [9])
def continue_not(n):
    s = 0
    for i in range(n):
        if not i % 2:
            continue
        s += i
    return s


@program([0], [3], [9])
def for_else(n):
    for i in range(n):
        if i == 4:
            break
    else:
        return "all"
    return "broke"


@program([0], [3], [9])
def for_else_goes_on(n):
    s = 0
    for i in range(n):
        if i == 4:
            break
        s += i
    else:
        s = -s
    s += 100
    return s


@program([0], [3])
def else_without_break(n):
    for i in range(n):
        n += i
    else:
        n = -n
    return n


@program([0], [3], [9])
def return_in_loop(n):
    for i in range(n):
        if i == 4:
            return i
    return -1


@program([0], [3], [9])
def return_and_break_and_continue(n):
    s = 0
    for i in range(n):
        if i == 7:
            return s
        if i == 3:
            continue
        if s == 100:
            break
        s += i
    s = s * 2
    return s


@program(*([n, m] for n in (0, 3, 9) for m in (-1, 2, 7)))
def return_and_break_and_else(n, m):
    for i in range(n):
        if i == m:
            return "found"
        elif i == 5:
            break
    else:
        n = "finished"
    n = n, "after"
    return n


@program([1.0], [2.0])
def while_true(x):
    while True:
        x = x / 2
        if x < 0.1:
            break
    return x


@program([1.0], [2.0])
def while_true_returns(x):
    while True:
        x = x / 2
        if x < 0.1:
            return x


@program([1.0], [2.0])
def while_one_with_else_that_never_runs(x):
    while 1:
        x = x / 2
        if x < 0.1:
            break
    else:
        return "never"
    return x


@program([Run])
def endless(run):
    while True:
        run.t(1)


@program([0], [3], [20])
def while_else(n):
    while n > 0:
        n -= 2
        if n == 10:
            break
    else:
        n = 50
    return n


@program([5.0, 1e-12], [0.0, 1e-12])
def babylonian(a, tol):
    x = 1.0
    for k in range(50):
        if x == 0.0:
            return 0.0, k
        new = 0.5 * (x + a / x)
        if abs(new - x) < tol:
            x = new
            break
        x = new
    return x, k


@program(*([n, m] for n in (0, 2, 5) for m in (0, 2, 5)))
def return_in_nested_loops(n, m):
    for i in range(n):
        for j in range(m):
            if i * j == 6:
                return i, j
    return "none"


@program(*([n, m] for n in (0, 2, 5) for m in (0, 2, 5)))
def return_in_nested_loops_with_code_between(n, m):
    s = 0
    for i in range(n):
        s += 1
        for j in range(m):
            s += 10
            if i * j == 6:
                return s
            if j == 3:
                break
        s += 100
        if s > 300:
            break
    s = -s
    return s


@program(*([n, m] for n in (0, 2, 5) for m in (0, 2, 5)))
def break_and_continue_in_nested_loops(n, m):
    s = []
    for i in range(n):
        if i == 1:
            continue
        for j in range(m):
            if j == 1:
                continue
            if j > i:
                break
            s += [(i, j)]
        else:
            s += ["else"]
            if i == 3:
                break
            continue
        s += ["end"]
    return s


@program(*([n] for n in range(7)))
def nested_continue(n):
    s = []
    for i in range(n):
        if i > 2:
            if i % 2:
                continue
            s += ["even"]
        s += [i]
    return s


@program(*([n] for n in range(9)))
def nested_continue_and_break(n):
    s = []
    for i in range(n):
        if i > 2:
            if i % 2:
                continue
            if i == 6:
                break
        elif i == 1:
            if n == 3:
                return "one"
        s += [i]
        if i > 3:
            if i == 4:
                continue
            s += ["late"]
        s += ["end"]
    s += ["after"]
    return s


@program(*([n] for n in range(9)))
def skip_of_inner_and_outer_loop(n):
    s = []
    for i in range(n):
        if i > 1:
            if i == 3:
                continue
            for j in range(i):
                if j > 0:
                    if j == 2:
                        continue
                    s += [j]
                s += ["j"]
        s += [i]
    return s


@program([3], [0])
def break_in_else_of_inner_loop(n):
    s = []
    for i in range(5):
        for j in range(n):
            s += [j]
        else:
            if i == 2:
                break
        s += [i]
    return s


@program([3], [0])
def unconditional_break(n):
    for i in range(n):
        n = 10 + i
        break
    else:
        n = -1
    return n


@program([3], [0])
def unconditional_return_in_loop(n):
    while n:
        return "first"
    return "none"


@program([3], [0])
def unconditional_continue(n):
    s = 0
    for i in range(n):
        s += i
        continue
        s = 1 / 0
    return s


@program([2], [0])
def inner_loop_that_never_ends(n):
    for i in range(n):
        while True:
            n += 1
            if n > 5:
                return i, n
    return "none"


@program([2], [0], [9])
def inner_endless_loop_and_break_outside(n):
    for i in range(n):
        if i == 5:
            break
        while True:
            n += 1
            if n > 8 + i:
                break
            if n == 4:
                return i, n
        else:
            return "never"
    return i, n


@program([3], [-1])
def value_is_the_users_name(value):
    stop = returned = skip = 0
    for returned2 in range(value):
        if returned2:
            if returned2 == 2:
                continue
            stop += 1
        if stop > 3:
            return stop
        skip += 1
    return value, stop, returned, skip


@program([1], [0])
def bound_in_one_branch(c):
    if c:
        x = 1
    return x


@program([1], [0])
def bound_in_the_branch_that_leaves(c):
    if c:
        x = 1
        return x
    return x


@program([3], [0])
def bound_in_a_loop(n):
    for i in range(n):
        x = i
        if i:
            break
    return i, x


@program([3], [0])
def unbound_value_in_a_return(n):
    for i in range(n):
        if i == 1:
            return late  # noqa: F821
        if i == 2:
            late = 1  # noqa: F841
    return "none"


@program([3])
def read_before_it_is_assigned(n):
    m = CASES  # noqa: F823
    CASES = n  # noqa: F841
    return m


@program([[]], [[1]], [[1, 2]])
def truth_is_asked_for_as_often(x):
    if x:
        pass
    if not x:
        pass
    else:
        x = x[0]
    return x


@program([Run], [Run])
def conditions_run_as_often(run):
    while run.c() and run.c():
        if run.c():
            continue
        elif run.c() or run.c():
            break
        run.t("body")
    else:
        run.t("else")
    if 0 < run.t(2) < run.t(1) < run.t(3):
        return "chain"
    run.t("end")


@program([1, 2], [2, 1])
def defaults_and_kinds(a, /, b, c=3, *, d=(lambda: 4)):
    if a > b:
        return d() + c
    return a


lambda_program = program([3], [-3])(lambda x: x if x > 0 else -x)


@program([4])
def targets_stay(n):
    a = b = n
    (c, [d, e]), g = (a, [b, 1]), 2
    c += d
    for i, (j, k) in [(1, (2, 3))]:
        c += i * j * k
    return a, b, c, d, e, g


@pytest.mark.parametrize(
    ("fn", "args"), CASES, ids=[f"{f.__name__}{a}" for f, a in CASES]
)
def test_the_same_result_and_the_same_trace(fn, args):
    assert_same(fn, *args)


def test_there_are_enough_programs():
    assert len({fn for fn, _ in CASES}) >= 40


# the shape of it ----------------------------------------------------------------------


def core_text(source):
    return gast.unparse(desugar(parse_function(define(source)))).strip() + "\n"


def test_a_last_return_stays_as_it_is():
    source = "def f(x):\n    y = x * x\n    return y + 1\n"
    assert core_text(source) == source


def test_a_guard_becomes_a_branch():
    assert core_text(
        "def f(x):\n    if x < 0:\n        return -x\n    y = x * x\n    return y\n"
    ) == (
        "def f(x):\n"
        "    if x < 0:\n"
        "        value = -x\n"
        "    else:\n"
        "        y = x * x\n"
        "        value = y\n"
        "    return value\n"
    )


def test_break_and_continue():
    assert core_text(
        "def f(x, n):\n"
        "    for i in range(n):\n"
        "        if i == 1:\n"
        "            continue\n"
        "        x = x * i\n"
        "        if x > 9:\n"
        "            break\n"
        "    return x\n"
    ) == (
        "def f(x, n):\n"
        "    for i in range(n):\n"
        "        stop = False\n"
        "        if not i == 1:\n"
        "            x = x * i\n"
        "            if x > 9:\n"
        "                stop = True\n"
        "        if stop:\n"
        "            break\n"
        "    return x\n"
    )


def test_loop_else_with_a_break():
    assert core_text(
        "def f(x, n):\n"
        "    while n > 0:\n"
        "        n -= 1\n"
        "        if x[n]:\n"
        "            break\n"
        "    else:\n"
        "        n = -1\n"
        "    return n\n"
    ) == (
        "def f(x, n):\n"
        "    stop = False\n"
        "    while n > 0:\n"
        "        stop = False\n"
        "        n -= 1\n"
        "        if x[n]:\n"
        "            stop = True\n"
        "        if stop:\n"
        "            break\n"
        "    if not stop:\n"
        "        n = -1\n"
        "    return n\n"
    )


def test_return_and_break_in_nested_loops():
    assert core_text(
        "def f(x, n):\n"
        "    for i in range(n):\n"
        "        for j in range(n):\n"
        "            if x[i] == j:\n"
        "                return i\n"
        "        if i == 5:\n"
        "            break\n"
        "    return -1\n"
    ) == (
        "def f(x, n):\n"
        "    returned = False\n"
        "    for i in range(n):\n"
        "        stop = False\n"
        "        for j in range(n):\n"
        "            returned = False\n"
        "            if x[i] == j:\n"
        "                value = i\n"
        "                returned = True\n"
        "            if returned:\n"
        "                break\n"
        "        if returned:\n"
        "            stop = True\n"
        "        elif i == 5:\n"
        "            stop = True\n"
        "        if stop:\n"
        "            break\n"
        "    if not returned:\n"
        "        value = -1\n"
        "    return value\n"
    )


def test_a_negated_guard_loses_its_not():
    assert core_text(
        "def f(x):\n"
        "    for v in x:\n"
        "        if not v:\n"
        "            continue\n"
        "        print(v)\n"
    ) == (
        "def f(x):\n"
        "    for v in x:\n"
        "        if v:\n"
        "            print(v)\n"
        "    return None\n"
    )


def test_an_endless_loop_needs_no_flag_after_it():
    assert core_text(
        "def f(x):\n"
        "    while True:\n"
        "        x = x / 2\n"
        "        if x < 1:\n"
        "            return x\n"
    ) == (
        "def f(x):\n"
        "    while True:\n"
        "        returned = False\n"
        "        x = x / 2\n"
        "        if x < 1:\n"
        "            value = x\n"
        "            returned = True\n"
        "        if returned:\n"
        "            break\n"
        "    return value\n"
    )


def test_flags_are_set_once_and_tested_alone():
    assert core_text(
        "def f(x, y):\n"
        "    for v in x:\n"
        "        if v > 0:\n"
        "            if v == 1: return v\n"
        "            if v == 2: break\n"
        "        print(v)\n"
        "    for v in y:\n"
        "        return v\n"
        "    return x\n"
    ) == (
        "def f(x, y):\n"
        "    returned = False\n"
        "    for v in x:\n"
        "        stop = False\n"
        "        if v > 0:\n"
        "            if v == 1:\n"
        "                value = v\n"
        "                returned = True\n"
        "                stop = True\n"
        "            elif v == 2:\n"
        "                stop = True\n"
        "        if not stop:\n"
        "            print(v)\n"
        "        if stop:\n"
        "            break\n"
        "    if not returned:\n"
        "        for v in y:\n"
        "            returned = False\n"
        "            value = v\n"
        "            returned = True\n"
        "            if returned:\n"
        "                break\n"
        "        if not returned:\n"
        "            value = x\n"
        "    return value\n"
    )


def test_made_statements_come_from_the_ones_they_stand_for():
    parsed = parse_function(
        define(
            "def f(x, n):\n"
            "    for i in range(n):  # loop\n"
            "        if x:\n"
            "            return i\n"
            "    return n\n"
        )
    )
    first, loop, rest, last = desugar(parsed).body
    header = "for i in range(n):"
    assert [parsed.origin(s).stmt for s in (first, loop, rest)] == [header] * 3
    assert [parsed.origin(s).stmt for s in loop.body] == [header, "if x:", header]
    assert [parsed.origin(s).stmt for s in loop.body[1].body] == ["return i"] * 2
    assert parsed.origin(rest.body[0]).stmt == parsed.origin(last).stmt == "return n"


@pytest.mark.parametrize("jump", ["return k", "break", "continue"])
def test_the_size_grows_linearly(jump):
    def size(n):
        tests = "".join(
            f"        if c[{k}]:\n            if d[{k}]:\n                {jump}\n"
            f"            s += {k}\n"
            for k in range(n)
        )
        source = f"def f(c, d, k):\n    s = 0\n    while s < 9:\n{tests}    return s\n"
        return statements(desugar(parse_function(define(source))))

    sizes = [size(n) for n in (10, 20, 30)]
    assert sizes[1] - sizes[0] == sizes[2] - sizes[1]


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    return x + y\n    y = 1\n",
        "def f(x):\n    y: float\n    return x + y\n",
        "def f(x):\n    while True:\n        if x > y: return x\n    y = 1\n",
    ],
)
def test_a_name_that_only_dead_code_binds_is_not_read_from_the_module(source):
    f = define(source, y=10)
    with pytest.raises(UnboundLocalError):
        f(1)
    with pytest.raises(UnsupportedError, match="`y` never has a value") as info:
        desugar(parse_function(f))
    at = info.value.origin
    assert at.text[at.col : at.end_col] == "y"


# generated ----------------------------------------------------------------------------


@st.composite
def blocks(draw, depth, in_loop):
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        lines += draw(statements_of(depth, in_loop))
    return lines


def indented(lines):
    return [f"    {line}" for line in lines]


@st.composite
def statements_of(draw, depth, in_loop):
    kinds = ["t", "t", "x", "read", "nothing", "return", "raise"]
    kinds += ["break", "continue"] * 2 * in_loop
    kinds += ["if", "if", "if", "else", "else", "elif", "for", "while", "endless"] * (
        depth > 0
    )
    kind = draw(st.sampled_from(kinds))
    k = draw(st.integers(0, 9))

    def body(in_loop=in_loop):
        return indented(draw(blocks(depth - 1, in_loop)))

    def orelse():
        return ["else:", *body()] if draw(st.booleans()) else []

    match kind:
        case "t":
            return [f"run.t({k})"]
        case "x":
            return [f"x{k % 3} = {k}"]
        case "read":
            return [f"run.t(x{k % 3})"]
        case "nothing":
            return [draw(st.sampled_from(["pass", "...", "y: int", "'text'"]))]
        case "return":
            return [
                draw(st.sampled_from([f"return {k}", "return", f"return x{k % 3}"]))
            ]
        case "raise":
            return [f"raise ValueError({k})"]
        case "if":
            return ["if run.c():", *body()]
        case "else":
            return ["if not run.c():", *body(), "else:", *body()]
        case "elif":
            return ["if run.c():", *body(), "elif run.c():", *body(), *orelse()]
        case "for":
            return [f"for i{depth} in range({k % 4}):", *body(True), *orelse()]
        case "while":
            return ["while run.c():", *body(True), *orelse()]
        case "endless":
            return ["while True:", "    run.t(-1)", *body(True), *orelse()]
    return [kind]


@settings(max_examples=100, deadline=None)
@given(
    lines=blocks(depth=4, in_loop=False),
    runs=st.lists(st.lists(st.booleans(), max_size=20), min_size=1, max_size=4),
)
def test_generated_programs_do_the_same(lines, runs):
    # The first lines bind every name, so that only an unlucky path leaves one unbound.
    ends = ["if run.c():", "    x0 = x1 = x2 = 0"]
    source = "\n".join(["def f(run):", *indented(ends + lines)]) + "\n"
    f = define(source)
    new = desugared(f)
    for answers in runs:
        expected, found = Run(answers=answers), Run(answers=answers)
        assert found.of(new, [found]) == expected.of(f, [expected]), source
