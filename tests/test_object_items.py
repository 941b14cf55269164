"""Objects in lists that change, and attributes that objects get later."""
# ruff: noqa: B905, RUF007, RUF015

from dataclasses import dataclass
from enum import Enum

import numpy as np
import pytest
from agree import check

import s2s

W = np.linspace(-1.0, 1.0, 9).reshape(3, 3)
V = np.array([0.3, -0.2, 0.5])
WEIGHTS = [W, W + 1.0]
POS = np.array([[0.1, 0.2], [0.3, -0.4], [-0.5, 0.6]])
VEL = np.array([[0.3, 0.1], [0.2, 0.2], [-0.1, 0.4]])


@dataclass
class Body:
    m: float
    x: float
    v: float


@dataclass
class Counter:
    w: np.ndarray
    n: int = 0
    mean: float = 0.0

    def __call__(self, x):
        self.n += 1
        y = self.w @ x
        self.mean = 0.9 * self.mean + 0.1 * np.sum(y)
        return np.tanh(y)


class Particle:
    def __init__(self, pos, vel):
        self.pos = pos
        self.vel = vel

    def step(self, f, dt):
        self.vel = self.vel + dt * f
        self.pos = self.pos + dt * self.vel


class Heavy(Particle):
    def step(self, f, dt):
        super().step(0.5 * f, dt)


class System:
    def __init__(self, particles):
        self.particles = particles
        self.t = 0.0

    def step(self, dt):
        for p in self.particles:
            p.step(-p.pos, dt)
        self.t += dt

    def energy(self):
        return sum(np.sum(p.pos**2) + np.sum(p.vel**2) for p in self.particles)


class Layer:
    """Keeps what it was called with, and what it returned."""

    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        self.x = x
        self.y = np.tanh(self.w @ x)
        return self.y


class Trainer:
    def __init__(self, w):
        self.layer = Layer(w)
        self.n = 0

    def step(self, x):
        x = self.layer(x)
        self.last = x
        self.n += 1
        return x


# bodies ---------------------------------------------------------------------------


def of_each(bodies, dt):
    for _ in range(3):
        for body in bodies:
            body.v += dt * (-body.x) / body.m
        for i, body in enumerate(bodies):
            body.x += dt * body.v * i
    return sum(b.x for b in bodies) + bodies[0].v


def neighbours(bodies, dt):
    for a, b in zip(bodies, bodies[1:]):
        f = b.x - a.x
        a.v += dt * f / a.m
        b.v -= dt * f / b.m
    for a, b in zip(bodies[:-1], bodies[1:]):
        a.x += dt * b.v
    return sum(b.v**2 + b.x for b in bodies)


def pairs(bodies, dt):
    for i, a in enumerate(bodies):
        for j, b in enumerate(bodies):
            if i != j:
                a.v += dt * (b.x - a.x)
    return sum(b.v**2 for b in bodies)


def made_known(x):
    bodies = [Body(1.0 + k, x * k, 0.0) for k in range(3)]
    for b in bodies:
        b.v += b.x * b.m
    return sum(b.v for b in bodies)


@pytest.mark.parametrize("f", [of_each, neighbours, pairs], ids=lambda f: f.__name__)
def test_bodies(f):
    bodies = [Body(1.0, 0.2, 0.3), Body(2.0, 0.5, -0.1), Body(1.5, -0.4, 0.2)]
    check(f, [bodies, 0.1])


def test_bodies_that_are_made():
    check(made_known, [0.7])


# objects of what others have ------------------------------------------------------


def counters(x, weights):
    net = [Counter(w) for w in weights]
    for _ in range(2):
        for layer in net:
            x = layer(x)
    return np.sum(x) + sum(layer.mean for layer in net) * net[0].n


def inherited(pos, vel, dt):
    ps = [Heavy(p, v) for p, v in zip(pos, vel, strict=True)]
    for _ in range(3):
        fs = [-p.pos for p in ps]
        for p, f in zip(ps, fs, strict=True):
            p.step(f, dt)
    return sum(np.sum(p.pos**2) for p in ps)


def in_a_system(pos, vel, dt):
    system = System([Particle(p, v) for p, v in zip(pos, vel, strict=True)])
    while system.t < 0.25:
        system.step(dt)
    return system.energy() + system.t


def in_a_dict(pos, vel, dt):
    s = {"ps": [Particle(p, v) for p, v in zip(pos, vel, strict=True)], "t": 0.0}
    for _ in range(3):
        for p in s["ps"]:
            p.step(-p.pos, dt)
        s["t"] += dt
    return sum(np.sum(p.vel**2) for p in s["ps"]) + s["t"]


def by_index(pos, vel, dt):
    ps = []
    for i in range(len(pos)):
        ps.append(Particle(pos[i], vel[i]))
    for i in range(len(ps)):
        for j in range(i):
            d = ps[i].pos - ps[j].pos
            ps[i].vel = ps[i].vel - dt * d
            ps[j].vel = ps[j].vel + dt * d
    return sum(np.sum(p.vel**2) for p in ps)


@pytest.mark.parametrize("f", [inherited, in_a_system, in_a_dict, by_index],
                         ids=lambda f: f.__name__)  # fmt: skip
def test_particles(f):
    check(f, [POS, VEL, 0.1])


def test_counters():
    check(counters, [V, WEIGHTS])
    net = [Counter(w.copy()) for w in WEIGHTS]

    def given(x, net):
        for layer in net:
            x = layer(x)
        return np.sum(x) + sum(layer.mean for layer in net)

    check(given, [V, net])


def test_nothing_is_copied_of_which_only_objects_change():
    derivative = s2s.grad(counters)
    derivative.compile(V, WEIGHTS)
    assert "copy" not in derivative.source


class Kind(Enum):
    SQUARE = 1
    LINEAR = 2


@dataclass
class Term:
    kind: object
    v: float


def of_one_kind(xs):
    terms = [Term(Kind.SQUARE, x) for x in xs]
    named = [("square", x) for x in xs]
    named.append(("linear", 2.0 * xs[0]))
    total = sum(t.v**2 if t.kind is Kind.SQUARE else t.v for t in terms)
    return total + sum(v**2 if name == "square" else v for name, v in named)


def known_by_their_places(x, rows):
    for name, matrix in rows:
        x = x * np.sum(matrix) if name == "sum" else np.sin(x)
    return x


def test_members_of_enums_and_text():
    check(of_one_kind, [[0.5, 1.0]])


def test_tuples_that_have_nothing_in_common():
    check(known_by_their_places, [0.75, [("sum", np.ones(2)), ("sum", np.eye(2))]])


# attributes that come later -------------------------------------------------------


def kept_in_a_loop(x, w):
    layer = Layer(w)
    for _ in range(3):
        x = layer(x)
    return np.sum(x) + np.sum(layer.y * layer.x)


def kept_on_one_path(x, w):
    trainer = Trainer(w)
    for k in range(3):
        if k == 1:
            x = trainer.step(x)
    return np.sum(trainer.last * trainer.layer.x) * trainer.n


def kept_in_loops(x, w):
    trainer = Trainer(w)
    for _ in range(2):
        for _ in range(2):
            x = trainer.step(x)
            if np.sum(trainer.last) > 100.0:
                break
    return np.sum(trainer.last * trainer.layer.x) * trainer.n


def kept_and_put_in_a_list(x, w):
    layers = []
    for _ in range(3):
        layer = Layer(w)
        for _ in range(2):
            x = layer(x)
        layers.append(layer)
    return sum(np.sum(layer.y * layer.x) for layer in layers)


def returned(x, w):
    layer = Layer(w)
    for _ in range(3):
        x = layer(x)
    return layer


@pytest.mark.parametrize("f", [kept_in_a_loop, kept_on_one_path, kept_in_loops,
                               kept_and_put_in_a_list, returned],
                         ids=lambda f: f.__name__)  # fmt: skip
def test_attributes_of_one_object(f):
    check(f, [V, W])


def left_out(x, weights):
    net = [Layer(w) for w in weights]
    for layer in net:
        x = layer(x)
    return np.sum(x)


def left_out_twice(x, weights):
    for _ in range(2):
        net = [Layer(w) for w in weights]
        for layer in net:
            x = layer(layer(x)) + layer.w @ x
    return np.sum(x)


@pytest.mark.parametrize("f", [left_out, left_out_twice], ids=lambda f: f.__name__)
def test_attributes_that_are_left_out(f):
    check(f, [V, WEIGHTS])


def refused(f, text):
    with pytest.raises(s2s.S2SError, match=text):
        s2s.vjp(f, V, WEIGHTS)


LATE = "gets its attribute `[xy]` after it was made"


def test_what_would_show_that_they_are_left_out_is_refused():
    def read(x, weights):
        net = [Layer(w) for w in weights]
        for layer in net:
            x = layer(x)
        return np.sum(net[0].x)

    def asked(x, weights):
        for layer in [Layer(w) for w in weights]:
            if hasattr(layer, "x"):
                x = x + 1.0
            x = layer(x)
        return np.sum(x)

    def asked_later(x, weights):
        for layer in [Layer(w) for w in weights]:
            x = layer(x)
            x = x + getattr(layer, "x", 0.0)
        return np.sum(x)

    def given_back(x, weights):
        net = [Layer(w) for w in weights]
        for layer in net:
            x = layer(x)
        return net

    def of_another(x, weights):
        net = [Layer(w) for w in weights]
        for a, b in zip(net, net[1:]):
            a.x = x
            b.x = 2.0 * x
            x = a.x
        return np.sum(x)

    def of_the_round_before(x, weights):
        a = [Layer(w) for w in weights][0]
        a.x = x
        for _ in range(2):
            x = x * a.x
            a.x = 2.0 * x
        return np.sum(x)

    def on_one_path(x, weights):
        for layer in [Layer(w) for w in weights]:
            if x[0] > 0.0:
                layer.x = x
            x = layer.x
        return np.sum(x)

    for f in (read, asked, asked_later, given_back, of_another, of_the_round_before,
              on_one_path):  # fmt: skip
        refused(f, LATE)


class Trader:
    def __init__(self, k):
        self.ks = []
        self.ks.append(k)
        self.ks.append(2.0 * k)
        self.z = {}
        self.z["a"] = k

    def payoff(self, s):
        return np.maximum(s - self.ks[0], 0.0) * self.ks[1] + self.z["a"]


def test_objects_made_in_a_conditional_expression():
    """What a constructor changes is new: nothing outside sees it."""

    def f(s, k, up):
        opt = Trader(k) if up > 0.5 else Trader(k + 1.0)
        return np.mean(opt.payoff(s))

    def g(s, k, up):
        o = Trader(k)

        def bump():
            o.ks[0] = 2.0 * o.ks[0]
            return 1.0

        return (bump() if up > 0.5 else 2.0) * np.mean(o.payoff(s))

    s = np.array([2.3, 0.7, 1.9])
    check(f, (s, 1.1, 0.2))
    check(f, (s, 1.1, 0.7))
    with pytest.raises(s2s.UnsupportedError, match="while a condition is evaluated"):
        s2s.vjp(g, s, 1.1, 0.7)
