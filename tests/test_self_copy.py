"""Copies of a part of an array into the same array: as NumPy makes them, or refused."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.9, -0.4, 0.7, 1.2, -0.6, 0.5])
A = np.arange(25.0).reshape(5, 5) / 10 - 1.1


# parts of one array -------------------------------------------------------------------


def rows_and_columns_of_what_was_reshaped(v, x):
    B = v.copy().reshape(2, 3)
    B[:, 0] = B[:, 1]
    B[0, 1:] = B[0, :-1]
    B[1] = B[0]
    return B * x


def of_a_view_with_other_axes(v, x):
    B = v.reshape(2, 3).copy()
    C = B.swapaxes(0, 1)
    C[1:, 0] = C[:-1, 0]
    C[0] = C[2]
    return B * x


def mirrored(A, x):
    for i in range(5):
        A[i + 1 :, i] = A[i, i + 1 :]
    for i in range(5):
        A[i, :i] = A[:i, i]
    return A * x


def row_and_column_with_one_number(A, x):
    A[2] = A[:, 2]
    A[:, -1] = A[-1]
    return A * x


def row_and_column_of_a_new_array(A, x):
    B = np.zeros((5, 5))
    B[:] = A * x
    B[3] = B[:, 1]
    return B


def all_of_what_may_be_it(v, x):
    best = v
    for _ in range(2):
        other = best * x
        if other[0] > 1.0:
            best = other
    v[1:] = best[:-1]
    return v * x


def one_element_by_a_mask(v, x):
    v[v > 0.6] = v[1, ...]
    v[v > 0.6] = v[1:2]
    return v * x


def copies_by_a_mask(v, x):
    v[v > 0.6] = v[v > 0.6][::-1]
    v[v < 0.6] += v[:3]
    v[v > -9.0] = v[::-1] * x
    return v


def by_a_bool(v, x):
    v[x > 0.0] = v[::-1]
    v[x > 0.0, 1:] = v[:-1]
    return v * x


def indices_and_masks_of_rows(A, x):
    A[[3, 1, 0]] = A[1:4]
    A[0, [3, 1, 0]] = A[0, 1:4]
    A[np.array([True] * 5)] = A[::-1]
    A[2, A[0] > -9.0] = A[2, ::-1]
    return A * x


def copied_where(v, x):
    np.copyto(v[1:], v[:-1], where=v[1:] > 0.0)
    np.copyto(v, v[::-1], where=v > 0.0)
    return v * x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (rows_and_columns_of_what_was_reshaped, (V, 0.7)),
        (of_a_view_with_other_axes, (V, 0.7)),
        (mirrored, (A, 0.7)),
        (row_and_column_with_one_number, (A, 0.7)),
        (row_and_column_of_a_new_array, (A, 0.7)),
        (all_of_what_may_be_it, (V, 0.7)),
        (one_element_by_a_mask, (V, 0.7)),
        (copies_by_a_mask, (V, 0.7)),
        (by_a_bool, (V, 0.7)),
        (indices_and_masks_of_rows, (A, 0.7)),
        (copied_where, (V, 0.7)),
    ],
)
def test_copies(f, args):
    check(f, args)


def reversed_by_a_mask(v, x):
    v[v > -9.0] = v[::-1]
    return v * x


def shifted_by_a_mask(v, x):
    v[v < 1.0] = v[:-1]
    return v * x


def reversed_by_a_list_of_booleans(v, x):
    v[[True, True, True, True, True, True]] = v[::-1]
    return v * x


def matrix_by_a_mask(A, x):
    B = np.outer(A[0], A[1])
    B[B > -9.0] = B.reshape(-1)[::-1]
    return B * x


def row_by_a_mask(A, x):
    A[0][A[0] > -9.0] = A[:, 0]
    return A * x


def by_a_mask_from_what_may_be_it(v, x):
    w = v[::-1] if x > 0.0 else np.zeros(6)
    v[v > -9.0] = w
    return v * x


def copied_in_steps_where(v, x):
    np.copyto(v[::2], v[:3], where=v[3:] > -9.0)
    return v * x


def column_from_a_row_that_is_a_matrix(A, x):
    A[:, 2] = A[1:2, :]
    return A * x


def row_from_a_column_further_down(A, x):
    A[2, 0:3] = A[1:4, 2]
    return A * x


def column_of_a_part(A, x):
    B = A[:, 1:]
    B[:4, 1] = A[1, :4]
    return A * x


def row_from_a_column_of_an_argument(A, x):
    A[3] = A[:, 1]  # another order in memory, another result
    return A * x


def part_from_what_may_be_another(v, x):
    w = v[:4] if x < 0.0 else np.concatenate([v, v])[::3]
    v[:4] = w
    w = v[::2] if x > 0.0 else v[:3] * x
    v[1:4] = w
    return v * x


def diagonal_reversed(A, x):
    np.fill_diagonal(A, np.diag(A)[::-1])
    return A * x


def diagonal_from_what_may_be_a_row(A, x):
    row = A[1, ::-1] if x > 0.0 else np.ones(5)
    np.fill_diagonal(A, row)
    return A * x


def half_from_the_other(v, x):
    parts = np.split(v, 2)
    v[1:4] = parts[1]
    return v * x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (reversed_by_a_mask, (V, 0.7)),
        (shifted_by_a_mask, (V, 0.7)),
        (reversed_by_a_list_of_booleans, (V, 0.7)),
        (matrix_by_a_mask, (A, 0.7)),
        (row_by_a_mask, (A, 0.7)),
        (by_a_mask_from_what_may_be_it, (V, 0.7)),
        (copied_in_steps_where, (V, 0.7)),
        (column_from_a_row_that_is_a_matrix, (A, 0.7)),
        (row_from_a_column_further_down, (A, 0.7)),
        (column_of_a_part, (A, 0.7)),
        (row_from_a_column_of_an_argument, (A, 0.7)),
        (part_from_what_may_be_another, (V, 0.7)),
        (diagonal_reversed, (A, 0.7)),
        (diagonal_from_what_may_be_a_row, (A, 0.7)),
        (half_from_the_other, (V, 0.7)),
    ],
)
def test_copies_that_depend_on_the_order(f, args):
    with pytest.raises(s2s.S2SError, match="elements that it has just written"):
        s2s.vjp(f, *args)


# items of a list ----------------------------------------------------------------------


def row_that_stays(A, x):
    A[:2] *= x
    A[:] = [A[1], A[1] * x, A[2], A[4], A[0] + A[1]]
    return A


def items_that_are_new(A, x):
    A[:] = [row * x for row in A[::-1]]
    A[:3] = [A[k] * x for k in (2, 1, 0)]
    A[0] = [A[4, 0], A[0, 0], x, A[0, 1], A[0, 2]]
    A[:2] = A[1] * x, A[0] + 1.0
    return A


def what_makes_an_array_first(A, x):
    A[[0, 1]] = [A[1], A[0]]
    A[:2] += [A[1], A[0]]
    np.copyto(A[:2], [A[1], A[0]])
    A[:2] = np.array([A[1], A[0]])
    return A * x


def rows_of_another(A, x):
    B = A * x
    A[:2] = [B[1], B[0]]
    return A * B


@pytest.mark.parametrize(
    "f",
    [row_that_stays, items_that_are_new, what_makes_an_array_first, rows_of_another],
)
def test_items_of_a_list(f):
    check(f, (A, 0.7))


def rows_swapped(A, x):
    B = A[:2] * x
    B[:] = [B[1], B[0]]
    return B


def rows_swapped_in_a_tuple(A, x):
    B = A[:2] * x
    B[...] = B[1], B[0]
    return B


def rows_with_names(A, x):
    B = A[:2] * x
    one, other = B
    rows = [other, one]
    B[:] = rows
    return B


def rows_in_a_comprehension(A, x):
    A[:3] = [A[k] for k in (2, 1, 0)]
    return A * x


def columns_into_rows(A, x):
    A[:2] = [A[:, 1], A[:, 0]]
    return A * x


def elements_that_are_views(A, x):
    b = A[0] * x
    b[:3] = [b[1, ...], b[0, ...], x]
    return b


def row_beside_a_list(A, x):
    B = A[:2] * x
    B[:] = [[x, 1.0, 2.0, 3.0, 4.0], B[0]]
    return B


def rows_as_a_list(A, x):
    A[:] = list(A[::-1])
    return A * x


def row_that_may_be_of_it(A, x):
    row = A[0] if x > 0.0 else np.zeros(5)
    A[:2] = [A[1] * x, row]
    return A * x


@pytest.mark.parametrize(
    "f",
    [
        rows_swapped,
        rows_swapped_in_a_tuple,
        rows_with_names,
        rows_in_a_comprehension,
        columns_into_rows,
        elements_that_are_views,
        row_beside_a_list,
        rows_as_a_list,
        row_that_may_be_of_it,
    ],
)
def test_items_that_are_parts_of_it(f):
    with pytest.raises(s2s.S2SError, match="one after the other, and NumPy reads"):
        s2s.vjp(f, A, 0.7)


# out= ---------------------------------------------------------------------------------


def what_is_copied_first(A, x):
    np.exp(A[::-1], out=A)
    np.cumsum(A.T, axis=0, out=A)
    np.take(A, [4, 2, 0, 1, 3], axis=0, out=A)
    np.clip(A[:, ::-1], -1.0, 2.0, out=A)
    np.dot(A, A, out=A)
    np.matmul(A, A[0], out=A[1])
    np.einsum("ij,jk->ki", A, A, out=A)
    np.outer(A[0], A[1], out=A)
    np.sum(A, axis=1, out=A[0])
    np.std(A, axis=0, out=A[:, 1])
    np.median(A, axis=1, out=A[2])
    return A * x


def parts_that_are_new(v, x):
    w = v * x
    np.concatenate([w[3:], w[:3]], out=v)
    np.stack([v[3:] * x, v[:3] * x], out=v.reshape(2, 3))
    np.ptp(w.reshape(2, 3), axis=0, out=v[:3])
    return v * w


@pytest.mark.parametrize(
    ("f", "args"), [(what_is_copied_first, (A / 3,)), (parts_that_are_new, (V,))]
)
def test_functions_with_out(f, args):
    check(f, (*args, 0.7))


def concatenated(v, x):
    np.concatenate([v[2:], v[:2]], out=v)
    return v * x


def concatenated_rows(A, x):
    np.concatenate((A[2:], A[:2]), 0, A)
    return A * x


def stacked(A, x):
    B = A[:2] * x
    np.stack([B[1], B[0]], out=B)
    return B


def stacked_columns(A, x):
    np.stack([A[0] * x, A[0], A[1], A[2], A[3]], axis=1, out=A)
    return A


def ranges(A, x):
    np.ptp(A, axis=0, out=A[1])
    return A * x


def items_of_a_list_that_grew(v, x):
    rows = []
    for _ in range(2):
        rows.append(v * x)
    np.concatenate([rows[0][2:], rows[0][:2]], out=rows[0])
    return rows[0]


def what_may_be_it(v, x):
    w = v if x > 0.0 else v * x
    np.concatenate([w[2:], w[:2]], out=v)
    return v * x


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (concatenated, (V,)),
        (concatenated_rows, (A,)),
        (stacked, (A,)),
        (stacked_columns, (A,)),
        (ranges, (A,)),
        (items_of_a_list_that_grew, (V,)),
        (what_may_be_it, (V,)),
    ],
)
def test_out_is_a_part_of_what_is_read(f, args):
    with pytest.raises(s2s.S2SError, match="is given a part of `out`, and NumPy reads"):
        s2s.vjp(f, *args, 0.7)
