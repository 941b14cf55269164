"""Stores through arrays of integers and of booleans."""

import numpy as np

from . import Cases, L, P, S, V, W

case = Cases()
TWO = np.array([0.7, -0.2])


# arrays of integers -------------------------------------------------------------------


@case(V, TWO)
def list_of_integers(v, w):
    v[[0, 2]] = w * v[[2, 1]]
    return np.sum(v**2)


@case(V, 0.7, 0.2)
def the_last_duplicate_wins(v, x, y):
    v[[0, 0]] = x, y
    return v


@case(V, np.array([0.7, -0.2, 0.4, 0.9]), np.array([1, 2, 1, -2]))
def duplicates_in_an_argument(v, w, k):
    v[k] = w * v[k]
    return np.sum(v**3)


@case(V, 0.7, np.array([1, 1]))
def number_through_integers(v, x, k):
    v[k] = x * v[0]
    v[k] = v[k] ** 2
    return v


@case(W, TWO, np.array([0, 1]), np.array([2, 0]))
@case(W, TWO, np.array([1, 1]), np.array([2, 2]))
def pairs_of_integers(A, w, i, j):
    A[i, j] = w * A[j % 2, i]
    return A


@case(S, V, np.array([2, 0]))
@case(S, V, np.array([1, 1]))
def rows_through_integers(A, v, k):
    A[k] = v * A[k]
    A[k, 1:] = A[:2, :2] ** 2
    return A


@case(S, TWO, np.array([2, 0]))
def columns_through_integers(A, w, k):
    A[:, k] = w * A[:, k]
    A[1, k] = w
    A[1:, k] *= w
    return np.sum(A**2)


@case(L, np.array([[0.7, -0.2], [0.4, 0.9]]), np.array([[0, 3], [3, 5]]))
def matrix_of_integers(v, M, k):
    v[k] = M * v[k]
    return np.sum(v**2)


@case(V)
def permuted(v):
    k = np.argsort(v)
    w = np.empty(3)
    w[k] = v**2
    v[k] = w * v
    return v


@case(L, 3)
def range_of_integers(v, n):
    k = np.arange(n)
    v[k] = v[k + 1] * v[2 * k]
    v[2 * k + 1] += v[k]
    return v


# lists of integers, of which the last duplicate wins, too -----------------------------

PLACES = [0, 0, 2]


@case(V, 0.7, [0, 0, 2])
def added_through_a_list(v, x, k):
    v[k] += x
    v[sorted(k)[1:]] -= v[k[:2]] * x
    v[k,] += v[k] ** 2
    return v


@case(V, 0.7)
def added_through_a_list_that_is_made_here(v, x):
    v[[k // 2 for k in range(3)]] += x
    v[PLACES] -= v * x
    return v


@case(W, 0.7, [1, 1])
def columns_through_a_list(A, x, k):
    A[:, k] += x
    A[k, k] += A[0, 0] * x
    A[1][k] -= A[0, :2]
    return A


@case(V, 0.7, {"a": [0, 0], "b": [1, 2]})
def added_through_lists_in_a_dict(v, x, groups):
    for k in groups.values():
        v[k] += x * v[k]
    return v


# masks --------------------------------------------------------------------------------


@case(V, 0.7)
def number_through_a_mask(v, x):
    v[v < 0.0] = x
    return np.sum(v**2)


@case(V, TWO, np.array([True, False, True]))
def mask_in_an_argument(v, w, m):
    v[m] = w * v[m]
    v[~m] = -(v[~m] ** 2)
    return v


@case(W)
def clipped(A):
    A[A < 0.0] = 0.0
    A[A > 1.0] = A[A > 1.0] ** 2
    return np.sum(A**2)


@case(L, 0.65)
def mask_of_two_conditions(v, x):
    v[(v > 0.0) & (v < x)] = x * v[0]
    v[(v < -0.5) | (v > 1.0)] *= x
    return v


@case(L, P[:2])
def mask_kept_over_the_store(v, w):
    m = v < 0.0
    v[m] = w * v[m]
    v[m] = v[m] * v[~m][:2]
    v[~m] = v[~m] ** 2
    return v


@case(W, V, np.array([False, True]))
def rows_through_a_mask(A, v, m):
    A[m] = v * A[m]
    A[~m, 1] = v[0]
    return A


@case(W, TWO, np.array([True, False, True]))
def columns_through_a_mask(A, w, m):
    A[:, m] = w * A[:, m]
    A[0, m] = w
    return A


@case(V, 0.7, np.array([False, False, False]))
def mask_of_nothing(v, x, m):
    v[m] = x
    v[m] *= v[m]
    return np.sum(v**2) + x


@case(W, 0.7)
def mask_of_another_array(A, x):
    B = np.zeros_like(A)
    B[A > 0.0] = A[A > 0.0] ** 2
    B[A < 0.0] = x
    return B * A


@case(V, 0.7)
def minimum_and_maximum(v, x):
    v[np.argmax(v)] = x * v[np.argmin(v)]
    v[v.argmin()] *= x
    return v


# stores into copies -------------------------------------------------------------------


@case(W, 0.7)
def into_a_copy(A, x):
    A[[0, 1]][0] = x
    A[A > 0.0][1] = x
    A.copy()[0] = x
    A.flatten()[0] = x
    return A * x


@case(V, 0.7, np.array([0, 1]))
def into_a_copy_with_a_name(v, x, k):
    w = v[k]
    w[0] = x
    v[1] = w[0] * w[1]
    w[1] = v[1] ** 2
    return v, w


# what is stored at one place depends on what was at all of them
REPEATED = np.array([2, 0, 2])


@case(V, REPEATED)
@case(V, np.array([1, 1, 1]))
def mixed(v, k):
    v[k] = np.array([[0.2, 0.4, 0.1], [0.8, -0.3, 0.5], [0.6, 0.9, -0.7]]) @ v[k]
    return v


@case(V, REPEATED)
def backwards(v, k):
    v[k] = np.cumsum(v[k])[::-1]
    v[k] *= v[k][1]
    return v


@case(V, 0, 2)
@case(V, 1, 1)
@case(V, -1, 2)
def rotated(v, i, j):
    c, s = np.cos(0.3), np.sin(0.3)
    v[[i, j]] = np.array([[c, s], [-s, c]]) @ v[[i, j]]
    return np.sum(v**3)
