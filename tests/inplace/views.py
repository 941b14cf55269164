"""Views: what is written through one name is read through another."""

import numpy as np

from . import Cases, L, S, V, W

case = Cases()
D3 = np.array([1.0, 2.0, 3.0])


# rows and slices ----------------------------------------------------------------------


@case(W, 0.7)
def row(A, x):
    r = A[0]
    r[1] = x
    r[2] *= r[1]
    return np.sum(A**2)


@case(W, 0.7)
def row_read_after_a_store_to_the_base(A, x):
    r = A[1]
    A[1, 0] = x
    A[:, 2] *= A[0, 1]
    return r * D3


@case(W, 0.7)
def there_and_back(A, x):
    r = A[0]
    r[0] = x * A[1, 1]
    A[0, 1] = r[0] ** 2
    r[2] = A[0, 1] * r[1]
    return A * r


@case(L, 0.7)
def slice_of_a_vector(v, x):
    w = v[1:4]
    w[:] = x * w
    v[2] = w[0] * w[2]
    w += v[-1]
    return v


@case(L)
def overlapping_slices(v):
    a, b = v[:-1], v[1:]
    a[:] = a * b
    b *= a
    return a + b


@case(S, V)
def column(A, v):
    c = A[:, 1]
    c[:] = v * c
    A[0] = c
    c[2] = A[0, 0] * c[1]
    return A


@case(L)
def strided(v):
    even, odd = v[::2], v[1::2]
    even += odd
    odd *= even[::-1]
    return v


@case(L)
def backwards(v):
    w = v[::-1]
    w[0] = v[0] * w[1]
    v[:3] = w[:3]
    return v * np.arange(6)


@case(V, 0.7)
def the_whole(v, x):
    w = v[:]
    w[0] = x * v[1]
    u = w[...]
    u *= v[0]
    return v


@case(S, 1, 2)
def block_with_bounds(A, i, j):
    B = A[i:, :j]
    B *= A[0, 0]
    A[i, 0] = B[1, 1] ** 2
    return A


@case(W)
def rows_unpacked(A):
    a, b = A
    a *= b
    b[0] = a[1]
    return np.sum(A**2)


@case(V, 0.7)
def elements_are_copies(v, x):
    a, b, c = v
    s = v[0]
    v[0] = x
    b *= x
    v[1] = a * b * s
    return v * c


# other views --------------------------------------------------------------------------


@case(W, V)
def transpose(A, v):
    B = A.T
    B[0] = v[:2]
    B[1:, 0] *= v[2]
    A[1] = v * A[0]
    return B


@case(W, 0.7)
def reshape(A, x):
    v = A.reshape(6)
    v[1] = x
    v[::2] *= A[0, 1]
    return A


@case(W, 0.7)
def ravel(A, x):
    v = np.ravel(A)
    v[4] = x * v[0]
    w = A.ravel()
    w[1:] += v[:-1]
    return A * A


@case(W, 0.7)
def flatten_copies(A, x):
    v = A.flatten()
    v[0] = x
    A[1, 1] = v[0] * v[1]
    return v * v[3], A


@case(W, 0.7)
def new_axes(A, x):
    B = A[None]
    B[0, 1, 2] = x
    C = A[:, np.newaxis, :]
    C[0, 0] *= A[1]
    return np.sum(B**2)


@case(L, 0.7)
def reshape_of_a_vector(v, x):
    A = v.reshape(2, -1)
    A[1] = A[0] * x
    np.reshape(v, (3, 2))[:, 0] *= x
    return v


@case(S, 0.7)
def diagonal_is_read(A, x):
    d = np.diagonal(A)
    A[0, 0] = x
    A[1] *= 2.0
    return d * A[0]


@case(S)
def transposed_by_name(A):
    B = np.transpose(A)
    C = A.transpose()
    B[0, 1] = A[1, 2] * C[2, 2]
    C *= C[0, 0]
    return A


@case(np.ones((2, 3, 2)), W)
def swapped_axes(T, A):
    U = np.swapaxes(T, 0, 1)
    U[:, 0, 1] = A[1]
    T[1, :, 0] *= U[:, 0, 1]
    M = np.moveaxis(T, -1, 0)
    M[0] *= A
    return T


@case(S)
def flipped(A):
    B = np.flip(A, 0)
    B[0] *= A[0]
    C = A[:, ::-1]
    C[1, 0] = B[1, 1] ** 2
    return A


@case(W, 0.7)
def squeezed(A, x):
    r = np.squeeze(A[:1])
    r[1] = x
    e = np.expand_dims(A, 0)
    e *= r[0]
    return A


# views of views -----------------------------------------------------------------------


@case(S, 0.7)
def view_of_a_view(A, x):
    B = A[1:]
    r = B[0]
    t = r[1:]
    t[0] = x
    B[1] *= r
    A[1, 2] = t[0] ** 2
    return A * t[1]


@case(S)
def view_of_a_transpose(A):
    B = A.T[1:]
    B[0, ::-1] = A[0]
    c = B[:, 0]
    c *= A[2, :2]
    return A


@case(S, 0.7)
def several_hops(A, x):
    v = A[1:].reshape(-1)
    w = v[::-1][1:]
    w[0] = x
    w[1:3] *= A[0, :2]
    return A


@case(V, 0.7)
def matrix_of_a_diagonal(u, x):
    D = np.diag(u)
    D[0] = x * u
    D[1] *= D[0]
    u[1] = D[0, 2]
    return D * u


@case(S, 0.7)
def diagonal_that_changes(A, x):
    d, e = np.diag(A), np.diag(A, 1)
    A[0, 0] = x * d[1]
    A[1, 2] *= d[0]
    return A * d + np.diag(np.diag(A)) * e[1]


@case(S)
def columns_through_transposes(A):
    B, C = A.transpose(), np.transpose(A)
    B[1] = A[:, 0]
    C[2, 1:] = A[:-1, 1]
    return A * A
