"""Reads handwritten digits: a classifier in plain NumPy, its gradient by s2s.

`loss` below is all there is to the model. The decorator reads its source, writes the
source of its gradient, and `train` descends along it. Run `make demo`.
"""

import sys
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.rule import Rule
from rich.syntax import Syntax
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import s2s

OUTPUT = Path(__file__).parent / "output"
HIDDEN = 32
BATCH = 64
LEARNING_RATE = 0.2
MOMENTUM = 0.9
DECAY = 1e-4


@s2s.value_and_grad(argnums=("w1", "b1", "w2", "b2"))
def loss(x, y, w1, b1, w2, b2, decay):
    """Cross-entropy of the scans x and their labels y, and weight decay."""
    h = np.tanh(x @ w1 + b1)
    z = h @ w2 + b2
    z = z - np.max(z, axis=1, keepdims=True)
    log_p = z - np.log(np.sum(np.exp(z), axis=1, keepdims=True))
    fit = -np.mean(log_p[np.arange(len(y)), y])
    return fit + decay * (np.sum(w1**2) + np.sum(w2**2))


def train(x, y, parameters, rng, epochs):
    """Mini-batch descent with momentum; yields the mean loss of each epoch."""
    velocities = [np.zeros_like(p) for p in parameters]
    for _ in range(epochs):
        values = []
        order = rng.permutation(len(x))
        for start in range(0, len(x), BATCH):
            rows = order[start : start + BATCH]
            value, gradients = loss(x[rows], y[rows], *parameters, DECAY)
            values.append(value)
            for p, v, g in zip(parameters, velocities, gradients, strict=True):
                v *= MOMENTUM
                v -= LEARNING_RATE * g
                p += v
        yield np.mean(values)


def accuracy(x, y, w1, b1, w2, b2):
    scores = np.tanh(x @ w1 + b1) @ w2 + b2
    return np.mean(np.argmax(scores, axis=1) == y)


def microseconds(f, *args, repeats=200):
    times = []
    for _ in range(repeats):
        start = perf_counter()
        f(*args)
        times.append(perf_counter() - start)
    return 1e6 * median(times)


def main(epochs=60):
    """Trains, reports, and returns the accuracy on scans never trained on."""
    console = Console(highlight=False)
    rng = np.random.default_rng(0)
    images, labels = load_digits(return_X_y=True)
    x, x_test, y, y_test = train_test_split(
        images / 16.0, labels, test_size=0.25, stratify=labels, random_state=0
    )
    parameters = [
        rng.normal(scale=1 / 8, size=(64, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(scale=HIDDEN**-0.5, size=(HIDDEN, 10)),
        np.zeros(10),
    ]

    console.print(Rule("[bold]Handwritten digits in plain NumPy, gradient by s2s"))
    console.print(f"{len(x):,} scans to learn from, {len(x_test)} to be tested on\n")
    losses = list(progress(train(x, y, parameters, rng, epochs), epochs, console))
    result = accuracy(x_test, y_test, *parameters)
    console.print(f"\ntest accuracy   [bold green]{result:.1%}")
    console.print(f"loss curve      {plot(losses)}\n")

    console.print(Rule("[bold]The gradient that s2s wrote"))
    show(loss.source, console)

    console.print(Rule("[bold]What it costs"))
    args = (x, y, *parameters, DECAY)
    one_loss = microseconds(loss.primal, *args)
    one_gradient = microseconds(loss, *args)
    console.print(f"one loss        {one_loss:6.0f} µs   on all {len(x):,} scans")
    console.print(f"with gradient   {one_gradient:6.0f} µs")
    console.print(f"ratio           {one_gradient / one_loss:6.2f}")
    return result


def progress(losses, epochs, console):
    """Passes the losses on, under a bar on a terminal, in a few lines elsewhere."""
    if not console.is_terminal:
        for epoch, value in enumerate(losses, 1):
            if epoch % max(1, epochs // 6) == 0:
                console.print(f"epoch {epoch:3}   loss {value:.4f}")
            yield value
        return
    columns = (
        TextColumn("epoch {task.completed:3}"),
        BarColumn(bar_width=40),
        TextColumn("loss {task.fields[value]:.4f}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=epochs, value=float("nan"))
        for value in losses:
            bar.update(task, advance=1, value=value)
            yield value


def show(source, console):
    if console.is_terminal:
        console.print(Syntax(source, "python", theme="ansi_dark", word_wrap=True))
    else:
        sys.stdout.write(source + "\n")


def plot(losses):
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "digits_loss.png"
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.semilogy(range(1, len(losses) + 1), losses, color="tab:blue")
    axes.set(xlabel="epoch", ylabel="mean loss", title="Digits: training loss")
    axes.grid(which="both", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


if __name__ == "__main__":
    main()
