"""Arrays of lists whose items are tuples, lists or arrays, in lists of any length."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.5, 1.2, -0.3, 0.8])
PAIRS = [(0.5, 1), (0.7, 2), (0.9, 0)]


def powers(v):
    return v, v**2, 1


def shifted(v):
    return np.array([v, np.sin(v), 1.0])


def written_out(x):
    A = np.array([[v, v * v] for v in x if v > 0])
    return np.sum(A[:, 0] * A[:, 1])


def from_function(x):
    xs = [v for v in x if v > 0]
    A, B = np.array([powers(v) for v in xs]), np.array([shifted(v) for v in xs])
    return np.sum(A * B) + np.sum(A[1] ** 2)


def grown(x):
    rows = []
    for v in x:
        if v > 0:
            rows.append([1, v, v**2, 2.0])
    A = np.array(rows)
    b = np.linalg.solve(A.T @ A + np.eye(4), A.T @ np.ones(len(rows)))
    return np.sum(b**2)


def of_arrays(x):
    A = np.array([(x * v, x + v) for v in x if v > 0])
    return np.sum(A[:, 0] * A[:, 1])


def deep(x):
    A = np.array([((v, 1.0), (v * v, 2)) for v in x if v > 0])
    B = np.array([[(v, w) for w in x] for v in x if v > 0])
    return np.sum(A[:, 0] @ A[:, 1].T) + np.sum(B[:, :, 0] ** 2 * B[:, :, 1])


def joined(x):
    pairs = [(v, w) for v, w in zip(x, x**2, strict=True) if v > 0]
    total = np.sum(np.concatenate(pairs) ** 2) * np.mean(pairs)
    total += np.sum(np.vstack(pairs)[0] * np.hstack(pairs)[:2])
    rows, columns = np.stack(pairs), np.column_stack(pairs)
    return total + np.sum(columns[0] * rows[:, 1]) + np.sum(pairs, axis=0)[1]


def columns(x):
    A = np.column_stack([x * v for v in x if v > 0])
    return np.sum(A[0] * A[1])


def lists_of_array(x):
    s = 0.0
    for v in x.tolist():
        s += v**2
    for row in np.outer(x, x).tolist():
        s += row[0] * row[1]
    return s * x[0].tolist()


ROWS = [written_out, from_function, grown, of_arrays, deep, joined, columns]


@pytest.mark.parametrize("f", [*ROWS, lists_of_array])
def test_arrays_of_rows(f):
    check(f, [V])
    s2s.check_grads(f, (V,))


def test_pairs_that_are_given():
    """What has no derivative in them has none in the gradient."""

    def f(pairs):
        A, B = np.array(pairs), np.array(pairs)
        return np.sum(A[:, 0] ** 2 * A[:, 1]) + pairs[0][0] * np.sum(B)

    check(f, [PAIRS])
    s2s.check_grads(f, (PAIRS,))
    assert all(label is None for _, label in s2s.grad(f)(PAIRS))


def test_numbers_of_two_kinds():
    def f(x):
        A = np.array([(v, 1j * v) for v in x if v > 0])
        return np.sum(np.abs(A))

    with pytest.raises(s2s.S2SError, match="must be of one kind"):
        s2s.grad(f)(V)


def test_tuples_of_arrays_are_not_joined():
    def f(x):
        return np.sum(np.concatenate([(v * x, x) for v in x if v > 0]))

    with pytest.raises(s2s.S2SError, match="of tuples of arrays is not supported"):
        s2s.grad(f)(V)


# lists and tuples of the rows of an array ---------------------------------------------


def as_tuple(A, w):
    r = tuple(A)
    A *= w
    return np.sum(r[0] * w)


def starred(A, w):
    r = [w, *A]
    A *= w
    return np.sum(r[1] * w)


def columns(A, w):
    r = [*A.T]
    A[0] *= 2.0
    return np.sum(r[0] * w[:2])


def one_of_them(A, w):
    r = tuple(A)[1]
    A *= w
    return np.sum(r * w)


def joined(A, w):
    r = [w]
    r += list(A)
    A *= w
    return np.sum(r[1] * w)


def copied_again(A, w):
    r = list(A).copy()
    A *= w
    return np.sum(r[1] * w)


def a_slice(A, w):
    xs = list(A)
    r = xs[1:]
    A *= w
    return np.sum(r[0] * w)


@pytest.mark.parametrize(
    "f", [as_tuple, starred, columns, one_of_them, joined, copied_again, a_slice]
)
def test_rows_in_a_list_are_views(f):
    with pytest.raises(s2s.UnsupportedError, match="in place"):
        s2s.grad(f)(np.ones((2, 3)), np.arange(3.0))
