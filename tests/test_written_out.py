"""Loops over known numbers that are written out: for objects that no list can hold."""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pytest
from agree import check

import s2s


class Node:
    def __init__(self, v):
        self.v = v
        self.children = []

    def total(self):
        out = self.v
        for child in self.children:
            out = out + child.total() ** 2
        return out


@dataclass
class Log:
    values: list = field(default_factory=list)

    def add(self, v):
        self.values.append(v)


class Var:
    def __init__(self, name):
        self.name = name

    def __call__(self, env):
        return env[self.name]


class Sum:
    def __init__(self, terms):
        self.terms = terms

    def __call__(self, env):
        return sum(term(env) for term in self.terms)


class Power:
    def __init__(self, base, n):
        self.base, self.n = base, n

    def __call__(self, env):
        return self.base(env) ** self.n


def children(x):
    root = Node(x)
    for k in range(3):
        child = Node(x * k)
        for j in range(2):
            child.children.append(Node(x + j))
        root.children.append(child)
    return root.total()


def children_in_a_tuple(x):
    root = Node(x)
    for child in (Node(x), Node(2.0 * x)):
        root.children.append(child)
    return root.total()


def logs(x, n):
    several = [Log() for _ in range(2)]
    for k in range(n):
        several[0].add(x * k)
        several[1].add(x + k)
    return sum(several[0].values) * sum(several[1].values)


def different_functions(x):
    fs = []
    for k in range(3):
        if k == 0:
            fs.append(np.sin)
        elif k == 1:
            fs.append(lambda v, k=k: v * k + x)
        else:
            fs.append(partial(np.power, 2.0))
    for f in fs:
        x = f(x)
    return x


def tuple_that_grows(x):
    t = ()
    for k in range(3):
        t = (*t, x * k)
    return t[1] * t[2]


def entries(w, b):
    params, velocity = {"w": w, "b": b}, {}
    for _ in range(3):
        for name in params:
            velocity[name] = 0.9 * velocity.get(name, 0.0) - 0.1 * np.sin(params[name])
            params[name] = params[name] + velocity[name]
    return params["w"] * params["b"]


def expression(x, c):
    tree = Sum([Var("x"), Power(Var("x"), 3), Sum([Var("c"), Var("x")])])
    return tree({"x": x, "c": c}) ** 2


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (children, (0.7,)), (children_in_a_tuple, (0.7,)), (logs, (0.7, 3)),
        (different_functions, (0.7,)), (expression, (0.75, 2.0)),
        (tuple_that_grows, (0.7,)), (entries, (0.7, 0.3)),
    ],
)  # fmt: skip
def test_right(f, args):
    check(f, list(args))


def test_other_loops_stay_loops():
    def f(x):
        root = Node(x)
        for k in range(2):
            root.children.append(Node(x * k))
        y = 0.0
        for k in range(3):
            y = y + np.sin(x * k)
        return root.total() * y

    check(f, [0.7])
    derivative = s2s.grad(f)
    derivative.compile(0.7)
    assert "for k in range(3)" in derivative.source
    assert "range(2)" not in derivative.source


def of_any_length(x, n):
    root = Node(x)
    for k in range(n):
        root.children.append(Node(x * k))
    return root.total()


def of_many(x):
    root = Node(x)
    for k in range(1000):
        root.children.append(Node(x * k))
    return root.total()


@pytest.mark.parametrize(("f", "args"), [(of_any_length, (0.7, 3)), (of_many, (0.7,))])
def test_refused(f, args):
    with pytest.raises(s2s.S2SError, match="a list in an object that is in a list"):
        s2s.grad(f)(*args)


class Linear:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def __call__(self, x):
        return x @ self.w + self.b

    def params(self):
        return [v for v in self.__dict__.values() if isinstance(v, np.ndarray)]


class Tanh:
    def __call__(self, x):
        return np.tanh(x)

    def params(self):
        return []


def test_objects_of_several_classes_in_generators():
    """Also what they hold, by `vars(o)` and `o.__dict__`, which are only read."""

    def loss(W, b, U, x):
        net = [Linear(W, b), Tanh(), Linear(U, b[:2])]
        for layer in net:
            x = layer(x)
        sizes = sum(np.sum(p**2) for layer in net for p in layer.params())
        return np.mean(x**2) + sizes * len(vars(net[0]).values())

    W, b = np.cos(np.arange(6.0)).reshape(2, 3), np.array([0.3, -0.8, 1.1])
    check(loss, (W, b, np.sin(W.T), np.array([[0.5, -0.2]])))
