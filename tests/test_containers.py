"""Dicts, NamedTuples, dataclasses and objects: as arguments, made inside, and returned.

Each program is checked in all the ways of `agree`, against differences.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pytest
from agree import check

import s2s

RNG = np.random.default_rng(1)
A, u = RNG.normal(size=(3, 3)), RNG.normal(size=3)
CASES: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []


def case(*args: Any) -> Callable[..., Any]:
    def added(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append((f, args))
        return f

    return added


@dataclass
class Layer:
    w: np.ndarray
    b: np.ndarray
    act: str = "tanh"

    def __call__(self, x):
        z = x @ self.w + self.b
        return np.tanh(z) if self.act == "tanh" else z


@case([Layer(A, u), Layer(A + 1, u * 2)], u)
def mlp(layers, x):
    for layer in layers:
        x = layer(x)
    return np.sum(x**2)


@case([{"w": A, "b": u}, {"w": A + 1, "b": u * 2}], u)
def mlp2(layers, x):
    for layer in layers:
        x = np.tanh(x @ layer["w"] + layer["b"])
    return np.sum(x**2)


@case({"enc": {"w": A, "b": u}, "dec": [u, 2.0]}, u)
def nested(p, x):
    h = np.tanh(p["enc"]["w"] @ x + p["enc"]["b"])
    return np.sum(h * p["dec"][0]) * p["dec"][1]


@case({"enc": {"w": A, "b": u}, "dec": (u, 2.0)}, u)
def nested2(p, x):
    h = np.tanh(p["enc"]["w"] @ x + p["enc"]["b"])
    return np.sum(h * p["dec"][0]) * p["dec"][1]


@case({"w": A, "b": u}, u)
def sgd(params, x):
    p = {k: v.copy() for k, v in params.items()}
    for _ in range(3):
        r = p["w"] @ x + p["b"]
        grads = {"w": np.outer(r, x), "b": r}
        for k in p:
            p[k] = p[k] - 0.1 * grads[k]
    return np.sum(p["w"] ** 2) + np.sum(p["b"])


@case({"w": A, "b": u}, u)
def sgd2(params, x):
    for _ in range(3):
        r = params["w"] @ x + params["b"]
        grads = {"w": np.outer(r, x), "b": r}
        params = {k: v - 0.1 * grads[k] for k, v in params.items()}
    return np.sum(params["w"] ** 2) + np.sum(params["b"])


@case({"w": A, "b": u}, u)
def sgd3(params, x):
    m = {k: np.zeros_like(v) for k, v in params.items()}
    for _ in range(3):
        r = params["w"] @ x + params["b"]
        grads = dict(w=np.outer(r, x), b=r)
        for k, g in grads.items():
            m[k] = 0.9 * m[k] + g
            params[k] = params[k] - 0.1 * m[k]
    return np.sum(params["w"] ** 2) + np.sum(params["b"])


@case({"w": A, "b": u + 1}, u)
def inplace(params, x):
    params["w"][0] *= 2.0
    params["b"] += x
    params["c"] = np.sum(params["w"])
    return np.sum(params["w"] @ params["b"]) * params["c"]


class Vec:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y)

    def __mul__(self, k):
        return Vec(self.x * k, self.y * k)

    __rmul__ = __mul__

    def __sub__(self, o):
        return self + -1.0 * o

    def __neg__(self):
        return Vec(-self.x, -self.y)

    def dot(self, o):
        return self.x * o.x + self.y * o.y

    @property
    def norm(self):
        return np.sqrt(self.dot(self))

    @classmethod
    def polar(cls, r, t):
        return cls(r * np.cos(t), r * np.sin(t))

    @staticmethod
    def zero():
        return Vec(0.0, 0.0)


@case(Vec(1.0, 2.0), 0.3)
def vec(v, t):
    w = Vec.polar(2.0, t)
    s = Vec.zero()
    for _ in range(4):
        s = s + 0.5 * (v - w) * t
        if s.x > 1.0:
            s = -s
    return s.norm + v.dot(w)


@dataclass(frozen=True)
class Opt:
    spot: float
    strike: float
    vol: float = 0.2
    style: str = "call"

    def d1(self):
        return np.log(self.spot / self.strike) / self.vol

    def __post_init__(self):
        if self.vol <= 0:
            raise ValueError("vol")


@case(Opt(100.0, 90.0))
def price(o):
    b = dataclasses.replace(o, vol=o.vol * 1.1)
    if o.style == "call":
        return o.d1() * o.spot + b.d1()
    return 0.0


class S(NamedTuple):
    x: np.ndarray
    n: int
    p: float


@case(S(u, 3, 2.0))
def named(s):
    x, n, p = s
    p += n
    s = s._replace(p=p * 2)
    for _ in range(s.n):
        x = np.sin(x) * s.p
    return np.sum(x) + len(s)


class Base:
    k = 3.0

    def __init__(self, a):
        self.a = a

    def energy(self):
        return self.a**2 * self.k


class Child(Base):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def energy(self):
        return super().energy() + self.b


@case(1.5, 2.0)
def inherit(a, b):
    c = Child(a, b)
    c.a += b
    c.b *= a
    return c.energy()


class Net:
    def __init__(self, w):
        self.w = w
        self.cache = None

    def forward(self, x):
        self.cache = np.tanh(self.w @ x)
        return self.cache

    def loss(self, x):
        return np.sum((self.forward(x) - x) ** 2) + np.sum(self.cache)


@case(Net(A), u)
def netloss(net, x):
    return net.loss(x)


def kwf(x, scale=1.0, **kw):
    return scale * x * kw.get("power", 2.0) + len(kw)


@case(1.5)
def kws(x):
    opts = {"scale": x, "power": 3.0}
    return kwf(x, **opts) + kwf(x, extra=2.0) + kwf(x)


ACT = {"tanh": np.tanh, "sin": np.sin, "sq": lambda z: z**2}
CONST = {"g": 9.81, "w": np.array([1.0, 2.0, 3.0])}


@case(u, "sq")
def act(x, name):
    return np.sum(ACT[name](x) * CONST["w"]) * CONST["g"] + np.sum(ACT["sin"](x))


@case(1.5)
def order(x):
    d = {}
    d["a"] = x
    d["b"] = x * 2
    d.update(c=x * 3, a=x * x)
    y = d.pop("b")
    d |= {"e": y}
    t = 0.0
    for i, (k, v) in enumerate(d.items()):
        t += v * (i + 1)
        if k == "c":
            break
    if "q" in d:
        t *= 100
    del d["a"]
    return t + sum(d.values()) + max(d.values()) * len(d) + d.get("zz", x)


@case({"a": 1.0, "b": -2.0})
def brk(d):
    t = 0.0
    for v in d.values():
        if v < 0:
            break
        t += v * v
    return t


@case(1.5, 3)
def cond(x, n):
    a = {"v": x, "w": 1.0}
    if x > 1.0:
        a["v"] = x * x
    else:
        a = {"v": 2.0, "w": x}
    b = dict(a)
    while b["v"] < 20.0:
        b["v"] *= x
    return b["v"] * b["w"] + a["v"]


@case(S(u, 3, 2.0), 0.5)
def results(s, k):
    states = {"last": s._replace(p=k * s.p), "pair": (k, {"x": s.x * k})}
    return states, Vec(k, s.p), s


@case(Vec(1.0, 2.0), Opt(100.0, 90.0, 0.5))
def nested_objects(v, o):
    book = {"long": [o, dataclasses.replace(o, strike=80.0)], "at": v}
    total = 0.0
    for option in book["long"]:
        total += option.d1()
    return total * book["at"].norm


@case([Vec(1.0, 2.0), Vec(0.5, -1.0)])
def objects_in_a_loop(points):
    total = 0.0
    for k, p in enumerate(points):
        for q in points:
            total += p.dot(q) * p.norm * (k + 1)
    return total


@case(0.8, [Vec(1.0, 2.0), Vec(0.5, -1.0), Vec(2.0, 0.7)])
def lists_of_new_objects(k, points):
    kept = [p for p in points if p.x < 1.5]
    moved = [Vec(p.x * k, p.y + p.x) for p in sorted(kept, key=lambda p: p.x)]
    moved[0] = Vec(k, moved[1].y)
    last = moved.pop()
    moved.insert(0, last)
    total = 0.0
    for p in [*moved, *[points[i] for i in (2, 0)]]:
        total = k * total + p.dot(last)
    return total


@case({"a": u, "b": 2.0})
def comprehensions(d):
    squares = {k: v * v for k, v in d.items()}
    kept = {k: v for k, v in squares.items() if k != "b"}
    names = [k for k in kept]
    rows = [np.sum(v) for v in squares.values()]
    both = dict(zip(["p", "q"], rows, strict=True))
    return both["p"] * both["q"] + len(names) + np.sum(kept["a"])


@case(2.0, 0.5)
def isinstances(x, y):
    v = Vec(x, y)
    if isinstance(v, Vec) and not isinstance(v, dict) and v is not None:
        v.x += 1.0
    if hasattr(v, "y") and type(v) is Vec:
        v.y = v.x * v.y
    return v.dot(v)


@case(1.5)
def methods_as_values(x):
    v = Vec(x, 2.0)
    f = v.dot
    return f(Vec(1.0, x)) + sum(map(v.dot, [Vec(x, x), Vec.zero()]))


@case(0.7, 4)
def in_branches(x, n):
    state = {"x": x, "v": 0.0}
    for _ in range(n):
        if state["x"] > 0.5:
            state = {"x": state["x"] - 0.2 * x, "v": state["v"] + x}
        else:
            state["v"] = state["v"] * state["x"]
            state["x"] += x
    return state["x"] * state["v"]


@case(1.5)
def aliases(x):
    a = {"v": x, "inner": {"w": 1.0}}
    b = a
    c = dict(a)
    b["v"] = x * x
    c["inner"]["w"] = 3.0 * x
    return a["v"] * a["inner"]["w"] + c["v"]


def scaled(layer, k):
    layer.w *= k
    layer.b = layer.b + k


@case(Layer(A, u), 1.5)
def helper_changes(layer, k):
    scaled(layer, k)
    scaled(layer, k)
    return np.sum(layer.w) * np.sum(layer.b**2)


@dataclass
class Particle:
    x: float
    y: float = 2.0
    hist: list = field(default_factory=list)

    def scale(self, k):
        self.x *= k
        return self


class Sim:
    def __init__(self, n, k):
        self.u = np.zeros(n)
        self.k = k
        self.t = 0
        self.u[0] = k

    def step(self):
        self.u[1:-1] += self.k * (self.u[2:] - 2 * self.u[1:-1] + self.u[:-2])
        self.t += 1

    def run(self, n):
        while self.t < n:
            self.step()
        return self.u


@case(1.5)
def changed_by_a_closure(x):
    d = {"a": x, "b": 1.0}

    def g(k):
        d["a"] = d["a"] * k
        return d["b"]

    y = g(x)
    z = g(2.0)
    return d["a"] * y + z


@case(1.5)
def in_a_list(x):
    v, w = Particle(x), Particle(2 * x)
    vs = [v, w]
    v.x = x * x
    return vs[0].x + vs[1].x


@case(1.5)
def swapped(x):
    a, b = {"v": x}, {"v": 2.0 * x}
    a, b = b, a
    a["v"] = x**3
    return a["v"] * 2 + b["v"]


@case(1.5)
def popped(x):
    d = {"a": x, "b": x * x, "c": 3.0}
    vals = [d.pop(k) for k in ["a", "b"]]
    return vals[0] * vals[1] + len(d)


@case(1.5)
def late_binding(x):
    m = Particle(x)

    def f():
        return m.x * 2

    m.x = x * x
    return f()


@case(1.5)
def methods_that_return_self(x):
    return Particle(x).scale(x).scale(2.0).x


@case({"a": 1.5, "b": u})
def unpacked(d):
    a, b = d.values()
    (k1, v1), (_k2, v2) = d.items()
    return a * np.sum(b * v2) * v1 + (1 if k1 == "a" else 0)


@case(1.5)
def a_list_that_grows(x):
    v = Particle(x)
    for i in range(3):
        v.hist.append(v.x * i)
        v.x = v.x * x
    return sum(v.hist) + v.x


@case(1.5)
def a_list_of_an_object(x):
    v = Particle(x)
    v.hist.append(x)
    v.hist.append(x * x)
    return v.hist[0] * v.hist[1]


@case(1.5)
def order_of_evaluation(x):
    v = Particle(x)
    return v.x + v.scale(2.0).x + v.x


@case(1.5)
def an_item_changed_by_a_call(x):
    xs = [x, x]

    def g():
        xs[1] = 3 * x
        return 2.0

    xs[0] += g()
    return xs[0] + xs[1] * x


@case(np.array([1.0, 2.0]))
def arrays_in_place(x):
    s = {"x": x.copy(), "v": np.zeros(2)}
    for _i in range(4):
        s["v"] += 0.1 * s["x"]
        s["x"] -= s["v"] * 0.1
        s["x"][0] *= 1.1
    return np.sum(s["x"] ** 2)


@case(0.3)
def a_simulation(k):
    s = Sim(6, k)
    u = s.run(5)
    return np.sum(u[1:-1] ** 2) + s.t


@case(1.5)
def chosen(x):
    v = Particle(x) if x > 1 else Particle(0.0)
    w = {"a": x} if x > 1 else {"a": 2.0}
    return v.x * w["a"]


@case(1.5)
def early_returns(x):
    def mk(k):
        if k > 1:
            return Particle(k)
        return Particle(2 * k, k)

    a = mk(x)
    return a.x * a.y


@case(1.5)
def tuples_chosen(x):
    pair = (x, 1.0) if x > 1.0 else (2.0, x)
    nested = (pair, {"a": x * x}) if x < 2.0 else ((x, x), {"a": 1.0})
    return nested[0][0] * pair[1] * nested[1]["a"]


@case(0.5)
def tuples_chosen_by_walrus(x):
    pair = (y := x * x, 1.0) if x > 1.0 else ((y := 3.0 * x), x)
    return pair[0] * pair[1] * y


class Adam:
    def __init__(self, params, rate):
        self.m = {k: np.zeros_like(v) for k, v in params.items()}
        self.v = {k: np.zeros_like(v) for k, v in params.items()}
        self.rate = rate
        self.t = 0

    def step(self, params, grads):
        self.t += 1
        out = {}
        for k in params:
            self.m[k] = 0.9 * self.m[k] + 0.1 * grads[k]
            self.v[k] = 0.999 * self.v[k] + 0.001 * grads[k] ** 2
            m, v = self.m[k] / (1 - 0.9**self.t), self.v[k] / (1 - 0.999**self.t)
            out[k] = params[k] - self.rate * m / (np.sqrt(v) + 1e-8)
        return out


@case(0.1, A, u)
def trained(rate, x, y):
    params = {"w": np.zeros(3), "b": 0.0}
    optimiser = Adam(params, rate)
    for _ in range(4):
        r = x @ params["w"] + params["b"] - y
        params = optimiser.step(params, {"w": x.T @ r, "b": np.sum(r)})
    return np.sum((x @ params["w"] + params["b"] - y) ** 2)


@dataclass
class Kalman:
    F: np.ndarray
    q: float

    def __post_init__(self):
        self.x = np.zeros(2)
        self.P = np.eye(2)
        self.likelihood = 0.0

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.q * np.eye(2)

    def update(self, z, r):
        s = self.P[0, 0] + r
        y = z - self.x[0]
        k = self.P[:, 0] / s
        self.x = self.x + k * y
        self.P = self.P - np.outer(k, self.P[0])
        self.likelihood -= 0.5 * (y**2 / s + np.log(s))


@case(0.3, 1.2, u)
def filtered(q, r, zs):
    kalman = Kalman(np.array([[1.0, 0.5], [0.0, 1.0]]), q)
    for z in zs:
        kalman.predict()
        kalman.update(z, r)
    return -kalman.likelihood


@case(1.3, 3)
def rotated(x, n):
    p, q = {"v": x}, {"v": 1.0}
    for _ in range(n):
        made = {"v": p["v"] * x}
        q, p = p, made
        p["v"] = p["v"] + q["v"]
    return q["v"] * p["v"]


ACTIVATIONS = {"tanh": np.tanh, "exp": np.exp}


@dataclass
class Settings:
    act: str
    scale: float = 0.5


class Counted:
    """Its settings stay what they are while it counts its own calls."""

    def __init__(self, w, settings):
        self.w = w
        self.settings = settings
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        if self.settings.act == "exp":
            x = x * self.settings.scale
        return ACTIVATIONS[self.settings.act](self.w * x)


@case(0.5, 0.3)
def text_that_an_object_keeps_in_a_loop(w, x):
    first, second = Counted(w, Settings("tanh")), Counted(x, Settings("exp", 0.1))
    for k in range(3):
        x = first(x) + second(x) * k
    while first.calls < 5:
        x = first(x) * second.w
    return x * first.calls


@pytest.mark.parametrize("program", CASES, ids=lambda c: c[0].__name__)
def test_containers(program: tuple[Callable[..., Any], tuple[Any, ...]]) -> None:
    f, args = program
    check(f, copy.deepcopy(args), step=1e-3)


def test_the_gradient_has_the_class_of_the_argument() -> None:
    gradient = s2s.grad(mlp)([Layer(A, u), Layer(A, 2 * u)], u)
    assert [type(layer) for layer in gradient] == [Layer, Layer]
    assert gradient[0].act is None
    assert type(s2s.grad(named)(S(u, 3, 2.0))) is S


def test_the_callers_objects_are_left_alone() -> None:
    params, net = {"w": A.copy(), "b": u + 1.0}, Net(A.copy())
    s2s.grad(inplace)(params, u)
    s2s.grad(netloss)(net, u)
    assert list(params) == ["w", "b"]
    np.testing.assert_array_equal(params["w"], A)
    assert net.cache is None


def test_a_saved_module_makes_its_own_objects(tmp_path: Any) -> None:
    df = s2s.value_and_grad(mlp)
    layers = [Layer(A, u), Layer(A + 1, 2 * u)]
    value, gradient = df(layers, u)
    df.save(tmp_path / "made.py")
    scope: dict[str, Any] = {}
    exec((tmp_path / "made.py").read_text(), scope)
    again, same = scope["mlp_value_and_grad"](layers, u)
    assert again == value
    np.testing.assert_array_equal(same[1].w, gradient[1].w)
    with pytest.raises(TypeError, match="x: made for"):
        scope["mlp_value_and_grad"](layers, 1.0)


def test_a_dict_given_twice_must_not_change() -> None:
    def f(d, e):
        d["a"] = 2.0 * d["a"]
        return d["a"] * e["a"]

    one, other = {"a": 1.5}, {"a": 2.0}
    assert s2s.grad(f)(one, other) == {"a": 4.0}
    with pytest.raises(
        s2s.OverlapError, match="`d` is changed in place, and is the same dict"
    ):
        s2s.grad(f)(one, one)


def test_a_tangent_of_none_inside_is_zero() -> None:
    def f(p):
        return p["a"] * p["b"]

    assert s2s.jvp(f, ({"a": 2.0, "b": 3.0},), ({"a": 1.0, "b": None},))[1] == 3.0
    with pytest.raises(s2s.TypingError, match="must be one"):
        s2s.jvp(f, ({"a": 2.0, "b": 3.0},), ({"a": 1.0},))


class Model:
    def __init__(self, w):
        self.w = w

    def loss(self, x, y=1.0):
        return np.sum((np.tanh(self.w @ x) - y) ** 2)

    def __call__(self, x):
        return np.tanh(self.w @ x)

    @s2s.value_and_grad(argnums="x")
    def fitted(self, x, k):
        return k * np.sum(self(x) ** 2)

    @s2s.grad
    def gradient(self, x):
        return self.loss(x)


def test_methods() -> None:
    model = Model(A)
    want = s2s.grad(lambda x, w: Model(w).loss(x), (0, 1))(u, A)
    np.testing.assert_array_equal(s2s.grad(model.loss)(u), want[0])
    np.testing.assert_array_equal(s2s.grad(model.loss, "x")(x=u), want[0])
    np.testing.assert_array_equal(s2s.grad(Model.loss)(model, u).w, want[1])
    np.testing.assert_array_equal(model.gradient(u).w, want[1])
    value, x_bar = model.fitted(u, 2.0)
    assert value == 2.0 * np.sum(np.tanh(A @ u) ** 2)
    np.testing.assert_allclose(x_bar, s2s.vjp(model, u)[1](4.0 * model(u))[0])
    s2s.check_grads(model.loss, (u,))
    s2s.check_grads(model.loss, (u, 0.5))
    s2s.check_grads(model, (u,))
    hessian = s2s.hessian(model.loss)(u)
    (product,) = s2s.hvp(model.loss, (u,), (u,))
    np.testing.assert_allclose(hessian @ u, product)
    np.testing.assert_allclose(s2s.jacrev(model)(u), s2s.jacfwd(model)(u))


def test_a_method_sees_its_object_as_it_is() -> None:
    model = Model(A)
    df = s2s.grad(model.loss)
    before = df(u)
    model.w = 2.0 * A
    np.testing.assert_array_equal(df(u), s2s.grad(Model(2.0 * A).loss)(u))
    assert np.any(df(u) != before)


@dataclass(slots=True)
class Slotted:
    x: float
    act: Callable[..., Any]
    n: int = 2


def test_lists_of_objects_of_all_kinds() -> None:
    def f(items):
        total = 0.0
        for item in items:
            total += item.x**item.n
        return total

    gradient = s2s.grad(f)([Slotted(1.0, np.tanh), Slotted(2.0, np.tanh)])
    assert gradient == [Slotted(2.0, None, None), Slotted(4.0, None, None)]

    def unused(items, x):
        return 2.0 * x

    layers = [{"lin": {"w": A, "pair": (1.0, 2)}, "name": "first"}]
    (gradient,) = s2s.grad(unused)(layers, 1.0)
    np.testing.assert_array_equal(gradient["lin"]["w"], np.zeros((3, 3)))
    assert gradient["lin"]["pair"] == (0.0, None)
    assert gradient["name"] is None


class Tanh:
    """A layer without parameters: an object that is made of nothing."""

    def __call__(self, x):
        return np.tanh(x)


def test_objects_that_are_made_of_nothing() -> None:
    def f(x, layer):
        return np.sum(layer(x) ** 2)

    def g(layers, x):
        for layer in layers.values():
            x = layer["act"](x @ layer["w"])
        return np.sum(x)

    x, w = np.array([0.5, -0.2, 0.1]), np.eye(3) + 0.1
    check(f, (x, Tanh()))
    s2s.check_grads(lambda w: g({"a": {"w": w, "act": Tanh()}}, x), (w,))


def test_generators_that_are_unpacked() -> None:
    def f(x, ws):
        q, k, v = (x @ w for w in (ws["q"], ws["k"], ws["v"]))
        first, *rest = (np.sin(p) for p in (q, k))
        return np.sum(first * rest[0] * v)

    x, w = np.array([0.5, -0.2, 0.1]), np.eye(3) + 0.1
    check(f, (x, {"q": w, "k": 2.0 * w, "v": w - 0.3}))


def views(x):
    d = {"a": x, "b": x * x}
    keys, values = d.keys(), tuple(d.values())
    d["a"] = 3.0 * x
    return sum(values) * sum(d[k] for k in keys)


def test_views():
    check(views, [0.7])


# lists of arrays of several ranks -----------------------------------------------------


def layers_by_name(params, x):
    W1, b1, W2, b2 = params
    return np.sum(np.tanh(x @ W1 + b1) @ W2 + b2)


def layers_by_position(params, x):
    for i in range(len(params) // 2):
        x = np.tanh(x @ params[2 * i] + params[2 * i + 1])
    return np.sum(x * params[-1])


def descent(params, x):
    v = [np.zeros_like(p) for p in params]
    for _ in range(2):
        v = [0.9 * a + np.cos(p) for a, p in zip(v, params, strict=True)]
        params = [p - 0.1 * a for p, a in zip(params, v, strict=True)]
    return sum(np.sum(p) for p in params) + np.sum(x)


def penalty(params, x):
    total = 0.0
    for k, p in enumerate(params):
        if k % 2 == 0:
            total += np.sum(p**2)
    for p in params:
        total += k * np.sum(np.abs(p))
    return total * np.sum(x)


def momentum(params, x):
    v = [0.1 * p for p in params]
    for _ in range(2):
        for p, q in zip(params, v, strict=True):
            q *= 0.9
            q += np.cos(p)
            p -= 0.1 * q
    return sum(np.sum(p) for p in params) + np.sum(x)


@pytest.mark.parametrize(
    "f", [layers_by_name, layers_by_position, descent, penalty, momentum]
)
def test_lists_of_arrays_of_several_ranks(f):
    """Each item is known by its place; what is found at run time has any rank."""
    rng = np.random.default_rng(3)
    params = [rng.normal(size=s) for s in ((3, 2), (2,), (2, 4), (4,))]
    args = params, rng.normal(size=(5, 3))
    check(f, args)
    gradient = s2s.grad(f)
    assert isinstance(gradient(*args), list)
    assert f is layers_by_position or "np.ndim" not in gradient.source
