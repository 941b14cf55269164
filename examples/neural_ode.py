"""Learns the law of a spiral: a neural ODE with an adaptive solver, gradient by s2s.

A network says how fast a point moves, from where it is; `integrate` follows it by the
method of Bogacki and Shampine. Where the error of a step is too large, it takes a
shorter one instead, so only the run tells how many there are. The gradient goes back
through the steps that were taken, and through the choice of their lengths.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule
from scipy.optimize import minimize

import s2s

OUTPUT = Path(__file__).parent / "output"
TOLERANCE = 1e-3
NOISE = 0.02
AHEAD = 10  # how many of the places are foretold from one


class Network:
    """Two layers; the powers of y stand for what the law may be made of."""

    def __init__(self, w1, b1, w2, b2):
        self.w1, self.b1 = w1, b1
        self.w2, self.b2 = w2, b2

    def __call__(self, y):
        return np.tanh(y**3 @ self.w1 + self.b1) @ self.w2 + self.b2


def spiral(y):
    """The true law, a cubic one."""
    return y**3 @ np.array([[-0.1, 2.0], [-2.0, -0.1]])


def error_norm(error, y, y_next):
    scale = TOLERANCE * (1.0 + np.maximum(np.abs(y), np.abs(y_next)))
    return np.sqrt(np.mean((error / scale) ** 2))


def integrate(velocity, y, times):
    """Where the points y, all at the first of the times, are at each of them."""
    path = np.empty((len(times), *y.shape))
    path[0] = y
    k1 = velocity(y)
    h = times[1] - times[0]
    for i in range(1, len(times)):
        t = times[i - 1]
        while t < times[i]:
            last = t + h >= times[i]
            step = times[i] - t if last else h
            k2 = velocity(y + 0.5 * step * k1)
            k3 = velocity(y + 0.75 * step * k2)
            y_next = y + step * (2.0 * k1 + 3.0 * k2 + 4.0 * k3) / 9.0
            k4 = velocity(y_next)
            error = step * (-5.0 * k1 + 6.0 * k2 + 8.0 * k3 - 9.0 * k4) / 72.0
            norm = error_norm(error, y, y_next)
            if norm <= 1.0:
                t = times[i] if last else t + step
                y, k1 = y_next, k4  # the last slope is the next step's first
            if norm > 1.0 or not last:
                h = step * min(5.0, max(0.2, 0.9 * max(norm, 1e-10) ** (-1.0 / 3.0)))
        path[i] = y
    return path


@s2s.value_and_grad
def loss(network, starts, times, observed):
    return np.mean((integrate(network, starts, times) - observed) ** 2)


def pack(network):
    return np.concatenate([np.ravel(part) for part in vars(network).values()])


def unpack(vector, hidden):
    w1, b1, w2, b2 = np.split(vector, [2 * hidden, 3 * hidden, 5 * hidden])
    return Network(w1.reshape(2, hidden), b1, w2.reshape(hidden, 2), b2)


def fit(network, times, observed, steps, console):
    """L-BFGS; from each place that was observed, the next ones are to be foretold."""
    hidden = len(network.b1)
    starts = np.arange(0, len(times) - AHEAD, AHEAD // 2)
    ahead = np.stack([observed[starts + k] for k in range(AHEAD + 1)])
    losses = []

    def objective(vector):
        network = unpack(vector, hidden)
        value, gradient = loss(network, ahead[0], times[: AHEAD + 1], ahead)
        return value, pack(gradient)

    def report(intermediate_result):
        losses.append(intermediate_result.fun)
        if len(losses) % max(1, steps // 6) == 0:
            console.print(f"step {len(losses):4}   loss {losses[-1]:.2e}")

    found = minimize(
        objective,
        pack(network),
        jac=True,
        method="L-BFGS-B",
        callback=report,
        options={"maxiter": steps},
    )
    return losses, unpack(found.x, hidden)


def main(steps=300, hidden=24):
    """Fits, reports, and returns the losses and the error of the whole path."""
    console = Console(highlight=False)
    rng = np.random.default_rng(0)
    times = np.linspace(0.0, 12.0, 201)
    true = integrate(spiral, np.array([2.0, 0.0]), times)
    observed = true + NOISE * rng.normal(size=true.shape)
    network = Network(
        0.3 * rng.normal(size=(2, hidden)),
        np.zeros(hidden),
        0.3 * rng.normal(size=(hidden, 2)),
        np.zeros(2),
    )

    console.print(Rule("[bold]A neural ODE in plain NumPy, gradient by s2s"))
    console.print(f"{len(times)} noisy places on a spiral, {hidden} hidden units\n")
    losses, network = fit(network, times, observed, steps, console)
    path = integrate(network, true[0], times)
    error = np.sqrt(np.mean((path - true) ** 2))
    console.print(f"\nnoise         {NOISE:.3f}")
    console.print(f"error         [bold green]{error:.3f}[/] all along the spiral")
    console.print(f"its picture   {plot(true, observed, path, losses)}")
    return losses, error


def plot(true, observed, path, losses):
    OUTPUT.mkdir(exist_ok=True)
    out = OUTPUT / "neural_ode.png"
    figure = Figure(figsize=(8, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(*observed.T, ".", color="0.6", markersize=3, label="observed")
    left.plot(*true.T, color="tab:orange", label="true")
    left.plot(*path.T, "--", color="tab:blue", label="learnt")
    left.set(aspect="equal", title="Neural ODE: a spiral")
    left.legend(frameon=False, loc="center")
    right.semilogy(losses, color="tab:blue")
    right.set(xlabel="step", title="loss")
    right.grid(which="both", alpha=0.3)
    figure.savefig(out, dpi=150)
    return out


if __name__ == "__main__":
    main()
