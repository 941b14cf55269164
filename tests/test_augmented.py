"""Which stores print augmented: what the user wrote so, and what s2s itself stores."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1])
W = np.array([[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]])


def written_augmented(v, x):
    v[0] *= x
    v[1:] /= 2.0 + v[0]
    v[2] **= 2
    return v


def written_out(v, x):
    v[0] = v[0] * x
    v[1] = x * v[1]
    v[2] = v[2] ** 2
    return v


def whole_numbers(v, x):
    count = np.zeros(2, dtype=int)
    for k in range(3):
        count[k % 2] += k
        v[k] *= x * count[k % 2]
    return v


def other_place(A, x):
    A[0] = A[1] * x
    A[1] = A[0] * 2.0
    return A


def rows_of_a_list(A, x):
    rows = [A[0] * 1.0, A[1] * x]
    rows[0] *= rows[1]
    return rows[0] * np.sum(rows[1])


def old_value_read_later(v, x):
    old = v[1]
    v[1] *= x
    v[0] *= old * v[1]
    return v


CASES = [
    (written_augmented, V, ["v[0] *= x", "v[2] **= 2", "v_bar[0] *= x"]),
    (written_out, V, ["v[0] = t * x", "v[1] = x * t2", "v_bar[1] *= x"]),
    (whole_numbers, V, ["count[t] += k", "v_bar[k] *= x * t2"]),
    (other_place, W, ["A[0] = t * x", "A[1] = A[0] * 2.0"]),
    (rows_of_a_list, W, []),
    (old_value_read_later, V, ["v[1] *= x"]),
]


@pytest.mark.parametrize(("f", "x", "lines"), CASES)
def test_augmented(f, x, lines):
    check(f, (x, 0.7))
    df = s2s.api.transformed(f, "vjp", (0, 1))
    df.compile(x, 0.7)
    for line in lines:
        assert line in df.source, df.source


def test_complex_factor_of_a_real_array():
    """In place NumPy casts within a kind only: `v_bar[1:] *= z` would fail."""

    def f(v):
        w = v * (1.0 + 0.0j)
        w[1:] = (w[1:] * (0.3 + 0.4j)).real
        return np.sum(np.abs(w) ** 2)

    check(f, (V,))


def test_an_index_is_evaluated_once():
    def f(v, x, ks):
        v[ks.pop()] *= x
        return np.sum(v**2)

    check(f, (V, 0.7, [1, 2]))


def test_no_name_is_left_without_a_reader():
    def f(v, x, n):
        old = v[0]
        if n > 1:
            v[0] = old * x
        else:
            v[0] = old * 3.0
        return np.sum(v**2)

    def g(v, x, n):
        if n > 1:
            v[0] *= x
        else:
            v[0] *= 3.0
        return np.sum(v**2)

    for n in (1, 2):
        check(f, (V, 0.7, n))
        check(g, (V, 0.7, n))


def test_what_stays_is_not_stored():
    def f(v):
        v[1] = (v[1] + 0.5) % 3.0
        return np.sum(v**2)

    check(f, (V,))
    df = s2s.api.transformed(f, "jvp", (0,))
    df.compile(V)
    assert "v_dot[1] =" not in df.source


def test_an_adjoint_is_multiplied_after_it_was_read():
    def f(v, x):
        y = v[0]
        for k in range(3):
            y = y * x + v[k]
        return y

    check(f, (V, 0.7))
    df = s2s.grad(f, argnums=(0, 1))
    df(V, 0.7)
    assert "y_bar *= x" in df.source
    assert "y_bar2" not in df.source


def test_an_array_that_its_right_side_binds_anew():
    def f(v):
        u = v * 1.0
        u += (u := u * 2.0)
        return np.sum(u**2)

    with pytest.raises(s2s.UnsupportedError, match="binds `u` anew"):
        s2s.grad(f)(V)


def test_a_number_that_its_right_side_binds_anew():
    def f(x):
        y = np.sin(x)
        y += (y := y * 2.0)
        return y * x

    check(f, (0.7,))
