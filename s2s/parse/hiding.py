"""Variables of comprehensions get other names where these mean something outside, too.

In: the tree of a function. Out: the same tree, in which what a comprehension runs over
reads no name that is its own variable: Python evaluates that outside of it.

    [q @ k for q, k in zip(q, k)]   ->   [<q> @ <k> for <q>, <k> in zip(q, k)]
"""

from __future__ import annotations

import gast

from s2s.parse.late import COMPREHENSIONS, Renaming, names_in


def rename_hiding_variables(tree: gast.AST) -> None:
    """Rename the variables of comprehensions that run over names of the same text."""
    for node in gast.walk(tree):
        if isinstance(node, COMPREHENSIONS):
            own = {n for g in node.generators for n in names_in(g.target)}
            if own & names_in(node.generators[0].iter):
                start = f"<{node.lineno}.{node.col_offset}>"
                Renaming({name: f"{start} {name}" for name in own}).inside(node)
