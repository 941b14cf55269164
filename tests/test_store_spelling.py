"""Two spellings of one store have one derivative: augmented or not, in place or not."""

import numpy as np
import pytest
from agree import check_spellings
from inplace import Cases, L, P, V

pair = Cases()


# augmented or not ---------------------------------------------------------------------


@pair(V, 0.7)
def element():
    def one(v, x):
        v[1] += x * v[0]
        v[2] *= v[1]
        return np.sum(v**2)

    def other(v, x):
        v[1] = v[1] + x * v[0]
        v[2] = v[2] * v[1]
        return np.sum(v**2)

    def third(v, x):
        y = v[1] + x * v[0]
        v[1] = y
        v[2] = y * v[2]
        return np.sum(v**2)

    def view(v, x):
        w = v[1:]
        w[0] += x * v[0]
        w[1] *= v[1]
        return np.sum(v**2)

    return one, other, third, view


@pair(L, 0.7)
def slices():
    def one(v, x):
        v[1:] -= x * v[:-1]
        v[::2] /= 2.0 + x
        return np.sum(v**3)

    def other(v, x):
        v[1:] = v[1:] - x * v[:-1]
        v[::2] = v[::2] / (2.0 + x)
        return np.sum(v**3)

    def views(v, x):
        tail, even = v[1:], v[::2]
        tail -= x * v[:-1]
        even /= 2.0 + x
        return np.sum(v**3)

    def functions(v, x):
        np.subtract(v[1:], x * v[:-1], out=v[1:])
        np.divide(v[::2], 2.0 + x, v[::2])
        return np.sum(v**3)

    def backwards(v, x):
        for i in range(len(v) - 1, 0, -1):
            v[i] -= x * v[i - 1]
        for i in range(0, len(v), 2):
            v[i] /= 2.0 + x
        return np.sum(v**3)

    return one, other, views, functions, backwards


@pair(P, 0.7)
def whole_array():
    def one(v, x):
        v *= x
        v **= 2
        return np.sum(np.sin(v))

    def stores(v, x):
        v[:] = v * x
        v[...] = v**2
        return np.sum(np.sin(v))

    def alias(v, x):
        w = v
        w *= x
        w **= 2
        return np.sum(np.sin(v))

    def pure(v, x):
        v = v * x
        v = v**2
        return np.sum(np.sin(v))

    def functions(v, x):
        np.multiply(v, x, out=v)
        np.power(v, 2, v)
        np.sin(v, out=v)
        return np.sum(v)

    def copied(v, x):
        w = np.empty_like(v)
        np.copyto(w, v * x)
        np.copyto(v, w * w)
        return np.sum(np.sin(v))

    def elements(v, x):
        for i in range(len(v)):
            v[i] = (v[i] * x) ** 2
        return np.sum(np.sin(v))

    return one, stores, alias, pure, functions, copied, elements


# in place or not ----------------------------------------------------------------------


@pair(L, 0.2, 3)
def heat():
    def one(u, k, steps):
        for _ in range(steps):
            u[1:-1] += k * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
        return np.sum(u**2)

    def pure(u, k, steps):
        for _ in range(steps):
            d = k * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
            u = np.concatenate([u[:1], u[1:-1] + d, u[-1:]])
        return np.sum(u**2)

    def double_buffer(u, k, steps):
        new = u.copy()
        for _ in range(steps):
            new[1:-1] = u[1:-1] + k * u[1:-1] * (u[2:] - 2.0 * u[1:-1] + u[:-2])
            u, new = new, u
        return np.sum(u**2)

    def elements(u, k, steps):
        for _ in range(steps):
            old = u.copy()
            for i in range(1, len(u) - 1):
                d = old[i + 1] - 2.0 * old[i] + old[i - 1]
                u[i] += k * old[i] * d
        return np.sum(u**2)

    def views(u, k, steps):
        left, middle, right = u[:-2], u[1:-1], u[2:]
        for _ in range(steps):
            middle += k * middle * (right - 2.0 * middle + left)
        return np.sum(u**2)

    def history(u, k, steps):
        h = np.zeros((steps + 1, len(u)))
        h[0] = u
        for t in range(steps):
            h[t + 1] = h[t]
            d = h[t, 2:] - 2.0 * h[t, 1:-1] + h[t, :-2]
            h[t + 1, 1:-1] += k * h[t, 1:-1] * d
        return np.sum(h[-1] ** 2)

    return one, pure, double_buffer, elements, views, history


@pair(L, 0.7)
def recurrence():
    def one(v, x):
        for i in range(1, len(v)):
            v[i] = v[i - 1] * v[i] + x
        return np.sum(v)

    def augmented(v, x):
        for i in range(1, len(v)):
            v[i] *= v[i - 1]
            v[i] += x
        return np.sum(v)

    def pure(v, x):
        y = v[0]
        total = y
        for i in range(1, len(v)):
            y = y * v[i] + x
            total = total + y
        return total

    def table(v, x):
        w = np.empty_like(v)
        w[0] = v[0]
        for i in range(1, len(v)):
            w[i] = w[i - 1] * v[i] + x
        return np.sum(w)

    def backwards(v, x):
        w = v[::-1]
        for i in range(len(w) - 2, -1, -1):
            w[i] = w[i + 1] * w[i] + x
        return np.sum(w)

    def while_loop(v, x):
        i = 1
        while i < len(v):
            v[i] = x + v[i] * v[i - 1]
            i += 1
        return v.sum()

    return one, augmented, pure, table, backwards, while_loop


@pytest.mark.parametrize(
    ("make", "args"), pair.found, ids=[make.__name__ for make, _ in pair.found]
)
def test_spellings_agree(make, args):
    check_spellings(make(), args)
