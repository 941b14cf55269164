"""dataclasses.replace calls `__init__`, as in Python; NamedTuples that differ."""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pytest
from agree import check

import s2s


@dataclass
class Doubled:
    x: float

    def __init__(self, x):
        self.x = 2 * x


@dataclass
class Counted:
    x: float
    c: float = field(init=False, default=3.0)


@dataclass
class Squared:
    x: float

    def __post_init__(self):
        self.z = self.x**2


@dataclass
class Tagged:
    x: float
    y: float = 2.0


def by_its_own_init(a):
    return replace(Doubled(a), x=a * a).x


def a_field_that_is_set_again(a):
    counted = Counted(a)
    counted.c = a
    return replace(counted, x=2 * a).c * a


def what_is_computed_from_a_field(a):
    return replace(Squared(a), x=a * a).z


def attributes_that_are_no_fields(a):
    tagged = Tagged(a)
    tagged.note = a
    other = replace(tagged, y=a * a)
    return other.x * other.y * (1.0 if hasattr(other, "note") else a)


@pytest.mark.parametrize(
    "f",
    [
        by_its_own_init,
        a_field_that_is_set_again,
        what_is_computed_from_a_field,
        attributes_that_are_no_fields,
    ],
)
def test_replace(f):
    check(f, (0.7,))


class Long(NamedTuple):
    x: float

    def __len__(self):
        return 7


class Items:
    def __init__(self, x):
        self.x = x

    def __rmul__(self, k):
        return self.x * k * 5

    def __len__(self):
        return 2

    def __getitem__(self, i):
        return (self.x, self.x * 2)[i]


def a_tuple_of_another_length(a):
    return a * len(Long(a))


def a_number_of_numpy_times_items(a):
    return sum(a * Items(a))


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (a_tuple_of_another_length, "a NamedTuple with `__len__`"),
        (a_number_of_numpy_times_items, "NumPy asks a `Items` for each element"),
    ],
)
def test_refused(f, message):

    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(lambda u: f(u[0]))(np.array([0.7]))
