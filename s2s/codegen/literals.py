"""Constants as an expert writes them.

In: constants of a tree. Out: the expression that denotes a constant, since there are
no literals for negative numbers and infinities, and the text of strings.

    >>> [ast.unparse(spelled(ast.Constant(value))) for value in (-2.5, 1e999)]
    ['-2.5', "float('inf')"]
    >>> print(number(1e-8), string("it's"), string('a "b"'), string(b"c"))
    1e-8 "it's" 'a "b"' b"c"
"""

from __future__ import annotations

import ast
import math


def spelled(node: ast.Constant) -> ast.expr:
    """The expression that denotes a constant: itself, if it has a literal."""
    value = node.value
    match value:
        case None | bool() | str() | bytes():
            return node
        case int():
            return ast.Constant(int(value)) if value >= 0 else _minus(-int(value))
        case float():
            if not math.isfinite(value):
                return _call("float", ast.Constant(str(float(value))))
            negative = math.copysign(1.0, value) < 0.0
            return _minus(-float(value)) if negative else ast.Constant(float(value))
        case complex():
            parts = ast.Constant(value.real), ast.Constant(value.imag)
            real, imaginary = str(value.real), str(value.imag)
            if real == "0.0" and imaginary[0].isdigit():
                return ast.Constant(complex(value))
            if real == "-0.0" and imaginary[0] == "-" and imaginary[1].isdigit():
                return _minus(-complex(value))
            return _call("complex", *parts)
    if value is ...:
        return node
    raise TypeError(f"no literal denotes {value!r}")


def _minus(value: complex) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(value))


def _call(name: str, *args: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(name, ast.Load()), list(args), [])


def number(value: complex) -> str:
    return repr(value).replace("e+", "e").replace("e-0", "e-")


def string(value: str | bytes, quote: str = "") -> str:
    """A string in the given quotes, or in those that ruff prefers."""
    text = value if isinstance(value, str) else value.decode("latin-1")
    quote = quote or preferred_quote(text)
    prefix = "" if isinstance(value, str) else "b"
    return prefix + quote + escaped(value, quote) + quote


def preferred_quote(text: str) -> str:
    """Double quotes, unless single ones save escapes."""
    return "'" if text.count('"') > text.count("'") else '"'


def escaped(value: str | bytes, quote: str) -> str:
    """What stands between the quotes."""
    # With a double quote in it, repr takes single quotes, and escapes just those.
    if isinstance(value, str):
        text = repr('"' + value)[2:-1]
    else:
        text = repr(b'"' + value)[3:-1]
    return text.replace("\\'", "'").replace(quote, "\\" + quote)
