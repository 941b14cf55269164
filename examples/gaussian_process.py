"""Fits a Gaussian process by maximum likelihood, and foretells what it fitted.

A record has a trend, a cycle that wanders off, and noise; how large, how slow and of
what period, the readings say themselves. `loss` is their negative log likelihood by a
Cholesky factor, s2s writes its gradient, and L-BFGS descends along it. Run
`python examples/gaussian_process.py`.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from scipy.optimize import Bounds, minimize

import s2s

OUTPUT = Path(__file__).parent / "output"
NAMES = ["trend size", "trend length", "cycle size", "cycle length", "period", "noise"]
TRUE = np.array([2.0, 6.0, 1.0, 12.0, 1.5, 0.2])
START = np.array([1.0, 3.0, 1.0, 5.0, 1.6, 0.4])  # as one would guess by eye


def kernel(s, t, theta):
    """The covariance of times s and t, for the logarithms theta of the parameters."""
    trend_size, trend_length, size, length, period, _ = np.exp(theta)
    apart = s[:, np.newaxis] - t
    trend = trend_size**2 * np.exp(-0.5 * (apart / trend_length) ** 2)
    wave = np.sin(np.pi * apart / period)
    cycle = size**2 * np.exp(-2.0 * wave**2 - 0.5 * (apart / length) ** 2)
    return trend + cycle


def factor(t, theta):
    """The Cholesky factor of the covariance of readings at the times t."""
    noise = np.exp(theta[-1])
    return np.linalg.cholesky(kernel(t, t, theta) + noise**2 * np.eye(len(t)))


@s2s.value_and_grad
def loss(theta, t, y):
    """The negative log likelihood of readings y at the times t."""
    L = factor(t, theta)
    z = np.linalg.solve(L, y)
    return 0.5 * z @ z + np.sum(np.log(np.diag(L))) + 0.5 * len(y) * np.log(2.0 * np.pi)


def predict(theta, t, y, later):
    """Mean and standard deviation of what lies below the readings, at other times."""
    L = factor(t, theta)
    z = np.linalg.solve(L, np.column_stack([y, kernel(t, later, theta)]))
    variance = np.diag(kernel(later, later, theta)) - np.sum(z[:, 1:] ** 2, axis=0)
    return z[:, 1:].T @ z[:, 0], np.sqrt(np.maximum(variance, 0.0))


def main(readings=150, iterations=100):
    """Fits, plots, and returns the parameters found and how far off it foretells."""
    console = Console(highlight=False)
    rng = np.random.default_rng(3)
    grid = np.linspace(0.0, 20.0, 301)
    covariance = kernel(grid, grid, np.log(TRUE)) + 1e-9 * np.eye(len(grid))
    truth = np.linalg.cholesky(covariance) @ rng.normal(size=len(grid))
    seen = np.sort(rng.choice(240, size=readings, replace=False))  # the first 16 units
    t, y = grid[seen], truth[seen] + rng.normal(scale=TRUE[-1], size=readings)

    console.print(Rule("[bold]A Gaussian process by maximum likelihood"))
    iteration = 0

    def report(intermediate_result):
        nonlocal iteration
        iteration += 1
        if iteration % 5 == 1:
            value = intermediate_result.fun
            console.print(f"iteration {iteration:3}   -log likelihood {value:8.2f}")

    found = minimize(
        loss,
        np.log(START),
        args=(t, y),
        jac=True,
        method="L-BFGS-B",
        bounds=Bounds(np.log(START / 10.0), np.log(START * 10.0)),
        callback=report,
        options={"maxiter": iterations},
    )
    console.print(f"iteration {iteration:3}   -log likelihood {found.fun:8.2f}\n")
    table = Table("", "start", "fitted", "true")
    for row in zip(NAMES, START, np.exp(found.x), TRUE, strict=True):
        table.add_row(row[0], *(f"{value:.2f}" for value in row[1:]))
    console.print(table)

    unseen = grid > t[-1]
    fits = {
        "start": predict(np.log(START), t, y, grid),
        "fitted": predict(found.x, t, y, grid),
    }
    errors = {}
    console.print()
    for name, (mean, _) in fits.items():
        errors[name] = np.sqrt(np.mean((mean - truth)[unseen] ** 2))
        console.print(f"{name:6}  error of what it foretells {errors[name]:5.2f}")
    console.print(f"\nplot    {plot(grid, truth, t, y, fits)}")
    return np.exp(found.x), errors["start"], errors["fitted"]


def plot(grid, truth, t, y, fits):
    """The readings, and what each set of parameters makes of them."""
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "gaussian_process.png"
    figure = Figure(figsize=(9, 6), layout="constrained")
    panels = figure.subplots(len(fits), 1, sharex=True, sharey=True)
    for axes, (name, (mean, deviation)) in zip(panels, fits.items(), strict=True):
        low, high = mean - 2.0 * deviation, mean + 2.0 * deviation
        axes.fill_between(grid, low, high, color="tab:blue", alpha=0.2, linewidth=0)
        axes.plot(grid, mean, color="tab:blue", label="mean, two deviations")
        axes.plot(grid, truth, "--", color="black", linewidth=1, label="truth")
        axes.plot(t, y, ".", color="tab:red", markersize=3, label="readings")
        axes.axvline(t[-1], color="0.7", linestyle=":")
        axes.set(title=name, xlim=(grid[0], grid[-1]))
        axes.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlabel("time")
    panels[0].legend(frameon=False, ncols=3, fontsize="small")
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
