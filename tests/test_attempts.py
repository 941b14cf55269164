"""Changes in the body of a `try`: what has changed when it fails stays changed."""

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from agree import check

import s2s

SPD = np.array([[2.0, 0.3], [0.3, 1.0]])
INDEFINITE = np.array([[1.0, 1.5], [1.5, 1.0]])
B = np.array([1.0, 2.0])


def inverse(t, n):
    if n == 0:
        raise ValueError("zero")
    return t / n


@dataclass
class State:
    x: np.ndarray
    tries: int = 0
    best: float = 0.0
    log: list = field(default_factory=list)


def solved(A, b):
    state = State(np.zeros(2))
    try:
        state.x = np.linalg.solve(np.linalg.cholesky(A), b)
        state.tries = 1
    except np.linalg.LinAlgError:
        state.x = 3.0 * b
    return np.sum(state.x**2) * (1.0 + state.tries)


def jittered(K, b):
    K, L = K.copy(), np.zeros_like(K)
    try:
        L[:] = np.linalg.cholesky(K)
    except np.linalg.LinAlgError:
        K += 2.0 * np.eye(2)
        L[:] = np.linalg.cholesky(K)
    return np.sum(np.log(np.diag(L))) * b[0]


def damped(A, b):
    damping = 1e-3
    x = np.zeros(2)
    while True:
        try:
            x += np.linalg.solve(np.linalg.cholesky(A + damping * np.eye(2)), b)
            break
        except np.linalg.LinAlgError:
            damping *= 10
    return np.sum(x * x)


def rows(A, b):
    A = A.copy()
    row = A[0]
    out = 0.0
    for _ in range(3):
        try:
            row[:] = np.linalg.solve(np.linalg.cholesky(A), b)
        except np.linalg.LinAlgError:
            A[1, 1] += 3.0 * b[0]
            continue
        out += np.sum(A * A)
        if out > 50.0:
            break
    return out + np.sum(row)


@pytest.mark.parametrize("A", [SPD, INDEFINITE])
@pytest.mark.parametrize("f", [solved, jittered, damped, rows])
def test_a_factorization_that_may_fail(f, A):
    check(f, (A, B))


def test_what_changes_last_is_changed_in_place():
    df = s2s.grad(jittered)
    df(SPD, B)
    assert "L.copy()" not in df.source
    assert "L[:] = " in df.source


def stepwise(x, n):
    y = np.zeros(3)
    try:
        y[0] = x * x
        y[1] = y[0] * (1 / n)
        y[2] = math.sqrt(x) * y[1]
    except ZeroDivisionError:
        y[1] = y[0] * 3.0
    return np.sum(y * y)


def in_a_loop(x, n):
    y = np.full(4, x)
    for k in range(1, 4):
        try:
            y[k] = y[k - 1] * x
            z = y[k] * inverse(x, k - n)
            y[k] *= z
        except ValueError as error:
            y[k] += 2.0 * x
            if x > 5.0:
                raise RuntimeError("large") from error
    return np.sum(y * y)


def all_of_an_object(x, n):
    s = State(np.array([1.0, 2.0]))
    for k in range(4):
        try:
            s.tries += 1
            s.best = s.best + inverse(x * s.tries, k - n)
            s.x[0] *= x
            s.log.append(s.best)
        except ValueError:
            s.best *= 2.0 * x
            s.log.append(x)
    return s.best * np.sum(s.x) * s.tries + sum(s.log)


def entries(x, n):
    d = {"a": x, "b": x * x}
    items = [x, x]
    try:
        d["a"] = d["a"] * x
        items[0] = d["a"] * 2.0
        d["b"] = d["a"] * inverse(x, n)
    except ValueError:
        d["b"] = items[0] * 3.0
    else:
        items[1] = d["b"]
    return d["a"] * d["b"] * items[0] * items[1]


def returning(x, n):
    v = np.zeros(3)
    try:
        v[0] = x
        if n > 1:
            return v[0] * x
        v[1] = inverse(x * x, n)
    except ValueError:
        v[1] = v[0] * x
    return v[0] * v[1]


def until_it_works(x, n):
    v = np.zeros(3) + x
    for _ in range(4):
        while True:
            try:
                v[1] = v[0] * x
                v[0] = v[1] * inverse(x, n)
                break
            except ValueError:
                n += 2
                v *= 1.5
    return np.sum(v)


def queue(x, n):
    todo, out = [x], 0.0
    while todo:
        try:
            t = todo.pop()
            if t > 5.0:
                raise ValueError
            todo.append(t * t * 2.0 + n)
            out += t
        except ValueError:
            out += x * t
    return out


@pytest.mark.parametrize("n", [0, 1, 2, 9])
@pytest.mark.parametrize(
    "f",
    [stepwise, in_a_loop, all_of_an_object, entries, returning, until_it_works, queue],
)
def test_a_change_before_a_failure_stays(f, n):
    check(f, (0.7, n))


def test_what_cannot_fail_is_written_before():
    df = s2s.grad(stepwise)
    df(0.7, 2)
    assert df.source.index("y[0] = x * x") < df.source.index("try:")


# what is kept for the reverse sweep ---------------------------------------------------


def loop_in_a_try(x, n):
    s = x
    for k in range(4):
        try:
            y = s
            for j in range(3):
                y = 0.5 * y * y + inverse(x, k + j - n)
            s = s + math.sin(y)
        except ValueError:
            s = s * x
    return s


def branches_in_a_try(x, n):
    s = x
    for k in range(4):
        try:
            if s > 0.5:
                y = math.sin(s) * s
                if y > 0.1:
                    y = math.exp(y) * y
            else:
                y = s * s
            y = y * inverse(y, k - n)
            s = s + y
        except ValueError:
            s = s * x
    return s


def try_in_a_loop_in_a_try(x, n):
    s = x
    for k in range(4):
        try:
            y = s
            for j in range(3):
                try:
                    for _ in range(2):
                        y = math.sin(y) * y + inverse(x, k + j - n)
                except ZeroDivisionError:
                    y = s * s
                try:
                    y = y * inverse(y, j + k - n - 1)
                except ValueError:
                    y = s * s * s
            s = s + math.sin(y)
        except ValueError:
            s = s * x
    return s


@pytest.mark.parametrize("n", [0, 3, 9])
@pytest.mark.parametrize(
    "f", [loop_in_a_try, branches_in_a_try, try_in_a_loop_in_a_try]
)
def test_nothing_is_kept_of_what_failed(f, n):
    check(f, (0.7, n))


def test_names_that_are_bound_before_anything_can_fail():
    def root(v):
        if v < 0:
            raise ValueError("negative")
        return np.sqrt(v)

    def f(x):
        s, a = 0.0, x[0]
        for v in x:
            try:
                w = v * 2
                u = w + a * 0.1
                s += root(w) * u
            except ValueError:
                s += w**2 * u
        return s

    def g(x):
        try:
            w = root(x[0])
            u = root(x[1])
        except ValueError:
            u = w**2
        return u

    def h(x, A):
        try:
            b = 2.0
            A *= b
            s = root(x[2])
        except ValueError:
            s = b * x[2]
        return s + np.sum(A)

    x = np.array([0.5, 1.2, -0.3, 0.8])
    check(f, [x[0] * x])
    check(h, [x, np.ones((2, 2))])
    with pytest.raises(s2s.S2SError, match="what `w` stands for is not known here"):
        s2s.grad(g)(x)


def test_finally_comes_before_the_handler_around():
    """Right or refused: `v` has changed where the outer handler begins."""

    def clean(v, c):
        try:
            if v[0] * c < 100.0:
                raise ValueError("small")
        finally:
            v[0] = v[0] * c
        return c

    def f(c, u):
        v = u.copy()
        try:
            s = clean(v, c)
        except ValueError:
            s = v[0]
        return np.sum(v**2) * s

    def g(c, u):
        v = u.copy()
        try:
            v[1] = c
        finally:
            v[0] = v[0] * c
        return np.sum(v**2)

    u = np.array([0.7, -1.2, 0.45])
    check(g, [1.3, u])
    with pytest.raises(s2s.UnsupportedError, match="`finally` is not supported where"):
        s2s.vjp(f, 1.3, u)
