"""What the derivatives keep for their reverse sweep: no more than an expert would."""

import re

import numpy as np
from agree import check

import s2s

U = np.array([0.3, -0.8, 1.1, 0.6, -0.2])


def kept(f, args, wrt=(0,)) -> list[str]:
    """What is pushed in the gradient, as it is written there; it must be right."""
    check(f, args)
    df = s2s.grad(f, wrt)
    df.compile(*args)
    return re.findall(r"_stack\d*\.append\((.*)\)", df.source)


def shape_of_a_work_array(u, rate, steps):
    for _ in range(steps):
        flux = np.zeros(len(u) + 1)
        flux[1:-1] = rate * (u[1:] - u[:-1])
        u = u + flux[1:] - flux[:-1]
    return np.sum(u * u)


def shape_of_a_temporary(u, steps):
    for k in range(1, steps):
        u = u + 0.5 * np.concatenate([u[:k], u[k:]])
    return np.sum(u * u)


def shape_of_an_order(v, steps):
    for k in range(steps):
        M = np.concatenate([v[:, k:], v[:, :k]], axis=1)
        v = v * 0.5 + 0.1 * M[::2].sum()
    return np.sum(v)


def shape_beside_elements(v, steps):
    for _ in range(steps):
        w = np.concatenate([v, v[:1]])
        v = 0.5 * np.sin(w)[1:] * w[0]
    return np.sum(v)


def test_only_shapes_are_kept_where_only_they_are_read():
    assert kept(shape_of_a_work_array, (U, 0.3, 3)) == []
    for f, x in (shape_of_a_temporary, U), (shape_of_an_order, np.outer(U, U[:3])):
        assert all(what.endswith(".shape") for what in kept(f, (x, 3)))
    assert "w" in kept(shape_beside_elements, (U, 3))


def simple_operations(u, rate, steps):
    for _ in range(steps):
        h = np.tanh(u)
        u = u + rate * u * (1.0 - h**2)
    return np.sum(u * u)


def what_a_loop_does_not_change(u, kappa, dt, steps):
    for _ in range(steps):
        u = u + dt * kappa * np.sin(u)
    return np.sum(u)


def test_simple_operations_are_repeated():
    assert kept(simple_operations, (U, 0.3, 3), (0, 1)) == ["u", "h"]
    assert kept(what_a_loop_does_not_change, (U, U, 0.3, 3), (0, 1)) == ["u", "sin_u"]


def views_of_one_vector(theta, x, rate, steps):
    n = x.shape[1]
    velocity = np.zeros_like(theta)
    for _ in range(steps):
        W = theta[: 2 * n].reshape(n, 2)
        c = theta[2 * n :]
        h = np.tanh(x @ W)
        velocity -= rate * np.sum(h @ c) * theta
        theta += velocity
    return np.sum(theta * theta)


def test_a_vector_is_kept_rather_than_each_of_its_views():
    args = (np.linspace(-0.5, 0.5, 8), np.outer(U[:2], U[:3]), 0.1, 2)
    assert kept(views_of_one_vector, args).count("theta") == 1
    assert not {"W", "c"} & {*kept(views_of_one_vector, args)}
