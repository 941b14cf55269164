"""What the headers of loops name, call and bind."""

import numpy as np
import pytest
from agree import check

import s2s

# what they bind at once has names of its own


def test_records_of_two_lists():
    """The parts of each are read before the next is."""

    def f(x):
        ps, qs = [], []
        for k in range(3):
            ps.append({"a": x * k, "b": x})
            qs.append({"a": x + k, "b": 2.0 * x})
        s = 0.0
        for item in zip(ps, qs, strict=True):
            s += item[0]["a"] * item[0]["b"] * item[1]["a"] * item[1]["b"]
        return s + sum(p["a"] * p["b"] * q["a"] * q["b"] for p, q in zip(ps, qs))  # noqa: B905

    check(f, [0.7])


# loops whose items have nothing in common are written out: what they run over is what
# it is in Python

U, A = np.array([0.3, -0.8, 1.1]), np.array([[0.1, 0.4, -0.3], [0.8, -0.2, 0.6]])


def an_item_changes(u, a):
    xs, s = [u, a], 0.0
    for x in xs:
        xs[1] = 3.0 * u
        s += np.sum(x**2)
    return s


def a_name_changes(u, a):
    xs, s = [u, a], 0.0
    for x in xs:
        xs = [a, u]
        s += np.sum(x**2) + np.sum(xs[0])
    return s


def what_a_display_names_changes(u, a):
    s = 0.0
    for name, x in [("a", u), ("b", a), ("c", u)]:
        u = 2.0 * u
        s += np.sum(x**2) * (2.0 if name == "c" else 1.0)
    return s + np.sum(u)


def beside_a_copy(u, a):
    xs, s = [u, a], 0.0
    for x, y in zip(xs, xs[:], strict=True):
        xs[1] = 2.0 * u
        s += np.sum(x**2) + 2.0 * np.sum(y**2)
    return s


def from_the_end(u, a):
    xs, s = [u, a], 0.0
    for x in reversed(xs):
        xs[0] = 2.0 * a
        s += np.sum(x**2)
    return s


def a_list_from_a_call(u, a):
    xs, s = [u, a], 0.0
    get = lambda: xs  # noqa: E731
    for k, x in enumerate(get()):
        xs[1] = 3.0 * u
        s += np.sum(x**2) * (k + 1)
    return s


def a_dict_by_another_name(u, a):
    d, s = {"a": u, "b": a}, 0.0
    for x in d.values():
        d["b"] = np.sin(d["b"])
        d = {"a": 2.0 * a, "b": u}
        s += np.sum(x**2)
    return s + np.sum(d["a"])


def in_place(u, a):
    for x in (u, a):
        a *= 2.0
        x *= np.sum(u)
    return np.sum(u**2) + np.sum(a)


@pytest.mark.parametrize(
    "f",
    [
        an_item_changes, a_name_changes, what_a_display_names_changes, beside_a_copy,
        from_the_end, a_list_from_a_call, a_dict_by_another_name, in_place,
    ],
)  # fmt: skip
def test_what_a_loop_runs_over_may_change(f):
    check(f, (U, A))


def test_what_may_be_an_item_to_come_must_not_change():
    def f(u, v, c):
        w, s = (u if c > 0.0 else v), 0.0
        for name, x in [("a", v), ("b", w)]:
            u[0] = s
            s += np.sum(x) * (2.0 if name == "b" else 1.0)
        return s

    with pytest.raises(s2s.UnsupportedError, match="may be the same array"):
        s2s.vjp(f, U.copy(), U.copy(), 0.5)


# of a list in a list, each item is what it is when its turn comes


def next_of_a_row(a, u):
    rows, s = [[v, v * a] for v in u], 0.0
    for x in rows[0]:
        rows[0][1] = 3.0 * a
        s = s * 0.5 + x
    return s


def rows_one_by_one(a, u):
    rows, s = [[v, v * a] for v in u], 0.0
    for row in rows:
        for x in row:
            row[1] += 3.0 * x
            s = s * 0.5 + x
    return s


def row_in_a_dict(a, u):
    d, s = {k: [u[k], a] for k in range(len(u))}, 0.0
    for k, x in enumerate(d[0]):
        d[0][1] = 3.0 * a
        s += x * (k + 1)
    return s


def row_from_the_end(a, u):
    rows, s = [[v, v * a] for v in u], 0.0
    for x in reversed(rows[0]):
        rows[0][0] = 3.0 * a
        s = s * 0.5 + x
    return s


def set_last(xs, v):
    xs[-1] = 3.0 * v


def two_rows_in_step(a, u):
    rows, s = [[v, v * a] for v in u], 0.0
    for x, y in zip(rows[0], rows[1], strict=True):
        set_last(rows[1], a)
        s += x * y
    return s


def row_by_a_comprehension(a, u):
    rows = [[v, v * a] for v in u]

    def square(x):
        set_last(rows[0], a)
        return x * x

    return sum([square(x) for x in rows[0]])


@pytest.mark.parametrize(
    "f",
    [
        next_of_a_row, rows_one_by_one, row_in_a_dict, row_from_the_end,
        two_rows_in_step, row_by_a_comprehension,
    ],
)  # fmt: skip
def test_rows_that_loops_run_over_may_change(f):
    check(f, (0.7, U))


def chosen_in_the_header(a, u, c):
    xs, ys, s = [a, u[0]], [u[2], a], 0.0
    for x in xs if c > 0.0 else ys:
        xs[1] = 3.0 * a
        s = s * 0.5 + x
    return s


def chosen_before(a, u, c):
    xs, ys, s = [a, u[0]], [u[2], a], 0.0
    if c > 0.0:
        ys = xs
    for k, x in enumerate(ys):
        xs[1] = 3.0 * a
        s += x * k
    return s


def chosen_for_a_comprehension(a, u, c):
    xs, ys = [a, u[0]], [u[2], a]

    def square(x):
        set_last(xs, a)
        return x * x

    return sum([square(x) for x in (xs if c > 0.0 else ys)])


@pytest.mark.parametrize(
    "f", [chosen_in_the_header, chosen_before, chosen_for_a_comprehension]
)
def test_what_may_be_run_over_must_not_change(f):
    with pytest.raises(s2s.UnsupportedError, match="may be the same array"):
        s2s.grad(f, (0, 1))(0.7, U, 0.5)


def test_rows_of_several_kinds_must_not_change_where_a_loop_runs_over_them():
    def f(a, u):
        rows, s = [[v, (v, a)] for v in u], 0.0
        for x in rows[0]:
            rows[0][1] = (3.0 * a, a)
            s += np.sum(x)
        return s

    with pytest.raises(s2s.UnsupportedError, match="a loop around runs over this list"):
        s2s.grad(f)(0.7, U)


# methods that give the parameters of layers


class Dense:
    def __init__(self, w, b, act=None):
        self.w, self.b, self.act = w, b, act

    def __call__(self, x):
        y = x @ self.w + self.b
        return y if self.act is None else self.act(y)

    def parameters(self):
        return [self.w, self.b]


class Net:
    def __init__(self, *layers):
        self.layers = list(layers)

    def add(self, layer):
        self.layers.append(layer)
        return self

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def comprehended(self):
        return [p for layer in self.layers for p in layer.parameters()]

    def added(self):
        out = []
        for layer in self.layers:
            out += layer.parameters()
        return out

    def extended(self):
        out = []
        for layer in self.layers:
            out.extend(layer.parameters())
        return out


def penalty_in_two_loops(net):
    total = 0.0
    for layer in net.layers:
        for p in layer.parameters():
            total += np.sum(p**2)
    return total


def penalty_of_a_comprehension(net):
    total = 0.0
    for p in net.comprehended():
        total += np.sum(p**2)
    return total


def penalty_of_a_list(net):
    total = 0.0
    for k, p in enumerate(net.added()):
        total += (k + 1) * np.sum(p**2)
    return total


def penalty_by_sum(net):
    return sum(np.sum(p**2) for p in net.extended())


def penalty_of_all(net):
    flat = np.concatenate([p.ravel() for p in net.comprehended()])
    return flat @ flat / len(net.added())


def one_after_the_other(*layers):
    net = Net()
    for layer in layers:
        net.add(layer)
    return net


def chained(first, second):
    return Net().add(first).add(second)


@pytest.mark.parametrize("act", [None, np.tanh])
@pytest.mark.parametrize("build", [Net, one_after_the_other, chained])
@pytest.mark.parametrize(
    "penalty",
    [
        penalty_in_two_loops, penalty_of_a_comprehension, penalty_of_a_list,
        penalty_by_sum, penalty_of_all,
    ],
)  # fmt: skip
def test_parameters_of_layers(penalty, build, act):
    def f(w, b, v, x):
        net = build(Dense(w, b, act), Dense(v, 0.5 * b[:1]))
        return np.mean(net(x) ** 2) + 0.1 * penalty(net)

    check(f, (A.T, U[:2], A[:, :1], A))


def test_steps_of_the_parameters_in_place():
    def f(w, b, x, rate):
        layer = Dense(w, b)
        for _ in range(3):
            for p in layer.parameters():
                p -= rate * p * np.sum(layer(x))
        return np.sum(layer(x) ** 2)

    check(f, (A.T.copy(), U[:2].copy(), A, 0.05))
