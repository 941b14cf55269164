# ruff: noqa: B007, B905, RUF017
"""Lists of lists: right in every mode, or refused."""

import copy
from dataclasses import dataclass

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1, 0.6])
U = np.array([0.9, 0.2, -0.4])
ROWS = [[0.2, -0.5, 0.9], [1.2, 0.4, -0.7]]
SQUARE = [[2.0, 0.3, 0.1], [0.4, 1.5, 0.2], [0.1, 0.6, 1.8]]
PAIRS = [[1.0, 2.0], [0.4, 0.3], [0.1, 0.2]]
RAGGED = [[0.2], [1.2, 0.4], [-0.7, 0.3, 0.8]]


def history(x, n):
    rows = []
    for i in range(n):
        row = []
        for j in range(i + 1):
            row.append(np.sin(x[j]) * (i + 1))
        rows.append(row)
    return sum(sum(r) for r in rows) + rows[-1][0]


@dataclass
class Weight:
    m: float
    k: int


def objects_in_lists(x, n):
    weights = [Weight(v * 2.0, k) for k, v in enumerate(x)]
    rows, pairs = [[] for _ in range(2)], [[], []]
    for k, w in enumerate(weights):
        rows[k % n].append(w)
        pairs[int(w.m > 0.5)].append((k, w))
    s = sum(w.m * k for pair in pairs for k, w in pair)
    return s * sum(len(row) * w.m * w.k for row in rows for w in row)


def dtw(a, b):
    n, m = len(a), len(b)
    D = [[float("inf")] * (m + 1) for _ in range(n + 1)]
    D[0][0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = abs(a[i - 1] - b[j - 1])
            D[i][j] = cost + min(D[i - 1][j], D[i][j - 1], D[i - 1][j - 1])
    return D[n][m]


def matmul(A, B):
    return [
        [sum(A[i][k] * B[k][j] for k in range(len(B))) for j in range(len(B[0]))]
        for i in range(len(A))
    ]


def mlp(layers, x):
    for layer in layers:
        x = [np.tanh(sum(w * v for w, v in zip(row, x))) for row in layer]
    return sum(x)


def layers_of_arrays(layers, x):
    for layer in layers:
        x = np.tanh(layer[0] @ x + layer[1])
    return np.sum(x)


def pascal(x, n):
    rows = [[1.0]]
    for _ in range(n):
        prev = rows[-1]
        row = [1.0] + [x * prev[k] + prev[k + 1] for k in range(len(prev) - 1)] + [x]
        rows.append(row)
    return sum(rows[-1]) * rows[1][1]


def adjacency(w, edges):
    graph = [[] for _ in range(3)]
    for k in range(len(edges)):
        i, j = edges[k]
        graph[i].append(w[k])
        graph[j].append(w[k] * 2.0)
    total = 0.0
    for out in graph:
        for v in out:
            total += v * v
    return total


def batches(bs, w):
    total = 0.0
    for batch in bs:
        for x in batch:
            total += np.sum(np.tanh(w @ x))
    return total


def to_array(x, n):
    rows = []
    for i in range(n):
        rows.append([x[i] * k for k in range(n)])
    return np.array(rows)


def over_all(rows):
    total = 0.0
    for row in rows:
        for v in row:
            total += v * v
    return total


def over_ragged(rows):
    total = 0.0
    for i in range(len(rows)):
        for j in range(len(rows[i])):
            total += rows[i][j] * np.sin(rows[i][0])
    return total


def accumulated(rows, v):
    for i in range(len(rows)):
        for j in range(len(rows[i])):
            rows[i][j] += v * rows[i][0]
    return sum(sum(r) for r in rows)


def last_row_grows(x):
    rows = []
    for i in range(len(x)):
        if i % 2 == 0:
            rows.append([])
        rows[-1].append(x[i] * x[0])
    return sum(r[0] * len(r) for r in rows)


def joined(rows):
    return np.sum(np.array(sum(rows, [])) ** 2)


def in_order(rows):
    total = 0.0
    for row in rows:
        ordered = sorted(row)
        total += ordered[0] * ordered[-1]
    return total


def copied(rows, v):
    other = [r[:] for r in rows]
    other[0][0] *= v
    return rows[0][0] * other[0][0] + sum(other[1])


def rows_changed(n, x):
    table = [[x * (i + j) for j in range(n)] for i in range(n)]
    for i in range(n):
        table[i] = [v * v for v in table[i]]
    return table


def memo(x, n):
    table = [[0.0] * (n + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        table[i][0] = x**i
        for j in range(1, i + 1):
            table[i][j] = table[i - 1][j - 1] + x * table[i - 1][j]
    return table[n][n // 2]


def row_read_before_change(x, n):
    rows = [[x * i] for i in range(n)]
    row = rows[0]
    rows[0][0] = x * x
    return row[0] + rows[1][0]


def changed_in_a_loop(x, n):
    rows = [[x * i, x] for i in range(n)]
    for row in rows:
        row[0] = row[1] * row[0] * x
    return sum(r[0] for r in rows)


def name_of_a_row(rows):
    a = rows[0]
    rows[0][0] = rows[1][0] * 2
    return a[0] * rows[0][1]


def from_row_to_row(x, n):
    rows = [[x * i, x] for i in range(n)]
    for i in range(1, n):
        a, b = rows[i - 1], rows[i]
        b[0] += a[0] * a[1]
    return rows[n - 1][0]


def rows_taken(x, n):
    rows = [[x, x * x] for _ in range(n)]
    total = 0.0
    while rows:
        row = rows.pop()
        total += row[0] * row[1] * len(rows)
    return total


def stencil(x, n):
    grid = [[x * (i + j) for j in range(n)] for i in range(n)]
    new = [row[:] for row in grid]
    for i in range(1, n - 1):
        for j in range(1, n - 1):
            new[i][j] = 0.25 * (
                grid[i - 1][j] + grid[i + 1][j] + grid[i][j - 1] * grid[i][j + 1]
            )
    grid = new
    return sum(sum(r) for r in grid)


def stencil_again(x, n, k):
    grid = [[x * (i + j) for j in range(n)] for i in range(n)]
    for _ in range(k):
        new = [row[:] for row in grid]
        for i in range(1, n - 1):
            for j in range(1, n - 1):
                new[i][j] = 0.25 * (
                    grid[i - 1][j] + grid[i + 1][j] + grid[i][j - 1] * grid[i][j + 1]
                )
        grid = new
    return sum(sum(r) for r in grid)


def eliminated(A, b):
    n = len(A)
    A = [row[:] for row in A]
    b = b[:]
    for k in range(n):
        for i in range(k + 1, n):
            f = A[i][k] / A[k][k]
            for j in range(k, n):
                A[i][j] -= f * A[k][j]
            b[i] -= f * b[k]
    x = [0.0] * n
    for i in range(n - 1, -1, -1):
        s = b[i]
        for j in range(i + 1, n):
            s -= A[i][j] * x[j]
        x[i] = s / A[i][i]
    return sum(x)


def given_rows_grow(xs, rows):
    rows.append(xs)
    rows.append([1.0, xs[0]])
    return rows[0][0] * rows[-1][1] * rows[-2][0]


def sorted_by_key(rows):
    rows = sorted(rows, key=lambda r: r[0])
    return rows[0][1] * rows[1][0]


def extremes(rows):
    return max(max(r) for r in rows) * min(len(r) for r in rows)


def rows_of_arrays(xs, n):
    out = []
    for i in range(n):
        batch = []
        for x in xs:
            batch.append(x * i)
        out.append(batch)
    out[1][0] = out[0][1] * 2.0
    out[1][1][0] = 3.0
    out[0][0] += 1.0
    return out


def one_row_twice(x):
    D = [[0.0] * 3] * 2
    D[0][1] = x
    return D[1][1] * x


def unequal_lengths(rows):
    return np.sum(np.array(rows[0]) * np.array(rows[1]))


def lengths_that_differ(x, n):
    rows = []
    for i in range(n):
        rows.append([x * k + 1 for k in range(2 * i + 1)])
    return np.sum(np.array(rows[0]) * np.array(rows[1]))


def rows_get_longer(rows, n):
    s = 0.0
    for i in range(len(rows)):
        row = rows[i]
        s += row[0] * row[1]
        rows[i] = [s, s * s, row[0]]
        s += sum(row)
    return s + sum(rows[0])


def rows_get_shorter(rows, n):
    s = 0.0
    for i in range(1, len(rows)):
        row = rows[i]
        rows[i - 1] = [s, s * s, row[0]]
        rows[i] = [s, row[1]]
        s += sum(row) * max(row)
    return s + sum(rows[0]) + sum(rows[1])


def buckets(x, n):
    buckets = [[] for _ in range(n)]
    for i in range(len(x)):
        b = buckets[i % n]
        b.append(x[i] * x[i])
        b.append(b[0] * 2)
    return [sum(b) for b in buckets]


def from_row_to_row_by_items(x, n):
    rows = [[x[0]], [x[1], x[0]]]
    for i in range(n):
        for v in rows[0]:
            rows[1].append(v)
    return sum(rows[1])


def every_row_grows(x, n):
    rows = [[x[i]] for i in range(n)]
    for row in rows:
        row.append(row[0] * row[0])
        row.insert(0, x[0] * row[1])
    return sum(r[0] * r[1] + r[2] for r in rows)


def both_ends(x, n):
    rows = [[x[i], x[i] ** 2, 3.0] for i in range(n)]
    t = 0.0
    for i in range(n):
        v = rows[i].pop()
        w = rows[i].pop(0)
        t += v * w * rows[i][0]
        rows[i].append(t)
    return t + sum(rows[0])


def extended(x, n):
    rows = [[x[i]] for i in range(n)]
    rows[0].extend(rows[1])
    rows[1] += [x[0] * 2, 1.0]
    rows[1].extend([v * 2 for v in rows[0]])
    return sum(rows[0]) * sum(rows[1])


def given_rows_grow_longer(rows, x):
    for i in range(len(rows)):
        rows[i].append(x * rows[i][0])
    return sum(sum(r) for r in rows)


def stacks(x, n):
    stacks = [[x[0] * k for k in range(n)] for _ in range(2)]
    while stacks[0]:
        stacks[1].append(stacks[0].pop() * x[1])
    return sum(stacks[1])


def histories(xs, n):
    hist = [[] for _ in xs]
    for t in range(n):
        for k in range(len(xs)):
            hist[k].append(np.sin(xs[k]) * t)
    return [np.sum(np.stack(h)) for h in hist]


def weighted_edges(x, n):
    graph = [[] for _ in range(n)]
    for i in range(n):
        for j in range(n):
            if (i + j) % 2:
                graph[i].append((j, x[i] * x[j]))
    total = 0.0
    for i in range(n):
        for j, w in graph[i]:
            total += w * w * (j + 1)
    return total


def rows_by_name(rows):
    a = rows[0]
    b = rows[1]
    a.append(2.0 * b[0])
    b.append(a[0] * a[-1])
    return sum(rows[0]) + rows[1][-1] * rows[0][-1]


def cube(x, n):
    boxes = [[[x * i * j * k for k in range(n)] for j in range(n)] for i in range(n)]
    for i in range(1, n):
        boxes[i][0][1] += boxes[i - 1][1][1] * x
    return boxes[n - 1][0][1] * boxes[1][1][1]


EDGES = [(0, 1), (1, 2), (0, 2)]


def row_repeated(x, n):
    row = [x, *[x * x] * n]
    rows = [row] * n
    return sum(r[k] * row[0] for k, r in enumerate(rows, 1)) + sum(sum(r) for r in rows)


PROGRAMS = [
    (objects_in_lists, (V, 2)),
    (history, (V, 3)),
    (dtw, (V, U)),
    (matmul, (ROWS, RAGGED[2:] * 3)),
    (mlp, ([ROWS, [[0.4, 0.8]]], [0.3, -0.2, 0.7])),
    (layers_of_arrays, ([[np.eye(3), U]], U)),
    (pascal, (0.7, 3)),
    (adjacency, (U, EDGES)),
    (batches, ([[U, 2 * U], [U]], np.eye(3))),
    (to_array, (V, 3)),
    (over_all, (RAGGED,)),
    (over_ragged, (RAGGED,)),
    (accumulated, (RAGGED, 0.4)),
    (last_row_grows, (V,)),
    (joined, (RAGGED,)),
    (in_order, (RAGGED,)),
    (copied, (RAGGED, 0.3)),
    (rows_changed, (3, 0.7)),
    (cube, (0.7, 3)),
    (memo, (0.7, 4)),
    (row_read_before_change, (0.7, 3)),
    (changed_in_a_loop, (0.7, 3)),
    (name_of_a_row, ([[1.0, 2.0], [3.0, 0.5]],)),
    (from_row_to_row, (0.7, 4)),
    (rows_taken, (0.7, 3)),
    (stencil, (0.7, 4)),
    (stencil_again, (0.7, 4, 2)),
    (
        eliminated,
        ([[2.0, 0.3, 0.1], [0.4, 1.5, 0.2], [0.1, 0.6, 1.8]], [1.0, 2.0, 0.5]),
    ),
    (given_rows_grow, ([0.3, 0.4], [[1.0, 2.0]])),
    (sorted_by_key, ([[2.0, 1.0], [0.5, 3.0], [1.0, 1.0]],)),
    (extremes, ([[2.0, 1.0], [0.5, 3.0], [1.0, 1.0]],)),
    (rows_of_arrays, ([U[:2], U[1:]], 3)),
    (one_row_twice, (0.7,)),
    (unequal_lengths, ([[1.0], [2.0, 3.0]],)),
    (lengths_that_differ, (0.7, 2)),
    (rows_get_longer, (PAIRS[:2], 2)),
    (rows_get_shorter, (PAIRS, 2)),
    (buckets, (U, 2)),
    (from_row_to_row_by_items, (U, 2)),
    (every_row_grows, (U, 3)),
    (both_ends, (U, 3)),
    (extended, (U, 3)),
    (given_rows_grow_longer, (PAIRS, 0.4)),
    (stacks, (U, 3)),
    (histories, ([U[:2], U[1:]], 3)),
    (weighted_edges, (U, 3)),
    (rows_by_name, (PAIRS,)),
    (row_repeated, (0.7, 3)),
]


@pytest.mark.parametrize(("f", "args"), PROGRAMS)
def test_lists_of_lists(f, args):
    check(f, copy.deepcopy(list(args)))


SECOND = [history, dtw, matmul, mlp, adjacency, pascal, eliminated, buckets]


@pytest.mark.parametrize("f", SECOND)
def test_second_derivatives(f):
    args = next(args for g, args in PROGRAMS if g is f)
    s2s.check_grads(f, copy.deepcopy(args), order=2)


# what may be one row under two names --------------------------------------------------


def one_row_in_every_round(x, n):
    row = [x, 2 * x]
    rows = []
    for i in range(n):
        rows.append(row)
    rows[0][0] = x * x
    return rows[1][0]


def row_in_two_places(x, n):
    rows = [[x * i] for i in range(n)]
    rows[1] = rows[0]
    rows[0][0] = x * x
    return rows[1][0]


def shallow_copy(x, n):
    rows = [[x * i, x] for i in range(n)]
    other = rows.copy()
    other[0][0] = x * x * x
    return rows[0][0] + other[1][1]


def rows_listed_again(x, n):
    rows = [[x * i, x] for i in range(n)]
    other = [r for r in rows]
    other[0][0] = x * x * x
    return rows[0][0] + other[1][1]


def rows_swapped(x, n):
    rows = [[x * i, x] for i in range(n)]
    rows[0], rows[1] = rows[1], rows[0]
    rows[0][1] = x * 3
    return rows[0][0] * rows[0][1] + rows[1][1]


def one_row_repeated(x, n, m):
    D = [[0.0] * m] * n
    D[0][1] = x
    return D[1][1] * x


def array_that_was_last(ws, x):
    w = ws[-1]
    ws.append(w * x)
    w[0] = 5.0 * x
    return np.sum(ws[-1]) + np.sum(w * ws[0])


def row_that_was_last(rows, x):
    row = rows[-1]
    rows.append([x])
    row.append(x * x)
    return sum(rows[-1]) * 3 + rows[-2][-1] * rows[-2][0]


def row_run_over(rows):
    for row in rows:
        for v in row:
            row.append(v)
            break
    return sum(rows[0])


def empty_row_repeated(x, n):
    rows = [[]] * n
    rows[0].append(x)
    return rows[1][0]


def copied_while_empty(x, n):
    rows = [[], []]
    others = list(rows)
    for k in range(n):
        rows[k % 2].append(x)
    return sum(len(row) * v for row in others for v in row)


def collected_while_empty(x, n):
    rows, others = [[] for _ in range(2)], []
    for row in rows:
        others.append(row)
    for k in range(n):
        rows[k % 2].append(x)
    return sum(v for row in others for v in row)


def in_a_dict_while_empty(x, n):
    rows = {"a": [], "b": []}
    others = tuple(rows.values())
    for k in range(n):
        rows["a" if k else "b"].append(x)
    return sum(v for row in others for v in row)


def objects_in_one_list_twice(x, n):
    rows = [[]] * 2
    for k in range(n):
        rows[k % 2].append(Weight(x, k))
    return sum(len(row) * w.m for row in rows for w in row)


def changed_row_repeated(x, n):
    rows = [[x] * n] * n
    rows[0][1] = x * x
    return rows[1][1] * x


SEEN = (
    "this changes an item of a list|still the item of|runs over this list|"
    "whether this list is empty is not known"
)
SHARED = [
    (one_row_in_every_round, (0.7, 3)),
    (row_in_two_places, (0.7, 3)),
    (shallow_copy, (0.7, 3)),
    (rows_listed_again, (0.7, 3)),
    (rows_swapped, (0.7, 3)),
    (one_row_repeated, (0.7, 2, 3)),
    (changed_row_repeated, (0.7, 2)),
    (array_that_was_last, ([U, 2.0 * U], 0.3)),
    (row_that_was_last, (PAIRS, 0.3)),
    (row_run_over, (PAIRS,)),
    (empty_row_repeated, (0.4, 3)),
    (copied_while_empty, (0.7, 3)),
    (collected_while_empty, (0.7, 3)),
    (in_a_dict_while_empty, (0.7, 3)),
    (objects_in_one_list_twice, (0.7, 3)),
]


@pytest.mark.parametrize(("f", "args"), SHARED)
def test_shared_rows_are_refused(f, args):
    for run in (s2s.grad(f), s2s.value_and_grad(f)):
        with pytest.raises(s2s.S2SError, match=SEEN):
            run(*args)


# integers that make room for floats ---------------------------------------------------


def matrix_of_zeros(x, n):
    C = [[0 for _ in range(n)] for _ in range(n)]
    for i in range(n):
        C[i][i] = x * i
        C[i][0] += x
    return np.sum(np.array(C)) * C[1][1]


def rows_written_out(x, n):
    C = [[0, 1], [2, 3]]
    for i in range(n - 1):
        C[i][0] = x
    return C[0][0] * C[1][1] + C[0][1]


def rows_put_in(x, n):
    C = []
    for i in range(n):
        C.append([0, i])
    if n > 1:
        C[1][0] = x
    return C[1][0] * C[2][1]


def tuples_of_integers(x, n):
    C = [(0, i) for i in range(n)]
    C[1] = (x, 2)
    return C[1][0] * C[2][1] + C[1][1]


def dicts_of_integers(x, n):
    C = [{"a": 0, "b": i} for i in range(n)]
    C[1]["a"] = x
    return C[1]["a"] * C[2]["b"]


@pytest.mark.parametrize(
    "f",
    [matrix_of_zeros, rows_written_out, rows_put_in, tuples_of_integers,
     dicts_of_integers],
)  # fmt: skip
def test_integers_that_make_room_for_floats(f):
    check(f, (0.7, 3))


# columns --------------------------------------------------------------------------


def softmax(x):
    e = np.exp(x - np.max(x, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def attention(q, k, v, mask):
    return softmax(q @ k.T / np.sqrt(q.shape[-1]) + mask) @ v


def heads(x, n_head):
    mask = (1 - np.tri(x.shape[0])) * -1e10
    qkv = np.split(x, 3, axis=-1)
    qkv_heads = list(map(lambda x: np.split(x, n_head, axis=-1), qkv))
    out_heads = [attention(q, k, v, mask) for q, k, v in zip(*qkv_heads)]
    return np.hstack(out_heads)


def two_heads(x):
    return heads(x, 2)


def heads_in_a_loop(x, n_head):
    rows = [np.split(y, n_head, axis=-1) for y in np.split(x, 3, axis=-1)]
    out = 0.0
    for q, k, v in zip(*rows):
        out += np.sum(attention(q, k, v, 0.0) ** 2)
    return out


def test_columns_of_lists():
    x = np.linspace(-1.0, 1.0, 48).reshape(4, 12)
    check(heads, [x, 2])
    check(two_heads, [x])
    check(heads_in_a_loop, [x, 2])


def test_as_many_rows_as_names():
    def f(x, n):
        rows = [np.split(y, 2) for y in np.split(x, n)]
        return sum(np.sum(a * b) for a, b in zip(*rows))

    x = np.linspace(-1.0, 1.0, 12)
    check(f, [x, 2])
    with pytest.raises(ValueError, match="unpack"):
        s2s.grad(f)(x, 3)


def test_a_list_that_is_just_made_is_not_copied():
    def f(x, n):
        rows = list(map(lambda k: x * k, range(n)))
        rows[0] = x
        return np.sum(np.array(rows))

    check(f, [np.ones(3), 3])
    derivative = s2s.grad(f)
    derivative.compile(np.ones(3), 3)
    assert "copy" not in derivative.source
