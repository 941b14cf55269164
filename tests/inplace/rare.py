"""Rare spellings, and lists that change.

They may be refused, with a place, but never differentiated wrongly.
"""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases(may_refuse=True)


# rare spellings -----------------------------------------------------------------------


@case(V, 0.7)
def slice_objects(v, x):
    inner = slice(1, None)
    v[inner] *= x
    v[slice(0, 2)] = v[inner]
    return v


@case(W, 0.7)
def tuple_as_an_index(A, x):
    where = 0, 1
    A[where] = x
    A[(1, 2)] *= A[where]
    return A


@case(L, 0.7)
def tuple_of_indices(v, x):
    k = np.where(v > 0.6)
    v[k] = x * v[k]
    (j,) = np.nonzero(v < 0.0)
    v[j] = v[j] ** 2
    v[np.flatnonzero(v > 0.55)] *= x
    return v


@case(S, 0.7)
def open_mesh(A, x):
    A[np.ix_([0, 2], [1, 2])] *= x
    A[np.triu_indices(3)] = A[np.tril_indices(3)]
    A[np.diag_indices(3)] += x
    return A


@case(np.ones((2, 3, 2)), P, np.array([0, 1]))
def integers_and_slices(T, v, k):
    T[k, :, k] = v
    T[:, [0, 2], 1] *= v[:2]
    T[k[:, None], [1, 2]] += 0.5
    return T * T


@case(P, 0.7)
def floor_and_remainder(v, x):
    v %= 0.25
    v[0] //= 0.2
    v[1] *= x
    return v


@case(V, P, np.array([True, False, True]))
def only_where(a, b, m):
    np.multiply(a, b, out=a, where=m)
    np.copyto(b, a, where=m)
    np.putmask(b, m, a * a)
    np.place(a, m, b[:2])
    return a * b


@case(V, W)
def other_functions_with_out(v, A):
    B = np.empty((2, 3))
    np.outer(v[:2], v, out=B)
    np.stack([v, v * v], out=A)
    c = np.empty(4)
    np.concatenate([v, B[0, :1]], out=c)
    np.take(c, [0, 3], out=c[1:3])
    return A * B, c


@case(P, np.array([1, 2, 1]), V)
def other_functions_at(v, k, w):
    np.divide.at(v, k, w)
    np.maximum.at(v, [0, 0], w[1:])
    np.negative.at(v, [2])
    return v


@case(W, np.array([[0], [2]]))
def put_along_an_axis(A, k):
    np.put_along_axis(A, k, A[:, 1:2] ** 2, axis=1)
    np.fill_diagonal(A, A[0], wrap=True)
    return A


@case(L)
def partitioned(v):
    v.partition(2)
    return np.sum(v[:3] ** 2) * v[2]


@case(V, 0.7)
def shape_is_assigned(v, x):
    v.shape = (3, 1)
    v[1, 0] = x
    return v * v.T


@case(V, 0.7)
def starred(v, x):
    a, *b = v
    v[0] = x
    v[:], y = b[0] * a, b[1]
    return v * y


@case(V, 0.7)
def deleted(v, x):
    w = v
    w[0] = x
    del w
    v[1] *= v[0]
    return v


@case(V, 0.7)
def named_in_the_index(v, x):
    v[(k := 1)] = x
    v[k + 1] *= v[k]
    return v


# lists and dicts ----------------------------------------------------------------------


@case([V, 2.0 * V, P])
def sum_of_a_list(vs):
    total = vs[0]
    for k in range(1, len(vs)):
        total += vs[k]
    return vs[0] * total


@case([V, P], 0.7)
def items_of_a_list(vs, x):
    vs[0] += x
    vs[1][0] *= vs[0][1]
    vs[0][2] = x
    return vs[0] * vs[1]


@case([V, P], 0.7)
def arrays_of_a_list(vs, x):
    for v in vs:
        v *= x
        v[0] = v[1] * v[2]
    return vs[0] * vs[1]


@case(V, 3)
def appended(v, n):
    path = []
    for i in range(n):
        v[i] *= v[i - 1]
        path.append(v.copy())
    return np.sum(np.array(path) ** 2)


@case(V, 3)
def appended_without_a_copy(v, n):
    path = []
    for i in range(n):
        path.append(v)
        v[i] *= v[i - 1]
    return path[0] * path[-1]


@case(V, 0.7)
def list_methods(v, x):
    vs = [v, x * v]
    vs.insert(0, vs[1] * v)
    vs.extend([np.sin(v), v])
    last = vs.pop()
    last[0] = x
    return vs[0] * vs[1] * vs[-1]


@case([0.3, 0.4, 0.5], 0.7)
def items_of_a_list_of_numbers(xs, x):
    xs[0] = x * xs[1]
    xs[1] += xs[0]
    xs[2] *= xs[-2]
    return xs[0] * xs[1] * xs[2]


@case([V, P], 0.7)
def items_that_are_replaced(vs, x):
    v = vs[0]
    vs[0] = x * vs[1]
    vs[1], vs[0] = vs[0], vs[1]
    v[0] = x
    vs[0][1] = v[0]
    return vs[0] * vs[1] * v


@case(V, 0.7)
def comprehension(v, x):
    rows = [v * k for k in range(3)]
    rows[1][0] = x
    rows[2] *= rows[1]
    return rows[0] + rows[1] * rows[2]


@case(V, 0.7)
def dict_of_arrays(v, x):
    state = {"v": v, "m": np.zeros(3)}
    state["m"] += x * state["v"]
    state["v"] = state["v"] - state["m"]
    state["v"][0] = x
    return state["v"] * v


@case([V, P])
def rows_of_a_list_by_index(vs):
    for k in range(len(vs)):
        vs[k][0] *= vs[k - 1][1]
        vs[k] *= 2.0
    return vs[0] * vs[1]
