"""Stacks and queues of tuples, as programs without recursion keep them."""

import numpy as np
import pytest
from agree import check

import s2s

V = np.array([0.3, -0.8, 1.1])


def adaptive_simpson(a, b):
    stack = [(a, b)]
    total = 0.0
    while stack:
        left, right = stack.pop()
        middle = 0.5 * (left + right)
        y0, y1, y2 = np.sin(left**2), np.sin(middle**2), np.sin(right**2)
        if right - left > 0.4:
            stack.append((left, middle))
            stack.append((middle, right))
        else:
            total += (right - left) / 6.0 * (y0 + 4.0 * y1 + y2)
    return total


def quicksort(v):
    todo = [(0, len(v) - 1)]
    while todo:
        low, high = todo.pop()
        if low >= high:
            continue
        k = low
        for j in range(low, high):
            if v[j] < v[high]:
                v[k], v[j] = v[j], v[k]
                k += 1
        v[k], v[high] = v[high], v[k]
        todo.append((low, k - 1))
        todo.append((k + 1, high))
    return v * np.arange(len(v))


def breadth_first(v):
    queue = [(v, 1.0, 0)]
    s = 0.0
    while queue:
        x, w, depth = queue.pop(0)
        s += w * np.sum(np.sin(x))
        if depth < 2:
            queue.append((x * v[0], w * v[1], depth + 1))
            queue.append((x + v, w + v[2], depth + 1))
    return s


def arrays_that_change(v):
    stack = [(v * 1.0, 2.0)]
    A = np.zeros(3)
    for k in range(3):
        x, c = stack.pop()
        A += x * c
        y = x * v
        y[0] = c * v[1]
        A[k] *= y[0]
        stack.append((y, c * A[0]))
    x, c = stack.pop()
    return A * x + c


def indices_beside_arrays(v):
    w = 2.0 * v
    stack = [(v * 1.0, 0)]
    for _ in range(2):
        x, k = stack.pop()
        y = x * v
        y[k] = w[k + 1]
        stack.append((y, k + 1))
    x, k = stack[0]
    return x * x[k]


def put_back_whole(v):
    stack = [(v[0], v[1])]
    for i in range(3):
        pair = stack.pop()
        stack.append(pair)
        stack.append((pair[0] * v[i], pair[1] + pair[0]))
    s = 0.0
    for p, q in stack:
        s += p * q
    return s


def taken_and_not_used(v):
    stack = [(v[0], v * 1.0)]
    for i in range(3):
        stack.append((stack[-1][0] * v[i], stack[-1][1] + v))
    stack.pop()
    a, _ = stack.pop()
    return a * stack[0][1] * stack[-1][1]


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (adaptive_simpson, (0.3, 2.1)),
        (quicksort, (np.array([0.9, -0.4, 0.7, 1.2, -0.6, 0.5]),)),
        (breadth_first, (V,)),
        (arrays_that_change, (V,)),
        (indices_beside_arrays, (V,)),
        (put_back_whole, (V,)),
        (taken_and_not_used, (V,)),
    ],
)
def test_stacks_of_tuples(f, args):
    check(f, args, step=1e-3)


def test_a_stack_of_numbers_is_not_copied():
    source = s2s.grad(lambda v: np.sum(quicksort(v)))
    source(V)
    assert "todo.copy()" not in source.source
