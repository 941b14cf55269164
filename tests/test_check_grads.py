"""`check_grads` and `s2s test` pass what is right, and say where something is wrong."""

from dataclasses import dataclass

import numpy as np
import pytest
from click.testing import CliRunner

import s2s
from s2s.cli import main

X = np.array([0.3, -0.8, 1.1])


def smooth(x, a, n=2):
    return np.sum(np.sin(a * x) ** n)


def jump(x):
    return np.sum(np.floor(x) * x)


def infinite(x):
    return np.sum(np.sqrt(x))


def several(x):
    return np.cumsum(x), np.sum(x) ** 2


def test_what_is_right():
    s2s.check_grads(smooth, (X, 0.7))
    s2s.check_grads(smooth, (X, 0.7, 3), order=3)
    s2s.check_grads(several, (X,))
    s2s.check_grads(lambda p: p[0] * p[1][0], ((1.5, [2.0, 0.5]),))
    s2s.check_grads(smooth, (X.astype(np.float32), 0.7), order=1, tolerance=1e-2)


@pytest.mark.parametrize("modes", [("fwd",), ("rev",)])
def test_modes(modes):
    s2s.check_grads(smooth, (X, 0.7), modes=modes)


def test_a_jump_is_found():
    with pytest.raises(s2s.GradientError, match=r"jump: argument 0\[1\]: tangent"):
        s2s.check_grads(jump, (np.array([0.5, 2.0, 3.5]),))


def test_nan_is_a_failure():
    with (
        pytest.raises(s2s.GradientError, match="infinite: argument 0"),
        np.errstate(all="ignore"),
    ):
        s2s.check_grads(infinite, (np.array([1.0, 0.0]),))


def test_a_wrong_second_derivative_names_the_gradient():
    with pytest.raises(s2s.GradientError, match=r"bent': argument 0: tangent 0.0"):
        s2s.check_grads(bent, (0.0,), step=1e-8)


def bent(x):
    return x * x if x > 0.0 else 0.0 * x


# functions of more than one number, to the second order -------------------------------


@dataclass
class Layer:
    w: np.ndarray
    b: float

    def __call__(self, x):
        return np.tanh(self.w * x + self.b)

    def both(self, x):
        return {"y": self(x), "b": self.b**2, "n": 3}


def in_place(x):
    z = np.zeros(4)
    for i in range(len(x)):
        z[i + 1] = z[i] * x[i] + x[i] ** 2
    return z


@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize(
    ("f", "args"),
    [
        (several, (X,)),
        (in_place, (X,)),
        (lambda x: (x * x, None, "text", 2), (X,)),
        (lambda layer, x: layer(x), (Layer(X, 0.5), X)),
        (Layer(X, 0.5).both, (X,)),
        (Layer(X, 0.5), (X,)),
        (lambda x: Layer(x**2, x[0] ** 3), (X,)),
        (lambda xs: [x**2 * xs[0] for x in xs], ([1.0, 2.0, 3.0],)),
        (lambda z: 1j * z**3, (X + 0.5j,)),
        (s2s.jacfwd(several), (X,)),
        (s2s.value_and_grad(lambda x: np.sum(x**4)), (X,)),
    ],
)
def test_higher_orders(f, args, order):
    s2s.check_grads(f, args, order)


def bent_array(x):
    return np.where(x > 0.0, x * x, 0.0 * x), x


def test_second_derivatives_of_arrays_are_checked():
    message = r"bent_array': argument 0\[1\]: tangent 0.0"
    with pytest.raises(s2s.GradientError, match=message):
        s2s.check_grads(bent_array, (np.array([1.0, 0.0]),), step=1e-8)
    s2s.check_grads(bent_array, (np.array([1.0, 0.0]),), order=1, step=1e-8)


def test_reports_name_the_element():
    jumps = lambda p: {"y": (np.floor(p["w"][1]) * p["w"][1], 1.0)}  # noqa: E731
    message = (
        r"argument 0\['w'\]\[1\]\[2\]: tangent 3.0, differences .*"
        r", element \['y'\]\[0\]\[2\] of the result"
    )
    with pytest.raises(s2s.GradientError, match=message):
        s2s.check_grads(jumps, ({"b": 1.0, "w": [1.0, np.array([0.5, 1.5, 3.0])]},))


@pytest.fixture
def program(tmp_path):
    file = tmp_path / "to_be_checked.py"
    file.write_text(
        "import numpy as np\n"
        "def f(x, n=3):\n    return np.sum(x**n)\n"
        "def g(x):\n    return np.sum(np.floor(x) * x)\n"
    )
    return file


def test_command(program):
    run = CliRunner().invoke(main, ["test", f"{program}:f", "--at", "x=np.ones(3)"])
    assert (run.exit_code, run.output) == (0, "f: the derivatives agree\n")
    run = CliRunner().invoke(main, ["test", f"{program}:g", "--at", "x=np.ones(3)"])
    assert run.exit_code == 1
    assert "g: argument 0[0]: tangent 1.0, differences" in run.output
    run = CliRunner().invoke(main, ["test", f"{program}:f"])
    assert run.exit_code == 2
    assert "missing a required argument: 'x'" in run.output
