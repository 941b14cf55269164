"""Closures that change what is around them, `:=`, `try` with `finally`, `match`."""

from __future__ import annotations

from functions import Function
from idioms import Idiom

BUMP = {"bump": Function(((),), ())}
CLOSURES = Idiom(
    steps=[
        ("""
level = {"m": {s}}
def bump(x):
    level["m"] = {s x}
    return {s x} * level["m"]
{t} = bump({s}) + bump({l})
""", BUMP),
        ("""
level = np.array([{s}, {l}])
def bump(x):
    if {c x}:
        level[0] = np.sin({s x})
    return level[0] * x
{t} = sum(map(bump, {xs})) - level[1] * {s}
""", BUMP),
        ("""
def tally(start):
    total = {"m": start}
    def add(x):
        total["m"] += {s x}
        return total["m"] * x
    return add
bump = tally({s})
{t} = bump({s}) * bump({l})
""", {"bump": Function(((),), ())}),
        ("""
def turn(x):
    {u}[{k}] *= {s x}
    return {s x}
{t} = turn({s}) + {u}[0] * turn({l})
""", {}),
        ("""
fs = []
for k in range({m}):
    def turn(x, k=k):
        return x * k + {s x}
    fs.append(turn)
{t} = sum(g({s}) for g in fs)
""", {}),
        ("fs = [lambda x, k=k: {s x k} for k in {xs}]\n"
         "{t} = fs[-1]({s}) - fs[0]({l})", {}),
        ("fs = [lambda x: {s x k} for k in range(3)]\n{t} = fs[0]({s})", {}),
        ("for k in {xs}:\n    turn = lambda x: x * {s x k}\n    {a} += turn({s})", {}),
        ("turn = lambda x: x * {a}\n{a} = {s}\n{t} = turn({s})", {}),
    ],
)  # fmt: skip
WALRUS = Idiom(
    numbers=[
        "((hold := {s}) * hold)",
        "sum(hold * z for z in {xs} if (hold := {s z}) > 0.7 * {l})",
        "(hold if (hold := {s}) > 0.7 * {l} else {s})",
    ],
    steps=[
        ("if (hold := {s}) > 0.7 * {l}:\n    {a} = hold * {s}", {"hold": ()}),
        ("m = 0\nwhile (m := m + 1) < 3 and {c}:\n    {a} *= {s}", {}),
        (
            "m = 3\nwhile (hold := {s}) < 0.7 * {l} and (m := m - 1):\n    {a} += hold",
            {},
        ),
        ("{t} = sum([hold * x for x in {xs} if (hold := {s x}) > 0.7 * {l}])", {}),
        ("level = {l}\n{t} = sum([level := {s level x} for x in {xs}])", {"level": ()}),
        ("ys = [hold := {s}, hold * hold]", {"ys": "grown", "hold": ()}),
        ("if any((hold := x) > 0.7 * {l} for x in {xs}):\n    {a} += hold", {}),
    ],
)
TRYING = Idiom(
    steps=[
        ("""
try:
    {a} += {s}
    {u}[{k}] *= {s}
finally:
    {a} = np.sin({a}) * {s}
""", {}),
        ("""
try:
    {u}[{k}] = {s}
    if {c}:
        raise ValueError("late")
    {a} += {s}
except ValueError:
    {u}[{k}] += {s}
else:
    {a} *= {s}
finally:
    {a} += {u}[0]
""", {}),
        ("""
try:
    {t} = math.sqrt({s})
except ValueError:
    {t} = {s}
""", {}),
        ("""
try:
    {a} += {u}[{m}] * {s}
except IndexError as error:
    {a} -= {s}
""", {}),
        ("""
try:
    {u}[0] = {fn}({s})
    {a} += {u}[{m}]
except (IndexError, ValueError):
    {u}[1] *= {s}
""", {}),
        ("""
for k in range({m}):
    try:
        if k == 1:
            continue
        {a} += {s k}
    finally:
        {a} *= {l}
""", {}),
        ("with np.errstate(all='ignore'):\n    {a} += {s}\n    {u}[{k}] = {s}", {}),
        ("""
def risky(x):
    if x > 0.7 * {l}:
        raise ValueError("much")
    return {s x}
try:
    {t} = risky({s}) + risky({l})
except ValueError:
    {t} = {s}
""", {}),
        ("""
def last(x):
    try:
        if {c x}:
            return {s x}
    finally:
        {u}[{k}] *= {l}
    return x
{t} = last({s}) * last({l})
""", {}),
    ],
)  # fmt: skip
MATCHING = Idiom(
    steps=[
        ("""
match ({s}, {v}):
    case (x, v) if x > 0.7 * {l}:
        {a} = x * np.sum(v)
    case (x, _):
        {a} += {s x}
""", {}),
        ("""
match [z * {s z} for z in {xs}]:
    case []:
        {t} = {s}
    case [x]:
        {t} = {s x}
    case [x, *rest]:
        {t} = x + sum(rest)
""", {}),
        ("""
match {state}:
    case {"m": m, "v": v}:
        {a} += {s m}
        v[{k}] *= {l}
""", {}),
        ("""
match {state}:
    case {"none": _}:
        {a} = {s}
    case {"m": m, "v": v} if m > 0.7 * {l}:
        {a} *= np.sum(v)
""", {}),
        ("""
match {body}:
    case Body(m=m, x=v) if m < 0.7 * {l}:
        v[{k}] += {s m}
    case Body(m, _):
        {a} = {s m}
""", {}),
        ("""
match {pair}:
    case Pair(first, second):
        {t} = first * second[{k}]
""", {}),
        ("""
match n % 3:
    case 0 | 1:
        {a} += {s}
    case k:
        {a} -= {s k}
""", {}),
        ("""
match {s}, {l}:
    case x, y if x < y:
        {a} += x
    case (x, y) as both:
        {a} += both[1] * x
""", {}),
        ("""
for k in range({m} + 1):
    match k:
        case 0:
            continue
        case 2:
            break
    {a} += {s k}
else:
    {a} *= {s}
""", {}),
        ("""
m = 0
while m < {m}:
    m += 1
    if {c}:
        break
    {a} += {s}
else:
    {a} -= {s}
""", {}),
    ],
)  # fmt: skip
