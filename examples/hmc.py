"""Samples a posterior by Hamiltonian Monte Carlo, the gradient of its log by s2s.

A logistic regression tells benign from malignant tumours. How strongly its weights are
held together is not known beforehand either, so their scale is a parameter too. Instead
of one best fit there are many plausible ones, and so an uncertainty to each prediction.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

import s2s

OUTPUT = Path(__file__).parent / "output"
WANTED = 0.8  # how many of the proposals are to be accepted
LEAPS = 12


class Model:
    """Logistic regression with weights of an unknown common scale."""

    def __init__(self, x, y, prior=1.0):
        self.x = x
        self.sign = 2.0 * y - 1.0
        self.prior = prior

    def unpack(self, q):
        """The intercept and the weights; q holds the weights over their scale."""
        return q[1], np.exp(q[0]) * q[2:]

    def log_posterior(self, q):
        """Up to a constant; at any vector of numbers, which is what HMC needs."""
        intercept, weights = self.unpack(q)
        margins = self.sign * (self.x @ weights + intercept)
        log_likelihood = -np.logaddexp(0.0, -margins).sum()
        return log_likelihood - 0.5 * np.sum(q**2) / self.prior**2

    def probabilities(self, q, x):
        intercept, weights = self.unpack(q)
        return 1.0 / (1.0 + np.exp(-(x @ weights + intercept)))


def log_density(q, model):
    return model.log_posterior(q)


slope = s2s.value_and_grad(log_density)


def leapfrog(q, momentum, gradient, size, model):
    """LEAPS steps along the trajectory on which the energy is kept."""
    q, momentum = q.copy(), momentum.copy()
    for _ in range(LEAPS):
        momentum += 0.5 * size * gradient
        q += size * momentum
        value, gradient = slope(q, model)
        momentum += 0.5 * size * gradient
    return q, momentum, value, gradient


def sample(model, q, warmup, draws, rng):
    """Yields after each proposal: the place, its log posterior, the acceptance."""
    size = 0.05
    value, gradient = slope(q, model)
    for k in range(warmup + draws):
        momentum = rng.normal(size=q.shape)
        energy = value - 0.5 * momentum @ momentum
        length = size * rng.uniform(0.8, 1.2)  # no trajectory may close to a loop
        proposal = leapfrog(q, momentum, gradient, length, model)
        change = proposal[2] - 0.5 * proposal[1] @ proposal[1] - energy
        acceptance = np.exp(min(0.0, change))
        if rng.uniform() < acceptance:
            q, _, value, gradient = proposal
        if k < warmup:
            size *= np.exp((acceptance - WANTED) / np.sqrt(k + 1.0))
        else:
            yield q, value, acceptance


def effective_size(trace):
    """How many independent draws tell as much as these, by their autocorrelation."""
    z = trace - trace.mean()
    correlation = np.correlate(z, z, "full")[len(z) - 1 :] / (z @ z)
    pairs = correlation[:-1:2] + correlation[1::2]
    last = np.argmax(pairs < 0.0) if (pairs < 0.0).any() else len(pairs)
    return len(z) / max(1.0, 2.0 * pairs[:last].sum() - 1.0)


def main(warmup=300, draws=1500, chains=2):
    """Samples, and returns the accuracy on the test set and the chains."""
    console = Console(highlight=False)
    data = load_breast_cancer()
    x, x_test, y, y_test = train_test_split(
        data.data, data.target, test_size=0.25, stratify=data.target, random_state=0
    )
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    model = Model((x - mean) / deviation, y)
    x_test = (x_test - mean) / deviation

    console.print(Rule("[bold]Hamiltonian Monte Carlo in plain NumPy, gradient by s2s"))
    console.print(f"{len(x)} tumours, {x.shape[1]} features of each\n")
    traces = []
    for chain in range(chains):
        rng = np.random.default_rng(chain)
        start = rng.normal(size=2 + x.shape[1])
        steps = list(sample(model, start, warmup, draws, rng))
        traces.append(np.array([q for q, _, _ in steps]))
        accepted = np.mean([acceptance for _, _, acceptance in steps])
        size = effective_size(traces[-1][:, 0])
        console.print(
            f"chain {chain}   {accepted:.0%} of {draws} accepted, "
            f"worth {size:.0f} independent draws of the scale"
        )

    predicted = np.array(
        [model.probabilities(q, x_test) for trace in traces for q in trace[::10]]
    )
    probability, spread = predicted.mean(axis=0), predicted.std(axis=0)
    right = (probability > 0.5) == y_test
    console.print(f"\ntest accuracy   [bold green]{right.mean():.1%}")
    console.print(f"deviation of the probability   {spread[right].mean():.2f} if right")
    if not right.all():
        console.print(f"{spread[~right].mean():34.2f} if wrong")
    console.print(f"traces          {plot(traces)}")
    return right.mean(), traces


def plot(traces):
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "hmc.png"
    figure = Figure(figsize=(7, 4), layout="constrained")
    rows = figure.subplots(2, 2, sharey="row", width_ratios=(3, 1))
    labels = ("log scale", "intercept")
    for k, ((left, right), label) in enumerate(zip(rows, labels, strict=True)):
        for trace in traces:
            left.plot(trace[:, k], linewidth=0.5)
            right.hist(trace[:, k], 30, orientation="horizontal", alpha=0.5)
        left.set(ylabel=label)
        right.set_xticks([])
    rows[-1, 0].set(xlabel="draw")
    figure.suptitle("HMC: traces of two parameters")
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
