"""Generator functions, and what takes what they yield."""

from __future__ import annotations

from idioms import Idiom

YIELDING = Idiom(
    functions=[
        (("items", ()), "yielded", """
def {f}(xs, a):
    for x in xs:
        yield {s x a}
"""),
        (("items", ()), "yielded", """
def {f}(xs, a):
    for x in xs:
        if {c x a}:
            yield {s x a}
        a = np.sin({s x a})
"""),
        (("items", ()), "yielded", """
def {f}(xs, a):
    for x in xs:
        if x > {l a}:
            yield x * {s x a}
        else:
            a += {s x a}
            yield a
    yield {s a}
"""),
        (((3,), ()), "yielded", """
def {f}(u, a):
    for k in range(len(u)):
        u[k] *= {s a}
        yield u[k] + {s a}
"""),
        (("int", ()), "yielded", """
def {f}(n, a):
    while n > 0:
        yield {s a}
        a = np.sin({s a})
        n -= 1
"""),
        (("items", ()), "yielded", """
def {f}(xs, a):
    yield a
    yield from xs
    yield from [{s a}, {s a}]
"""),
        (("items", ()), "yielded", """
def {f}(xs, a):
    for k, x in enumerate(xs):
        if x * {s a} > 0.9:
            return
        yield {s x a}
        if k == 1:
            break
    else:
        yield {s a}
"""),
        (("Body", ()), "yielded", """
def {f}(o, a):
    for z in o.x:
        o.m += np.sin({s z a})
        yield o.m * z
"""),
        (("items", ()), "pairs", """
def {f}(xs, a):
    last = a
    for x in xs:
        yield last, {s x a last}
        last = x
"""),
        (((2, 3),), "rows", """
def {f}(A):
    for row in A:
        yield row
"""),
        (("items", ()), "yielded", """
def {f}(xs, a):
    def inner(ys):
        for y in ys:
            yield np.sin({s y a})
    yield from inner(xs)
    yield a
"""),
    ],
    numbers=[
        "sum({gen})", "max(z * {s z} for z in {gen})", "list({gen})[-1]",
        "sum(list({gen}))", "[*{gen}][0]", "sorted({gen})[0]",
        "sum({s z} for z in {gen})", "np.sum(np.array(list({gen})))",
        "sum([z * {s z} for z in {gen}])", "next((z * {s z} for z in {gen}), {s})",
        "sum(x * z for x, z in {pairs})", "sum(x * z for x, z in zip({gen}, {gen}))",
        "sum(np.sum(row) * {l} for row in {rows})", "sum(map({fn}, {gen}))",
        "({s} if any({c z} for z in {gen}) else {s})", "len(list({gen})) * {s}",
        "reduce({two}, {gen}, {s})",
    ],
    loops=[
        "{x} in {gen}", "{x} in {gen}", "{i}, {x} in enumerate({gen})",
        "{x}, {y} in zip({gen}, {xs})", "{x}, {y} in {pairs}", "{x} in list({gen})",
        "{x} in islice({gen}, 2)", "{x} in chain({gen}, {gen})",
    ],
    steps=[
        ("ys = list({gen})", {"ys": "grown"}),
        ("ys = [{s x} for x in {gen} if {c x}]", {"ys": "grown"}),
        ("first, *rest = {gen}\n{t} = first + sum(rest)", {}),
        ("for row in {rows}:\n    row *= {s}\n    {a} += row[0]", {}),
        ("for row in {rows}:\n    {a} += np.sum(row * row)", {}),
        ("for z in {gen}:\n    {a} = np.sin({a} + z)\n    {u}[0] *= {s z}", {}),
    ],
)  # fmt: skip
