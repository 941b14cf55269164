"""Stores in branches, and around break, continue, return and raise."""
# ruff: noqa: B007

import numpy as np

from . import Cases, L, P, V

case = Cases()


@case(V, 0.7)
@case(V, -0.7)
def in_one_branch(v, x):
    if x > 0.0:
        v[0] = x * v[0]
    return np.sum(v**2)


@case(V, 0.7)
@case(V, -0.7)
def in_both_branches(v, x):
    if x > 0.0:
        v[0] = x * v[1]
    else:
        v[1:] *= x
        v[0] = v[1] * v[2]
    v += v[0]
    return v


@case(L, 0.6)
def where_the_element_is_large(v, x):
    for i in range(len(v)):
        if v[i] > x:
            v[i] = x * v[i - 1]
        elif v[i] < -x / 2:
            v[i] **= 2
    return v


@case(L, 0.6)
def with_continue(v, x):
    for i in range(1, len(v)):
        if v[i] < 0.0:
            continue
        v[i] *= v[i - 1] * x
    return v


@case(L, 0.3)
@case(L, -5.0)
def with_break(v, limit):
    for i in range(1, len(v)):
        v[i] = v[i - 1] * v[i] + 0.2
        if v[i] < limit:
            break
        v[i - 1] = 0.5
    return v


@case(L, 0.3)
@case(L, -5.0)
def with_return(v, limit):
    for i in range(len(v)):
        v[i] *= v[i - 1]
        if v[i] < limit:
            v[0] = 3.0
            return v * i
    v[-1] = limit
    return v


@case(L, 0.3)
def with_else(v, limit):
    for i in range(len(v)):
        v[i] = np.sin(v[i])
        if v[i] < -limit:
            v[i] = limit * v[i]
            break
    else:
        v[0] = limit
    return v


@case(V, 0.7)
def while_it_is_large(v, x):
    while v[0] * v[0] + v[2] ** 2 > 0.1:
        v[0] *= x
        v[2] = v[0] * v[2] - 0.1
    return v


@case(V, 0.7, 0)
@case(V, 0.7, 1)
@case(V, 0.7, 4)
def trip_counts(v, x, n):
    for i in range(n):
        v[i % 3] = x * v[(i + 1) % 3]
        for j in range(i):
            v[j % 3] *= v[i % 3]
    return v


@case(V, 0.7)
def returned_from_a_branch(v, x):
    v[0] = x
    if v[0] > v[1]:
        v[1] = x * v[2]
        return v[1:]
    return 2.0 * v[:-1]


@case(V, 0.7)
@case(V, -0.7)
def returned_before_the_store(v, x):
    if x > 0.0:
        return x
    v /= 2.0 + v
    return np.sum(v)


@case(V, 0.2)
def with_raise(v, x):
    for y in (0.5, x):
        if y < 0.0:
            raise ValueError(y)
        v[0] = y * v[1]
        v[1] = v[2] = v[0] + y
    return v


@case(V, 0.7, 3)
def before_the_loop_and_after_it(v, x, n):
    v[0] = x
    for i in range(n):
        if v[i] > 1.0:
            break
        v[i] *= v[0] * x
    v[0] = v[1] * v[2]
    return v * v[0]


@case(V, 3)
@case(V[:2], 3)
def returned_after_the_loop(v, n):
    for i in range(n):
        pass
    else:
        if len(v) != 2:
            return 1.0, v
    v[1] = 2.0
    return 1.0, v[1:]


@case(V, 0.7)
@case(-P, 0.7)
def returned_from_a_loop_over_itself(v, x):
    for y in v:
        v[0] *= x
        if y > 0.0:
            return v[-1]
    return 1.0


@case(V, 1.0)
@case(V, 9.0)
def returned_before_it_changes(v, x):
    for i in range(4):
        if abs(v[0]) > x:
            return v
        v *= 2.0
        v[1:] += x * v[0]
    return v * x


@case(V, 0.1)
@case(V, 1.0)
def returned_with_its_row(v, x):
    A = np.outer(v, v)
    while True:
        row = A[1]
        for k in range(3):
            if row[k] < -x:
                return A, row
            row[k] -= 0.3 * v[k] ** 2
