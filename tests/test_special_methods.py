"""Methods with special names: what Python calls, in its order, or a refusal."""

import numpy as np
import pytest
from agree import check

import s2s

U = 1.3
V = np.array([0.7, -0.4, 1.9])


def refused(f, args, match):
    with pytest.raises(s2s.UnsupportedError, match=match):
        s2s.vjp(f, *args)


# the truth of an object ---------------------------------------------------------------


class Never:
    def __init__(self, y):
        self.y = y

    def __bool__(self):
        return False


class Large:
    def __init__(self, y):
        self.y = y

    def __bool__(self):
        return self.y > 1.5


class Empty:
    def __init__(self, y):
        self.y = y

    def __len__(self):
        return 0


class Plain:
    def __init__(self, y):
        self.y = y


def truth_and(u):
    return u * u if Never(u) and u > 0.0 else u


def truth_or(u):
    a = u * u if Large(u) or u > 5.0 else u
    return a + (u**3 if Large(2.0 * u) or u > 5.0 else u)


def truth_of_length(u):
    return u * u if Empty(u) and u > 0.0 else u


def truth_without_methods(u):
    return u * u if Plain(u) and u > 0.0 else u


def truth_not(u):
    return u * u if not Large(u) else u


def truth_in_a_comprehension(u):
    xs = [Large(u * k) for k in range(4)]
    return sum([x.y * x.y for x in xs if x and x.y < 3.0])


def truth_in_while(u):
    x = Large(4.0 * u)
    while x:
        x.y = 0.5 * x.y
    return x.y * x.y


@pytest.mark.parametrize(
    "f",
    [
        truth_and,
        truth_or,
        truth_of_length,
        truth_without_methods,
        truth_not,
        truth_in_a_comprehension,
        truth_in_while,
    ],
)
def test_truth_of_objects(f):
    check(f, (U,))


class Number:
    def __init__(self, y):
        self.y = y

    def __bool__(self):
        return self.y


class Odd:
    __bool__ = property(lambda self: False)


def test_truth_must_be_a_bool():
    refused(lambda u: u * u if Number(u) else u, (U,), "returns what is no bool")
    refused(lambda u: u * u if Odd() else u, (U,), "is no plain function")


# attributes that only some paths assign -----------------------------------------------


class Defaults:
    z = 2.0

    def __init__(self, y):
        self.y = y


def asked_after_a_branch(u):
    o = Plain(u)
    if u > 5.0:
        o.z = u * 3.0
    return u * u if hasattr(o, "z") else u


def default_after_a_branch(u):
    o = Plain(u)
    if u > 5.0:
        o.z = u * 3.0
    return getattr(o, "z", 3.0) * u


def asked_after_a_loop(u):
    o = Plain(u)
    for _ in range(int(u > 5.0)):
        o.z = u * 3.0
    return u * u if hasattr(o, "z") else u


def of_the_class_after_a_branch(u):
    o = Defaults(u)
    if u > 5.0:
        o.z = u * 3.0
    return o.z * u


def shown_after_a_branch(u):
    o = Plain(u)
    if u > 5.0:
        o.z = u * 3.0
    return sum([v for v in vars(o).values()])


def tried_after_a_branch(u):
    o = Plain(u)
    if u > 5.0:
        o.z = u * 3.0
    try:
        return o.z
    except AttributeError:
        return u


@pytest.mark.parametrize(
    "f",
    [
        asked_after_a_branch,
        default_after_a_branch,
        asked_after_a_loop,
        of_the_class_after_a_branch,
        shown_after_a_branch,
        tried_after_a_branch,
    ],
)
def test_whether_there_is_an_attribute_must_be_known(f):
    refused(f, (U,), "only some paths to here assign")


def assigned_on_all_paths(u):
    o, p = Plain(u), Defaults(u)
    if u > 5.0:
        o.z = u * 3.0
    else:
        o.z = u * u
    return o.z * getattr(o, "z", 3.0) * p.z if hasattr(o, "z") else u


def test_attributes_that_all_paths_assign():
    check(assigned_on_all_paths, (U,))
