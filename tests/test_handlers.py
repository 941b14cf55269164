"""Several handlers of one `try`, and what they do with the exception."""

import math

import numpy as np
import pytest
from agree import check, raises_as

import s2s

INDEFINITE = np.array([[1.0, 2.0], [2.0, 1.0]])


class NotConverged(Exception):
    def __init__(self, n):
        super().__init__(f"not after {n} steps")


class Diverged(NotConverged):
    pass


def fails(t, n):
    if n == 0:
        raise ValueError("zero")
    if n == 1:
        raise ZeroDivisionError("one")
    if n == 2:
        raise Diverged(n)
    if n == 3:
        raise NotConverged(n)
    if n == 4:
        raise KeyError(n)
    return t / n


def in_order(x, n):
    y = x
    try:
        y = fails(x * x, n)
    except ValueError as e:
        y = len(str(e)) * x
    except Diverged:
        y = x**3
    except NotConverged as e:
        print("failed:", e)
        y = math.sin(x)
    except (KeyError, ZeroDivisionError) as e:
        message = f"{type(e).__name__}: {e!r}"
        y = x ** len(message)
    else:
        y = y * x
    finally:
        y = y + x
    return y * y


def until_one_works(x, n):
    last = None
    for k in range(n, 9):
        try:
            return fails(x, k) * x
        except ValueError as e:
            last = e
        except ArithmeticError as e:
            last, x = e, x * x
        except NotConverged:
            x = x * 1.5
        except Exception as e:
            last = e
        except:
            raise
    raise RuntimeError("all failed") from last


def what_failed(x, n):
    errors = []
    for k in range(n, 9):
        try:
            x = x * fails(x, k)
        except (ValueError, ZeroDivisionError) as e:
            errors.append(str(e))
            continue
        except Exception as e:
            errors.append(f"{type(e).__name__}: {e}")
            break
    return x * x * len(errors)


def inside_another(x, n):
    try:
        try:
            y = fails(x, n)
        except ValueError:
            y = x * fails(x, n + 1)
        except ZeroDivisionError as e:
            raise ValueError("again") from e
    except (ValueError, ZeroDivisionError):
        y = x * x * x
    except Diverged as e:
        raise e
    return y * x


def leaving(x, n):
    try:
        y = fails(x, n)
    except ValueError:
        y = 2.0 * x
    except ZeroDivisionError:
        return x**3
    except Exception as e:
        raise TypeError(str(e)) from None
    return y * 1.5


def asking(x, n):
    try:
        y = fails(x, n)
    except Exception as e:
        if isinstance(e, ValueError):
            y = x * x
        elif isinstance(e, KeyError | NotConverged):
            y = x * x * x
        else:
            raise
    return y * x


def names_of_their_own(x, n):
    e = x * x
    try:
        y = fails(x, n)
    except ValueError as error:
        print(error)
        error = x
        y = e * error
    except ZeroDivisionError as e:
        raise RuntimeError("one") from e
    else:
        y = y * e
    return y


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize(
    "f",
    [
        in_order,
        until_one_works,
        what_failed,
        inside_another,
        leaving,
        asking,
        names_of_their_own,
    ],
)
def test_the_first_handler_that_fits(f, n):
    try:
        f(0.7, n)
    except Exception:
        raises_as(f, 0.7, n)
    else:
        check(f, (0.7, n))


def test_it_reads_as_handlers():
    df = s2s.grad(what_failed)
    df(0.7, 1)
    assert "except (ValueError, ZeroDivisionError) as e:\n" in df.source
    assert "except Exception as e:\n" in df.source
    assert "isinstance" not in df.source
    assert '{type(e).__name__}: {e}"' in df.source


def test_the_cause_is_kept():
    with pytest.raises(RuntimeError, match="all failed") as raised:
        s2s.grad(lambda x: until_one_works(x, 9) + x)(0.7)
    assert raised.value.__cause__ is None
    with pytest.raises(ValueError, match="again") as raised:
        s2s.grad(rethrown)(0.0)
    assert isinstance(raised.value.__cause__, ZeroDivisionError)


def rethrown(x):
    try:
        y = 1.0 / x
    except OverflowError:
        y = x
    except ZeroDivisionError as e:
        raise ValueError("again") from e
    return y


# real programs ------------------------------------------------------------------------


def jittered(A, b, tries):
    for k in range(tries):
        try:
            L = np.linalg.cholesky(A)
            break
        except np.linalg.LinAlgError as e:
            print("jitter:", e)
            A = A + 10.0 ** (k - 3) * np.eye(len(A))
        except ValueError as e:
            raise RuntimeError("no matrix") from e
    else:
        raise RuntimeError("not positive definite")
    return np.sum(np.linalg.solve(L, b) ** 2)


def newton(a, x, most):
    for _ in range(most):
        if x == 0.0:
            raise ZeroDivisionError("flat")
        x = x - (x * x - a) / (2.0 * x)
        if abs(x * x - a) < 1e-9:
            return x
    raise NotConverged(most)


def roots(a, starts):
    total = 0.0
    for k in range(len(starts)):
        try:
            total = total + newton(a, starts[k], 4)
        except ZeroDivisionError:
            total = total + newton(a, 1.0, 9)
        except NotConverged as e:
            print(f"start {k}: {e}")
            total = total + 2.0 * a
    return total * a


def test_a_factorization(capsys):
    check(jittered, (INDEFINITE, np.array([1.0, 2.0]), 6))
    check(jittered, (INDEFINITE @ INDEFINITE, np.array([1.0, 2.0]), 6))
    raises_as(jittered, INDEFINITE, np.array([1.0, 2.0]), 2)


def test_an_iteration(capsys):
    check(roots, (2.0, np.array([1.5, 0.0, 100.0])), wrt=(0,))
    capsys.readouterr()
    s2s.grad(roots)(2.0, np.array([100.0, 1.5]))
    assert capsys.readouterr().out == "start 0: not after 4 steps\n"


def step(x, h):
    if h > 0.4:
        raise FloatingPointError("the step is too large")
    if x > 50.0:
        raise OverflowError("it diverges")
    return x + h * (1.0 - x) * x


def smaller_steps(x, h):
    t, tries = 0.0, 0
    while t < 1.0:
        try:
            x = step(x, h)
            t += h
        except FloatingPointError:
            h *= 0.5
            tries += 1
            if tries > 10:
                raise RuntimeError("it gives up") from None
        except OverflowError as e:
            raise RuntimeError("a bad start") from e
    return x * h


def test_what_comes_after_all_that_may_fail():
    check(smaller_steps, (0.3, 0.9))
    raises_as(smaller_steps, 60.0, 0.3)


def before_it_fails(x, n):
    s = x
    for k in range(3):
        try:
            s = s + x
            y = fails(s, k + n)
            s = s + y
        except (ValueError, ArithmeticError):
            s = s * x
        except NotConverged:
            s = s + 2.0
    return s


@pytest.mark.parametrize("n", [0, 2, 5])
def test_a_name_that_is_bound_again_before_anything_can_fail(n):
    try:
        before_it_fails(0.7, n)
    except KeyError:
        raises_as(before_it_fails, 0.7, n)
    else:
        check(before_it_fails, (0.7, n))
