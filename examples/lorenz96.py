"""Finds the weather of five days ago: 4D-Var on the Lorenz-96 model.

Noisy readings of every other variable of a chaotic atmosphere come in over a window of
time. Which state at its start explains them best? `cost` says how badly a state does,
s2s writes the adjoint model, and L-BFGS descends along it. Run
`python examples/lorenz96.py`.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule
from scipy.optimize import minimize

import s2s

OUTPUT = Path(__file__).parent / "output"
FORCING = 8.0
DT = 0.05  # six hours
SIGMA_GUESS = 1.0  # the standard error of the first guess
SIGMA_READING = 0.5  # and of a reading


def slope(x):
    """Advection, damping and forcing of the variables x around a circle of latitude."""
    return (np.roll(x, -1) - np.roll(x, 2)) * np.roll(x, 1) - x + FORCING


def forecast(x, steps):
    """The states from x on, a row for each six hours, by Runge-Kutta steps."""
    states = np.empty((steps + 1, len(x)))
    states[0] = x
    for t in range(steps):
        x = states[t]
        k1 = slope(x)
        k2 = slope(x + 0.5 * DT * k1)
        k3 = slope(x + 0.5 * DT * k2)
        k4 = slope(x + DT * k3)
        states[t + 1] = x + DT / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return states


@s2s.value_and_grad
def cost(x, guess, readings, every, sites):
    """Misfit of the forecast from x to the readings, and of x to the first guess."""
    states = forecast(x, every * len(readings))
    misfit = (states[every::every, sites] - readings) / SIGMA_READING
    departure = (x - guess) / SIGMA_GUESS
    return 0.5 * np.sum(misfit**2) + 0.5 * np.sum(departure**2)


def observe(truth, every, sites, times, rng):
    exact = truth[every : every * times + 1 : every, sites]
    return exact + rng.normal(scale=SIGMA_READING, size=exact.shape)


def error(states, truth):
    """Root mean square over the variables, for each time."""
    return np.sqrt(np.mean((states - truth) ** 2, axis=-1))


def main(variables=40, every=2, times=10, outlook=40, iterations=60):
    """Assimilates, plots, and returns the error of the start before and after."""
    console = Console(highlight=False)
    rng = np.random.default_rng(1)
    sites = np.arange(0, variables, 2)
    window = every * times
    spun_up = forecast(FORCING + rng.normal(size=variables), 200)[-1]
    truth = forecast(spun_up, window + outlook)
    readings = observe(truth, every, sites, times, rng)
    guess = truth[0] + rng.normal(scale=SIGMA_GUESS, size=variables)

    console.print(Rule("[bold]4D-Var on Lorenz-96, adjoint model by s2s"))
    console.print(
        f"{readings.size} readings of {len(sites)} of {variables} variables\n"
    )
    iteration = 0

    def report(intermediate_result):
        nonlocal iteration
        iteration += 1
        if iteration % 5 == 1:
            value = intermediate_result.fun
            console.print(f"iteration {iteration:3}   cost {value:10.2f}")

    found = minimize(
        cost,
        guess,
        args=(guess, readings, every, sites),
        jac=True,
        method="L-BFGS-B",
        callback=report,
        options={"maxiter": iterations},
    )
    forecasts = {
        "first guess": forecast(guess, window + outlook),
        "analysis": forecast(found.x, window + outlook),
    }
    console.print(f"iteration {iteration:3}   cost {found.fun:10.2f}\n")
    errors = {name: error(states, truth) for name, states in forecasts.items()}
    for name, e in errors.items():
        console.print(
            f"{name:12} error {e[0]:5.2f} at the start, "
            f"{e[window]:5.2f} at the end of the window"
        )
    path = plot({"truth": truth} | forecasts, errors, window)
    console.print(f"\nplot         {path}")
    return errors["first guess"][0], errors["analysis"][0]


def plot(runs, errors, window):
    """Each run as a map of variables and time; below them how the errors grow."""
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "lorenz96.png"
    figure = Figure(figsize=(9, 6), layout="constrained")
    maps, below = figure.subfigures(2, height_ratios=[1.4, 1])
    panels = maps.subplots(1, len(runs), sharey=True)
    days = 0.25 * np.arange(len(runs["truth"]))
    for axes, (name, states) in zip(panels, runs.items(), strict=True):
        variables = np.arange(states.shape[1])
        mesh = axes.pcolormesh(
            variables, days, states, cmap="RdBu_r", vmin=-12, vmax=12
        )
        axes.axhline(days[window], color="black", linestyle="--", linewidth=1)
        axes.set(title=name, xlabel="variable")
    panels[0].set_ylabel("days")
    maps.colorbar(mesh, ax=panels)

    axes = below.subplots()
    for name, e in errors.items():
        axes.semilogy(days, e, label=name)
    axes.axvspan(0.0, days[window], color="0.9", label="readings come in")
    axes.set(xlabel="days", ylabel="error", xlim=(0.0, days[-1]))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
