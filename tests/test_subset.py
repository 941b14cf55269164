"""What is not in the language is refused, each with its line, caret and advice."""

import sys
import textwrap

import pytest
from test_parse_source import define

from s2s.errors import UnsupportedError
from s2s.parse.source import parse_function
from s2s.parse.subset import check_subset

LOOP = "write a `for` loop that accumulates into a name, or use a NumPy function"
TOP_LEVEL = "move it out of the differentiated function, to the top of the module"
PLAIN = "write it as a plain function"

# The function, and the whole message, in which FILE stands for the name of the file.
REFUSED = {
    "print in finally": """
        def f(x):
            try:
                x = 1 / x
            finally:
                x = 2 * x
                print(x)
            return x
        ----
        FILE:6:9: statements other than assignments in `finally` are not supported yet
            print(x)
            ^^^^^^^^
        advice: write them after the `try`
        """,
    "except*": """
        def f(x):
            try:
                x = 1 / x
            except* ValueError:
                pass
            return x
        ----
        FILE:2:5: `try` statements are not supported yet
            try:
            ^^^^
        advice: test for the error with `if`, or catch it around the call of the \
derivative
        """,
    "pattern of a dict": """
        def f(x, kind):
            match kind:
                case {"a": y, **rest}: return x * y
            return -x
        ----
        FILE:3:14: patterns of dicts with `**rest` are not supported yet
            case {"a": y, **rest}: return x * y
                 ^^^^^^^^^^^^^^^^
        advice: write `if` and `elif`
        """,
    "alternatives that bind": """
        def f(x, kind):
            match kind:
                case (y, 0) | (0, y): return x * y
            return -x
        ----
        FILE:3:14: alternative patterns that bind names are not supported yet
            case (y, 0) | (0, y): return x * y
                 ^^^^^^^^^^^^^^^
        advice: write `if` and `elif`
        """,
    "match where len is another object": """
        len = 3
        def f(x, p):
            match p:
                case (y, z): return x * y
            return -x
        ----
        FILE:3:5: `match` statements where `len` is another object are not supported yet
            match p:
            ^^^^^^^^
        advice: rename it
        """,
    "nonlocal": """
        def make():
            n = 0
            def f(x):
                nonlocal n
                n = n + 1
                return x
            return f
        f = make()
        ----
        FILE:4:9: `nonlocal` statements are not supported yet
            nonlocal n
            ^^^^^^^^^^
        advice: take the value as an argument and return it
        """,
    "class": f"""
        def f(x):
            class A: y = x
            return A.y
        ----
        FILE:2:5: classes inside a function are not supported yet
            class A: y = x
            ^^^^^^^^^^^^^^
        advice: {TOP_LEVEL}
        """,
    "nested async def": f"""
        def f(x):
            async def g(y): return y
            return x
        ----
        FILE:2:5: functions inside a function are not supported yet
            async def g(y): return y
            ^^^^^^^^^^^^^^^^^^^^^^^^
        advice: {TOP_LEVEL}
        """,
    "jump in the else of a while with a walrus": """
        def f(x):
            for i in range(3):
                while (y := x * x) > 1.0:
                    x = y / 2
                else:
                    continue
            return x
        ----
        FILE:6:13: `break` and `continue` in the else of a `while` that binds names by \
`:=` are not supported yet
            continue
            ^^^^^^^^
        advice: bind the names in the body of the loop
        """,
    "set comprehension": f"""
        def f(x):
            return len({{a for a in x}})
        ----
        FILE:2:16: set comprehensions are not supported yet
            return len({{a for a in x}})
                       ^^^^^^^^^^^^^^
        advice: {LOOP}
        """,
    "deep inside": """
        def f(x, n):
            while True:
                for i in range(n):
                    if x > i:
                        pass
                    elif x < (yes if x[0][
                            {1 for _ in x}] else no):
                        return x
        ----
        FILE:7:21: set comprehensions are not supported yet
            {1 for _ in x}] else no):
            ^^^^^^^^^^^^^^
        advice: write a `for` loop that accumulates into a name, or use a NumPy function
        """,
    "the first of several": """
        def f(x):
            y = (1, [2, {3 for _ in x}], lambda: 4)
            del y
        ----
        FILE:2:17: set comprehensions are not supported yet
            y = (1, [2, {3 for _ in x}], lambda: 4)
                        ^^^^^^^^^^^^^^
        advice: write a `for` loop that accumulates into a name, or use a NumPy function
        """,
}
SINCE_3_12 = {
    "type alias": f"""
        def f(x):
            type A = int
            return x
        ----
        FILE:2:5: `type` statements are not supported yet
            type A = int
            ^^^^^^^^^^^^
        advice: {TOP_LEVEL}
        """,
    "type parameters": """
        def f[T](x: T) -> T:
            return x
        ----
        FILE:1:7: type parameters are not supported yet
            def f[T](x: T) -> T:
                  ^
        advice: leave them out, or use typing.TypeVar
        """,
}
if sys.version_info >= (3, 12):
    REFUSED |= SINCE_3_12


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_refused_with_the_whole_message(text):
    source, message = textwrap.dedent(text).lstrip("\n").split("----\n")
    parsed = parse_function(define(source))
    with pytest.raises(UnsupportedError) as info:
        check_subset(parsed)
    assert str(info.value) == message.rstrip("\n").replace("FILE", parsed.file)


ACCEPTED = {
    "parameters": """
        def f(a, /, b: float = 2.0, *, c=lambda x: x, d: "anything" = {}) -> {1: 2}:
            return a
        """,
    "assignments": """
        def f(x):
            a = b = x
            (c, [d, e]), g = a, b
            a += c
            h: float = a
            i: dict[str, {1}]
            (j): int = 3
            return a, b, [c, d]
        """,
    "expressions": """
        def f(x):
            y = x[0], x[..., None, 1:-1:2], x.T.shape, x @ x, -x, +x, ~x, not x
            z = x < y <= 3 != 4 and x is None or x not in (1, 2)
            return (x if z else y), np.sum(x, axis=0), 1j, "text", b"x", True
        """,
    "control flow": """
        def f(x, n):
            '''A docstring.'''
            for i, (a, b) in enumerate(x):
                if i > n:
                    break
                elif i:
                    continue
                else:
                    pass
            else:
                return x
            while x > 0:
                x -= 1
            else:
                x = 1
            ...
            "a comment"
            return
        """,
    "messages": """
        def f(x):
            assert x > 0, f"{x} is {'small'!r:>{3}}"
            print(x, f"{x:.3f}", sep=f"{x}")
            if x > 2:
                raise ValueError(f"{x}", (f"{x}",)) from None
            raise
        """,
    "decorators": """
        @(lambda g: g)
        def f(x):
            return x
        """,
    "a lambda": "f = lambda x, *, y=(lambda: 1): x if x > 0 else y",
}


@pytest.mark.parametrize("source", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_accepted(source):
    assert check_subset(parse_function(define(textwrap.dedent(source)))) is None


def test_a_long_sum_is_accepted_and_an_endless_one_refused():
    source = "def f(x):\n    return {}\n"
    assert (
        check_subset(parse_function(define(source.format("x + " * 99 + "x")))) is None
    )
    with pytest.raises(UnsupportedError, match="nested too deeply"):
        parse_function(define(source.format("x + " * 499 + "x")))
