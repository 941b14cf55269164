"""Greeks of an option under stochastic volatility, by one sweep back over the paths.

`price` walks a million steps of Heston's model with random numbers drawn once. s2s
writes the sweep back over them, which gives the slope of the price in every parameter
of the market for the time of a few prices; bump-and-revalue takes two prices for each.
Run `python examples/heston.py`.
"""

from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import track
from rich.rule import Rule
from rich.table import Table

import s2s

OUTPUT = Path(__file__).parent / "output"
STRIKE = 100.0
MATURITY = 1.0
FLOOR = 1e-8  # of the variance; at zero its root would have no slope


class Market(NamedTuple):
    spot: float = 100.0
    variance: float = 0.04
    rate: float = 0.03
    kappa: float = 3.0  # how fast the variance returns to its mean
    theta: float = 0.05  # its mean
    xi: float = 0.3  # its volatility
    rho: float = -0.7  # its correlation with the spot


def price(market, normals):
    """A call on the mean of the spot over time, by truncated Euler steps."""
    spot, variance, rate, kappa, theta, xi, rho = market
    steps, _, paths = normals.shape
    dt = MATURITY / steps
    log_spot = np.full(paths, np.log(spot))
    v = np.full(paths, variance)
    total = np.zeros(paths)
    for z1, z2 in normals:
        v_plus = np.maximum(v, FLOOR)
        diffusion = np.sqrt(v_plus * dt)
        log_spot += (rate - 0.5 * v_plus) * dt + diffusion * z1
        z = rho * z1 + np.sqrt(1.0 - rho**2) * z2
        v += kappa * (theta - v_plus) * dt + xi * diffusion * z
        total += np.exp(log_spot)
    payoff = np.maximum(total / steps - STRIKE, 0.0)
    return np.exp(-rate * MATURITY) * np.mean(payoff)


greeks = s2s.value_and_grad(price)


def bumped(market, normals, bump=1e-5):
    """The same slopes by central differences, on the same random numbers."""
    slopes = []
    for name, value in market._asdict().items():
        h = bump * abs(value)
        up = price(market._replace(**{name: value + h}), normals)
        down = price(market._replace(**{name: value - h}), normals)
        slopes.append((up - down) / (2.0 * h))
    return Market(*slopes)


def timed(f, *args, repeats=5):
    """What f returns, and the least time that it took."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        result = f(*args)
        times.append(perf_counter() - start)
    return result, min(times)


def main(paths=10_000, steps=100, spots=15):
    """Prices, compares, plots, and returns both sets of slopes."""
    console = Console(highlight=False)
    rng = np.random.default_rng(0)
    normals = rng.normal(size=(steps, 2, paths))
    market = Market()

    console.print(Rule("[bold]An Asian call in Heston's model, Greeks by s2s"))
    value, one_price = timed(price, market, normals)
    (_, by_s2s), one_sweep = timed(greeks, market, normals)
    by_bumps, all_bumps = timed(bumped, market, normals)
    console.print(f"{paths:,} paths of {steps} steps   price {value:.4f}\n")
    console.print(table(market, by_s2s, by_bumps))
    console.print(f"\none price           {1e3 * one_price:7.0f} ms")
    console.print(
        f"price and Greeks    {1e3 * one_sweep:7.0f} ms   "
        f"[bold green]{one_sweep / one_price:.1f} prices"
    )
    console.print(
        f"bump-and-revalue    {1e3 * all_bumps:7.0f} ms   "
        f"{all_bumps / one_price:.1f} prices\n"
    )

    grid = np.linspace(0.7 * STRIKE, 1.4 * STRIKE, spots)
    few = normals[:, :, : max(1, paths // 4)]
    curves = []
    for spot in track(grid, "over the spot", console=console):
        curves.append(greeks(market._replace(spot=spot), few))
    console.print(f"\nplot                {plot(grid, curves)}")
    return by_s2s, by_bumps


def table(market, by_s2s, by_bumps):
    result = Table("slope in", "at", "s2s", "bumps", "difference")
    for column in result.columns[1:]:
        column.justify = "right"
    for name, at, a, b in zip(market._fields, market, by_s2s, by_bumps, strict=True):
        result.add_row(name, f"{at:g}", f"{a:.5f}", f"{b:.5f}", f"{a - b:.0e}")
    return result


def plot(grid, curves):
    """The price and each of its slopes, over the spot."""
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "heston.png"
    figure = Figure(figsize=(11, 5), layout="constrained")
    panels = figure.subplots(2, 4, sharex=True)
    values = {"price": [value for value, _ in curves]}
    for k, name in enumerate(Market._fields):
        values[f"slope in {name}"] = [slopes[k] for _, slopes in curves]
    for axes, (title, y) in zip(panels.flat, values.items(), strict=True):
        axes.plot(grid, y, color="black" if title == "price" else "tab:blue")
        axes.axvline(STRIKE, color="0.7", linestyle=":")
        axes.set_title(title)
        axes.spines[["top", "right"]].set_visible(False)
    for axes in panels[-1]:
        axes.set_xlabel("spot")
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
