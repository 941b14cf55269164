"""Arrays in objects, lists and dicts, which other names show; copies of those."""

from __future__ import annotations

from idioms import Idiom

E, CELL = {"e": "Body"}, {"cell": "Cell"}
GROWN = {"ys": "grown"}
HOLDING = Idiom(
    functions=[
        (("Body", (3,)), None, "\ndef {f}(o, x):\n    o.x = x\n    o.m += {s}\n"),
        (("Body", "Body"), "Body", """
def {f}(o, e):
    return o if o.m > e.m else e
"""),
        (("Body", ()), "Body", """
def {f}(o, a):
    o.m *= {s a}
    return o
"""),
        (("Body", ()), (), """
def {f}(o, a):
    o.x[0] = {s a}
    return o.m * o.x[1]
"""),
        (("state", ()), None, """
def {f}(d, a):
    d["v"][1:] *= {s a}
    d["m"] = {s a}
"""),
        (("state",), (3,), "\ndef {f}(d):\n    return d['v']\n"),
    ],
    numbers=["{o}.m * {o}.x[{k}]", "{o}.energy()"],
    steps=[
        ("{o}.x = {u}\n{u}[{k}] *= {s}", {}),
        ("{o}.x = {u}\n{u} = {u} * {s}", {}),
        ("{o}.x = {u}.copy()\n{u}[{k}] *= {s}", {}),
        ("{o}.x, shown = {v}, {o}.x\nshown[{k}] = {s}", {"shown": (3,)}),
        ("shown = {o}.x\n{o}.x += {s}\n{t} = np.sum(shown)", {"shown": (3,)}),
        ("shown = {o}.x\n{o}.push({s})\nshown *= {s}", {"shown": (3,)}),
        ("shown = {o}.shift({v}).x\nshown[0] = {s}", {"shown": (3,)}),
        ("e = {o}\ne.m *= {s}\n{t} = {o}.m", E),
        ("e = {body}\ne.x[{k}] = {s}\n{t} = e.m * e.x[0]", E),
        ("e = copy.copy({o})\ne.x *= {s}\ne.m = {s}\n{t} = {o}.m", E),
        ("e = copy.deepcopy({o})\ne.x *= {s}\n{o}.x[0] = {s}", E),
        ("e = dataclasses.replace({o}, m={s})\ne.x[{k}] *= {s}\n{t} = {o}.energy()", E),
        ("e = Body({s}, {o}.x)\ne.x += {s}\n{t} = {o}.x[0]", E),
        ("e = Body({s}, {o}.x[::-1])\ne.x[0] = {s}\n{t} = {o}.x[2]", E),
        ("cell = Cell({o}, {s})\n{t} = cell.swell({s})\n{o}.m += {s}", CELL),
        ("cell = Cell({o}, {s})\ncell.body.x[{k}] *= {s}", CELL),
        ("ms = [{u}, {v}]\nmore = ms[:]\nmore[0] *= {s}\n{t} = np.sum(ms[0])", {}),
        ("ms = [{u}, {v}]\nmore = list(ms)\nmore[0] = more[1]\n{t} = ms[0][1]", {}),
        ("ms = [{u}, {v}]\nfirst, *rest = ms\nfirst[{k}] = {s}\n{t} = np.sum(ms[0])",
         {}),
        ("ms = []\nfor row in A:\n    ms.append(row)\n"
         "A *= {s}\n{t} = np.sum(ms[0] * ms[1])", {}),
        ("ms = []\nfor k in range({m}):\n    {u} = np.sin({u}) * {s k}\n"
         "    ms.append({u})\n{t} = sum(np.sum(z) for z in ms)", {}),
        ("ms = []\nfor k in range({m}):\n    {u}[k % 3] *= {s k}\n"
         "    ms.append({u}.copy())\n{t} = np.sum(ms[0] * ms[-1])", {}),
        ("ms = []\nfor k in range({m}):\n    {u}[k % 3] *= {s k}\n"
         "    ms.append({u})\n{t} = np.sum(ms[0] * ms[-1])", {}),
        ("pots = {'x': {u}, 'y': {v}}\nfor name in pots:\n    pots[name] *= {s}\n"
         "{t} = np.sum(pots['x'])", {}),
        ("pots = {'x': {u}, 'y': {v}}\nfor name, z in pots.items():\n    z[{k}] = {s}\n"
         "{t} = np.sum(pots['y'])", {}),
        ("pots = {'x': {s}}\npots.update(y={s})\nz = pots.pop('y')\npots['x'] *= z\n"
         "{t} = sum(pots.values())", {}),
        ("pots = {}\nfor k in range(4):\n"
         "    pots[k % 2] = pots.get(k % 2, 0.0) + {s k}\n"
         "{t} = pots[0] * pots[1]", {}),
        ("for z in [{o}, Body({s}, {v})]:\n    z.m *= {s}\n    {a} += z.x[0]", {}),
        ("for z in ({o}, {body}):\n    z.x[{k}] += {s}", {}),
        ("for z in l:\n    z.m *= {s}\n    z.x[0] += z.m", {}),
        ("for z, x in zip(l, {u}):\n    z.m += x\n    {a} *= z.energy()", {}),
        ("e = l[0]\ne.m *= {s}\n{t} = l[0].m * e.x[1]", {}),
        ("e = l[0]\nl[0] = Body({s}, {v})\ne.x[0] = {s}", {}),
        ("e = max(l, key=lambda z: z.m)\n{t} = e.m * e.x[{k}]", {}),
        ("e = sorted(l, key=lambda z: z.m)[0]\n{t} = e.m * e.energy()", {}),
        ("l.append({o})\nl[-1].m *= {s}\n{t} = {o}.m", {}),
        ("l = l[::-1]\nl[0].m *= {s}", {}),
        ("ys = [{s}, {l}]\nwhile ys:\n    {a} += ys.pop() * {s}", {}),
        ("ys = [{s}, {l}, {s}]\nys.insert(0, {s})\n{t} = ys.pop(1) - ys[-1]",
         GROWN),
        ("ys = [z * {s z} for z in {xs}]\nys[0], ys[-1] = ys[-1], {s}", GROWN),
        ("ys = [{s}, {s}]\nmore = ys\nmore.append({l})\nys[0] *= {s}\n{t} = sum(more)",
         GROWN),
        ("ys = [{s}, {s}]\nmore = ys + [{l}]\nmore[0] = {s}\n{t} = ys[0] * sum(more)",
         GROWN),
        ("two = [[{s}, {l}], [{s}, {s}]]\ntwo[0][1] += {s}\ntwo[1] = two[0]\n"
         "{t} = two[1][1] * two[0][0]", {}),
        ("two = [[0.0] * 2 for _ in range(2)]\nfor x in {xs}:\n    two[1][0] += {s x}\n"
         "{t} = two[1][0] - two[0][1]", {}),
        ("seen = deque([{s}, {l}])\nseen.appendleft({s})\n{t} = seen.pop() * seen[0]",
         {}),
        ("{t} = (1.0, {s}, {l})[1:][0] * (({s},) + ({l},))[1]", {}),
        ("x, *_, z = [{s}, {l}, {s}, {s}]\n{t} = x * z", {}),
        ("first = second = {u}\nfirst[{k}] = {s}\n{t} = np.sum(second)", {}),
        ("first = second = {s}\nfirst += {s}\n{t} = first * second", {}),
    ],
)  # fmt: skip
