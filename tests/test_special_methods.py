"""Methods with special names: what Python calls, in its order, or a refusal."""

import functools

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


class Grows:
    def __init__(self, y):
        self.y = y

    def __bool__(self):
        self.y = 2.0 * self.y
        return True


def truth_that_changes(u):
    xs = [Grows(u), Grows(u * u)]
    a = u if any(xs) else 1.0
    b = u if xs[1] else 1.0
    return a * b * xs[0].y + xs[1].y


def truth_of_several(u):
    a = u * u if all([Large(2.0 * u), Never(u)]) else u
    return a + (u**3 if any(x for x in [Large(u), Plain(u)]) else u)


@pytest.mark.parametrize(
    "f",
    [
        truth_that_changes,
        truth_of_several,
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


def empty_after_a_branch(u):
    o = Plain(u)
    if u > 5.0:
        o.z = []
    return u * u if hasattr(o, "z") else u


def empty_at_once(u):
    o = Plain(u)
    o.z = []
    return u * u if hasattr(o, "z") else u


@pytest.mark.parametrize(
    "f",
    [
        empty_after_a_branch,
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
    check(empty_at_once, (U,))


# items by position --------------------------------------------------------------------


class Two:
    def __init__(self, y):
        self.y = y

    def __len__(self):
        return 2

    def __getitem__(self, k):
        if k > 3:
            raise IndexError
        return self.y * k


class Shown:
    def __init__(self, xs):
        self.xs = xs

    def __len__(self):
        """How many there are."""
        return len(self.xs)

    def __getitem__(self, k):
        return self.xs[k]


def run_over_shown(u):
    rows, r = Shown(Shown([u * k for k in range(int(u) + 3)])), 0.0
    for k, x in enumerate(rows):
        r = r + x * k
    a, b = Shown((u, u * u))
    return r * sum(Shown(np.array([u, a, b]))) + sum(list(Shown([u, b])))


def test_objects_that_show_the_items_of_one_list():
    check(run_over_shown, (U,))


@pytest.mark.parametrize(
    "f",
    [
        lambda u: sum(Two(u)),
        lambda u: sum(list(Two(u))),
        lambda u: sum(a * b for a, b in zip(Two(u), [1.0, 2.0, 3.0], strict=False)),
        lambda u: sum(Shown(Two(u))),
    ],
)
def test_where_items_end_must_be_known(f):
    refused(f, (U,), "is not known here")


def changed_in_the_loop(u):
    rows, r = Shown([u, 2.0]), 0.0
    for x in rows:
        rows.xs[1] = 5.0 * u
        r = r + x
    return r


def replaced_in_the_loop(u):
    rows, r = Shown([u, 2.0]), 0.0
    for x in rows:
        rows.xs = [5.0 * u, u]
        r = r + x
    return r


def replaced_by_what_a_comprehension_calls(u):
    rows = Shown([u, 2.0])

    def g(x):
        rows.xs = [5.0 * u, u]
        return x

    return sum(g(x) for x in rows)


@pytest.mark.parametrize(
    "f",
    [
        changed_in_the_loop,
        replaced_in_the_loop,
        replaced_by_what_a_comprehension_calls,
    ],
)
def test_what_is_asked_for_its_items_must_not_change(f):
    refused(f, (U,), "that the loop around takes its items from")


# the order of operators ---------------------------------------------------------------


class Above:
    def __init__(self, y):
        self.y = y

    def __add__(self, other):
        return self.y + other.y

    def __lt__(self, other):
        return self.y < other.y

    def __eq__(self, other):
        return self.y == other.y


class Below(Above):
    def __radd__(self, other):
        return 10.0 * self.y + other.y

    def __gt__(self, other):
        return True

    def __eq__(self, other):
        return True


class Same(Above):
    """Has no method of its own."""


def subclass_first(u):
    return Above(u) + Below(2.0 * u) + (Below(u) + Above(u * u)) * u


def subclass_without_methods(u):
    return Above(u) + Same(2.0 * u) + (Same(u) + Same(u * u)) * u


def subclass_first_in_comparisons(u):
    a = u * u if Above(2.0 * u) < Below(u) else u
    b = u**3 if Above(2.0 * u) == Below(u) else u
    c = u**4 if Above(2.0 * u) != Below(u) else u
    return a + b + c + (u**5 if Above(u) < Same(2.0 * u) else u)


def reflected_comparisons(u):
    a = u * u if Above(2.0 * u) > Above(u) else u
    return a + (u**3 if Above(u) != Above(u) else u)


class Asks:
    """Knows its own kind only."""

    def __init__(self, y):
        self.y = y

    def __add__(self, other):
        if isinstance(other, Asks):
            return self.y * other.y
        return NotImplemented

    def __iadd__(self, other):
        return NotImplemented

    def __eq__(self, other):
        return NotImplemented

    def __lt__(self, other):
        return NotImplemented


class Answers:
    def __init__(self, y):
        self.y = y

    def __radd__(self, other):
        return 3.0 * self.y + other.y

    def __gt__(self, other):
        return other.y > 0.0


def not_implemented(u):
    x = Asks(u)
    x += Answers(u * u)
    return x + (Asks(u) + Answers(u)) * (Asks(u) + Asks(u))


def not_implemented_comparisons(u):
    x = Asks(u)
    a = u * u if x == 3.0 else u
    b = u**3 if x != 3.0 else u
    c = u**4 if x < Answers(u) else u
    return a + b + c + (u**5 if x == x else u)


class Holds:
    def __init__(self, y):
        self.y = y

    def __contains__(self, item):
        return self.y * item


def truth_of_membership(u):
    return u * u * (2.0 in Holds(u)) + u * (2.0 not in Holds(u))


class Over(Holds):
    def __contains__(self, item):
        return np.sin(self.y) > item

    def __eq__(self, other):
        return np.sin(self.y) > other.y

    def __add__(self, other):
        return Over(self.y * other.y)


def truth_of_numbers_of_numpy(u):
    v = Over(u)
    s = u * (0.1 not in v) + u * u * (0.9 not in v)
    return s * (2.0 + (v != Over(0.2)) + (v != Over(0.8)))


def summed_from_an_object(u):
    return sum([Over(u), Over(u * u)], Over(2.0 * u)).y * sum([[u], [2.0]], [u])[1]


class Divided(Holds):
    def __truediv__(self, other):
        return Divided(np.sin(self.y) / other)

    def __rtruediv__(self, other):
        return Divided(other / self.y**2)

    def __rand__(self, other):
        return Divided(self.y * other)

    def __ixor__(self, other):
        self.y *= other
        return self


def each_operator_has_its_method(u):
    v = same = Divided(u)
    v ^= u
    v /= 3.0
    return v.y * (2.0 / same).y * (u & same).y


class Positive(Holds):
    def __bool__(self):
        return bool(self.y > 0.5)


class Halves(Holds):
    def __bool__(self):
        self.y = self.y * self.y
        return False


def changed_by_the_question(u):
    a, b = Halves(u), Halves(2.0 * u)
    q = a or b
    return q.y * a.y * (Halves(u) and b).y


def given_or_made(u, held=None):
    held = held or Positive(u * u)
    return held.y


def the_first_that_holds(u):
    a = Positive(u) or Positive(2.0 * u)
    b = Positive(2.0 * u) and Positive(u * u) and Positive(u**3)
    nothing, none = {}, []
    options = nothing or {"k": u}
    numbers = none or [u, u * u]
    return a.y * b.y * options["k"] * numbers[1] * given_or_made(u, a)


@pytest.mark.parametrize(
    "f",
    [
        each_operator_has_its_method,
        the_first_that_holds,
        changed_by_the_question,
        truth_of_numbers_of_numpy,
        summed_from_an_object,
        subclass_first,
        subclass_without_methods,
        subclass_first_in_comparisons,
        reflected_comparisons,
        not_implemented,
        not_implemented_comparisons,
        truth_of_membership,
    ],
)
def test_order_of_operators(f):
    check(f, (U,))


class Known(Asks):
    def __eq__(self, other):
        return NotImplemented if self.y > 5.0 else True


@pytest.mark.parametrize(
    "f",
    [
        lambda u: Asks(u) + 3.0,
        lambda u: u * u if Asks(u) < 3.0 else u,
        lambda u: Answers(u) + Answers(u),
        lambda u: u * u if Known(u) == 3.0 else u,
    ],
)
def test_operators_that_python_refuses_or_that_are_not_known(f):
    with pytest.raises(s2s.UnsupportedError):
        s2s.vjp(f, U)


# arrays to the left -------------------------------------------------------------------


class Elementwise:
    def __init__(self, y):
        self.y = y

    def __rmul__(self, other):
        return self.y * np.sum(other)

    def __gt__(self, other):
        return np.sum(other) > self.y


class Whole(Elementwise):
    __array_ufunc__ = None


def whole_arrays(c, u):
    return u * Whole(c) + (c * c if u < Whole(c) else c) + (c * Elementwise(c)) * u[0]


def test_arrays_ask_an_object_once_if_it_says_so():
    check(whole_arrays, (U, V))


@pytest.mark.parametrize(
    "f",
    [
        lambda c, u: np.sum(u * Elementwise(c)),
        lambda c, u: c * np.sum(u < Elementwise(c)),
    ],
)
def test_arrays_that_ask_an_object_for_each_element(f):
    refused(f, (U, V), "NumPy asks a `Elementwise` for each element")


# attributes that the class gives ------------------------------------------------------


class Kept:
    def __init__(self, y):
        self.y = y

    @functools.cached_property
    def w(self):
        return 3.0 * self.y


class Doubled:
    def __get__(self, obj, cls=None):
        return obj.y * 2.0

    def __set__(self, obj, value):
        obj.y = value


class Described:
    w = Doubled()

    def __init__(self, y):
        self.y = y


def assigned_through_a_descriptor(u):
    o = Described(u)
    o.w = u * u
    return o.y


@pytest.mark.parametrize(
    "f",
    [
        lambda u: u * Kept(u).w,
        lambda u: u * getattr(Kept(u), "w", 2.0),
        lambda u: u * Described(u).w,
        lambda u: u * Described(u).w(u),
        assigned_through_a_descriptor,
    ],
)
def test_descriptors(f):
    refused(f, (U,), "`w` is a `")


class Numbered:
    def __init__(self, d):
        self.d = d

    def __getitem__(self, k):
        return self.d[k]

    def __len__(self):
        return len(self.d)


class RunOver(Numbered):
    def __iter__(self):
        return iter(self.d[::-1])


class TurnedRound(Numbered):
    def __reversed__(self):
        return iter([2.0 * x for x in self.d])


def test_reversed_objects():
    """Python asks `__reversed__`, else for one item after the other: not `__iter__`."""

    def of(cls):
        def f(u):
            s = 0.0
            for x in reversed(cls([u, u * u, 2.0])):
                s = 0.5 * s + x
            return s + sum([x * u for x in reversed(cls([u, 3.0]))])

        return f

    check(of(Numbered), (U,))
    for cls, name in ((RunOver, "__iter__"), (TurnedRound, "__reversed__")):
        refused(of(cls), (U,), f"`reversed` of an object with `{name}`")
