"""What of Python is in the language: everything else is refused, with a caret.

In: a parsed function. Out: nothing, or an `UnsupportedError` at the first construct, in
the order of the text, that cannot be differentiated.

>>> import linecache
>>> from s2s.parse.source import parse_function
>>> text = "f = lambda x: len({x[i] for i in range(3)})\\n"
>>> linecache.cache["<sum>"] = len(text), None, [text], "<sum>"
>>> scope = {}
>>> exec(compile(text, "<sum>", "exec"), scope)
>>> check_subset(parse_function(scope["f"]))
Traceback (most recent call last):
    ...
s2s.errors.UnsupportedError: <sum>:1:19: set comprehensions are not supported yet
    f = lambda x: len({x[i] for i in range(3)})
                      ^^^^^^^^^^^^^^^^^^^^^^^^
advice: write a `for` loop that accumulates into a name, or use a NumPy function
"""

from __future__ import annotations

from typing import NoReturn

import gast

from s2s.errors import UnsupportedError
from s2s.parse.exits import BREAK, CONTINUE, exits
from s2s.parse.matching import hidden_builtins, unsupported
from s2s.parse.nested import Nested
from s2s.parse.nonlocals import Variable
from s2s.parse.source import Parsed
from s2s.parse.tidy import binds

ALLOWED: tuple[type, ...] = (
    # statements
    gast.Return,
    gast.Assign,
    gast.AugAssign,
    gast.AnnAssign,
    gast.For,
    gast.While,
    gast.If,
    gast.Raise,
    gast.Assert,
    gast.Expr,
    gast.Pass,
    gast.Break,
    gast.Continue,
    gast.With,
    gast.withitem,
    gast.Try,
    gast.ExceptHandler,
    gast.Delete,
    gast.Global,
    gast.Import,
    gast.ImportFrom,
    gast.Match,
    gast.match_case,
    gast.pattern,
    gast.alias,
    # expressions, and what belongs to them
    gast.BoolOp,
    gast.BinOp,
    gast.UnaryOp,
    gast.IfExp,
    gast.Compare,
    gast.Call,
    gast.keyword,
    gast.Constant,
    gast.NamedExpr,
    gast.Attribute,
    gast.Subscript,
    gast.Slice,
    gast.Name,
    Nested,
    Variable,
    gast.List,
    gast.Dict,
    gast.DictComp,
    gast.ListComp,
    gast.GeneratorExp,
    gast.comprehension,
    gast.Tuple,
    gast.Set,
    gast.Starred,
    gast.JoinedStr,
    gast.FormattedValue,
    gast.expr_context,
    gast.boolop,
    gast.operator,
    gast.unaryop,
    gast.cmpop,
)

LOOP = "write a `for` loop that accumulates into a name, or use a NumPy function"
PLAIN = "write it as a plain function"
TOP_LEVEL = "move it out of the differentiated function, to the top of the module"

# node type -> what is refused, and what to do instead
REFUSED: dict[type, tuple[str, str]] = {
    gast.AsyncWith: ("`async with` statements", PLAIN),
    gast.AsyncFor: ("`async for` loops", PLAIN),
    gast.Await: ("`await` expressions", PLAIN),
    gast.Yield: ("`yield` expressions", "return a value instead"),
    gast.YieldFrom: ("`yield from` expressions", "return a value instead"),
    gast.TryStar: (
        "`try` statements",
        "test for the error with `if`, or catch it around the call of the derivative",
    ),
    gast.Nonlocal: (
        "`nonlocal` statements",
        "take the value as an argument and return it",
    ),
    gast.TypeAlias: ("`type` statements", TOP_LEVEL),
    gast.ClassDef: ("classes inside a function", TOP_LEVEL),
    gast.AsyncFunctionDef: ("functions inside a function", TOP_LEVEL),
    gast.SetComp: ("set comprehensions", LOOP),
    gast.TemplateStr: (
        "t-strings",
        "format text outside the differentiated function",
    ),
}

# The same for constructs that a node type alone does not tell.
VARIADIC = "`*args` and `**kwargs` parameters", "name each parameter"
JUMPING_ELSE = (
    "`break` and `continue` in the else of a `while` that binds names by `:=`",
    "bind the names in the body of the loop",
)
CLEAN_UP = (
    "statements other than assignments in `finally`",
    "write them after the `try`",
)
PLAIN_ENDS = gast.Assign, gast.AugAssign, gast.AnnAssign, gast.If, gast.Pass
GENERIC = "type parameters", "leave them out, or use typing.TypeVar"


def check_subset(parsed: Parsed) -> None:
    tree = parsed.tree
    for parameter in tree.type_params:
        refuse(parsed, parameter, GENERIC)
    # Depth first, in the order of the text.
    todo: list[gast.AST] = [*reversed(tree.body)]
    while todo:
        node = todo.pop()
        check_node(parsed, node)
        todo += reversed(parts(node))


def check_parameters(parsed: Parsed) -> None:
    """What is differentiated has one name for each argument; what it calls need not."""
    args = parsed.tree.args
    for parameter in filter(None, (args.vararg, args.kwarg)):
        refuse(parsed, parameter, VARIADIC)


def parts(node: gast.AST) -> list[gast.AST]:
    """The children of a node that are evaluated when the function runs."""
    if isinstance(node, gast.AnnAssign):
        return [node.target, *filter(None, [node.value])]
    return list(gast.iter_child_nodes(node))


def check_node(parsed: Parsed, node: gast.AST) -> None:
    match node:
        case gast.While(test=test, orelse=[first, *_] as orelse) if binds(test):
            if exits(orelse) & {BREAK, CONTINUE}:
                refuse(parsed, first, JUMPING_ELSE)
        case gast.Try(finalbody=[_, *_] as last):
            for inner in (n for s in last for n in gast.walk(s)):
                if isinstance(inner, gast.stmt) and not isinstance(inner, PLAIN_ENDS):
                    refuse(parsed, inner, CLEAN_UP)
        case gast.Match() if hidden := hidden_builtins(parsed):
            what = f"`match` statements where `{min(hidden)}` is another object"
            refuse(parsed, node, (what, "rename it"))
        case gast.pattern() if unsupported(node):
            refuse(parsed, node, (unsupported(node), "write `if` and `elif`"))
        case gast.comprehension(is_async=1):
            refuse(parsed, node.target, ("`async for` loops", PLAIN))
        case _ if not isinstance(node, ALLOWED):
            refuse(parsed, node, REFUSED.get(type(node)))


def refuse(parsed: Parsed, node: gast.AST, why: tuple[str, str] | None) -> NoReturn:
    what, advice = why or (f"constructs of the kind {type(node).__name__}", None)
    raise UnsupportedError(f"{what} are not supported yet", parsed.origin(node), advice)
