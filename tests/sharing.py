"""Functions that return what they get, or views of it; arrays with several names."""

from __future__ import annotations

from idioms import Idiom

V, A = (3,), (2, 3)
ALIAS = {"alias": V}
SHARING = Idiom(
    functions=[
        ((V,), V, "\ndef {f}(x):\n    return x\n"),
        ((V,), V, "\ndef {f}(x):\n    return x[::-1]\n"),
        ((V, V), V, """
def {f}(x, y):
    return x if np.sum(x) > np.sum(y) else y
"""),
        ((V, V, "int"), V, """
def {f}(x, y, n):
    if n % 2:
        return x
    return y[:]
"""),
        ((V, ()), V, """
def {f}(x, a):
    x[0] += {s a}
    return x
"""),
        ((V, V), V, """
def {f}(x, y):
    x[:2] = y[1:]
    return y
"""),
        ((V, ()), "mixed", "\ndef {f}(x, a):\n    return {s a}, x\n"),
        ((V, ()), "state", "\ndef {f}(x, a):\n    return {'m': {s a}, 'v': x}\n"),
        ((V, ()), "Body", "\ndef {f}(x, a):\n    return Body({s a}, x)\n"),
        ((A, "int"), V, "\ndef {f}(A, n):\n    return A[n % 2]\n"),
        ((A, ()), None, "\ndef {f}(A, a):\n    A.T[1:] *= {s a}\n"),
        ((A,), V, "\ndef {f}(A):\n    return A.reshape(-1)[1:4]\n"),
        (("Body",), V, "\ndef {f}(o):\n    return o.x\n"),
        (("Body", V), V, """
def {f}(o, x):
    o.x = x
    return x
"""),
        (((), ()), (), "\ndef {f}(z, a):\n    z += {s a}\n    return z\n"),
        ((V, V), None, """
def {f}(x, y):
    x *= {l}
    y += x
"""),
    ],
    numbers=["np.sum({made})", "{made}[0]"],
    steps=[
        ("alias = {made}\nalias[{k}] = {s}", ALIAS),
        ("alias = {made}\n{u}[{k}] *= {s}\n{t} = np.sum(alias * alias)", ALIAS),
        ("alias = {made}\nalias *= {s}\n{t} = {u}[{k}]", ALIAS),
        ("alias = {u}\nalias = alias if {c} else alias.copy()\nalias += {s}", ALIAS),
        ("alias = {u}[::-1]\n{u}[0] = {s}\n{t} = alias[-1] * {s}", ALIAS),
        ("alias, other = {u}, {u}.copy()\nother += alias\nalias *= {s}",
         {**ALIAS, "other": V}),
        ("ms = [{u}, {v}]\n{u}[{k}] = {s}\n{t} = np.sum(ms[0] * ms[1])", {}),
        ("for row in [{u}, {made}]:\n    row *= {s}", {}),
        ("for row in ({u}, {v}):\n    row[{k}] += {s}\n    {a} += row[0]", {}),
        ("e = Body({s}, {u})\n{u}[{k}] *= {s}", {"e": "Body"}),
        ("e = Body({s}, {u})\ne.x[{k}] *= {s}\n{t} = np.sum({u})", {"e": "Body"}),
        ("d1 = {'m': {s}, 'v': {u}}\nd1['v'] += {s}\n{t} = {u}[0]", {"d1": "state"}),
        ("dot = np.array({s})\nspot = dot\ndot += {s}\n{t} = spot * {s}", {"dot": ()}),
        ("dot = np.array({s})\ndot[...] = {s}", {"dot": ()}),
        ("dot = np.array({s})\ndot[()] *= {s}\n{t} = dot * {s}", {"dot": ()}),
        ("dot = np.array({s})\ndot[...] -= {s}\n{t} = dot * dot", {"dot": ()}),
        ("dot = {u}[{k}, ...]\ndot *= {s}\n{t} = {u}[{k}]", {"dot": ()}),
        ("dot = {u}[{k}, ...]\n{u} += {s}\n{t} = dot * {s}", {"dot": ()}),
        ("dot = np.array({s})\nfor z in {xs}:\n    dot += {s z}", {"dot": ()}),
        ("{t} = {s}\n{t} += {l}\ndot = np.array({t})\ndot -= {t}", {"dot": ()}),
    ],
)  # fmt: skip
