"""Writes like the Python manual: a character LSTM in plain NumPy, its gradient by s2s.

`loss` runs the network along a stretch of text, its parameters in a dict. The gradient
that s2s writes, a dict of the same keys, is what is called backpropagation through
time. The text is the language reference that comes with Python, as `help()` prints it.
"""

from itertools import islice, pairwise
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule

import s2s

OUTPUT = Path(__file__).parent / "output"
TOPICS = ("compound", "execmodel", "specialnames", "types")
BATCH = 32
STRETCH = 32
LEARNING_RATE = 1e-2


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def step(p, x, h, c):
    """One character further: x are the characters' numbers, h and c the state."""
    gates = p["input"][x] + h @ p["recurrent"] + p["gates"]
    i, f, o, g = np.split(gates, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = sigmoid(o) * np.tanh(c)
    return h, c, h @ p["output"] + p["bias"]


@s2s.value_and_grad(has_aux=True)
def loss(p, text, h, c):
    """Mean cross-entropy of each next character, and the state to go on from."""
    batch, length = text.shape
    total = 0.0
    for t in range(length - 1):
        h, c, logits = step(p, text[:, t], h, c)
        logits -= logits.max(axis=1, keepdims=True)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        total -= log_p[np.arange(batch), text[:, t + 1]].mean()
    return total / (length - 1), (h, c)


def initial(letters, hidden, rng):
    scale = hidden**-0.5
    p = {
        "input": rng.normal(scale=scale, size=(letters, 4 * hidden)),
        "recurrent": rng.normal(scale=scale, size=(hidden, 4 * hidden)),
        "gates": np.zeros(4 * hidden),
        "output": rng.normal(scale=scale, size=(hidden, letters)),
        "bias": np.zeros(letters),
    }
    p["gates"][hidden : 2 * hidden] = 1.0  # remember, until told to forget
    return p


def stretches(text, rng):
    """Goes through the text at BATCH places at once, again and again."""
    while True:
        rows = len(text) // BATCH
        offset = rng.integers(len(text) - rows * BATCH + 1)
        lines = text[offset : offset + rows * BATCH].reshape(BATCH, rows)
        starts = range(0, rows, STRETCH)
        for first, last in pairwise(starts):
            yield first == 0, lines[:, first : last + 1]


def train(p, text, steps, rng):
    """Adam; yields the loss of each step, in bits a character."""
    hidden = len(p["recurrent"])
    means = {name: np.zeros_like(value) for name, value in p.items()}
    squares = {name: np.zeros_like(value) for name, value in p.items()}
    for k, (anew, stretch) in enumerate(islice(stretches(text, rng), steps), 1):
        if anew:
            h = c = np.zeros((BATCH, hidden))
        (value, (h, c)), p_bar = loss(p, stretch, h, c)
        for name, g in p_bar.items():
            np.clip(g, -0.1, 0.1, out=g)
            means[name] += 0.1 * (g - means[name])
            squares[name] += 0.01 * (g * g - squares[name])
            mean = means[name] / (1.0 - 0.9**k)
            square = squares[name] / (1.0 - 0.99**k)
            p[name] -= LEARNING_RATE * mean / (np.sqrt(square) + 1e-8)
        yield value / np.log(2.0)


def sample(p, alphabet, prompt, length, rng):
    """Goes on from the prompt, one character drawn after the other."""
    h = c = np.zeros((1, len(p["recurrent"])))
    written = prompt
    for letter in prompt:
        h, c, logits = step(p, np.array([alphabet.index(letter)]), h, c)
    for _ in range(length):
        weights = np.exp((logits[0] - logits.max()) / 0.6)
        x = rng.choice(len(alphabet), p=weights / weights.sum())
        written += alphabet[x]
        h, c, logits = step(p, np.array([x]), h, c)
    return written


def main(steps=900, hidden=64):
    """Trains, samples, and returns the bits for a character, first and last."""
    console = Console(highlight=False)
    rng = np.random.default_rng(0)
    manual = "\n".join(topics[name] for name in TOPICS)
    alphabet = "".join(sorted(set(manual)))
    text = np.array([alphabet.index(letter) for letter in manual])
    p = initial(len(alphabet), hidden, rng)

    console.print(Rule("[bold]A character LSTM in plain NumPy, gradient by s2s"))
    console.print(f"{len(text):,} characters, {len(alphabet)} different ones\n")
    bits = []
    for value in train(p, text, steps, rng):
        bits.append(value)
        if len(bits) % max(1, steps // 6) == 0:
            console.print(f"step {len(bits):5}   {value:.2f} bits a character")
    console.print(f"\nloss curve   {plot(bits)}\n")

    console.print(Rule("[bold]What it writes"))
    console.print(sample(p, alphabet, "The ", 400, rng), markup=False)
    return bits[0], np.mean(bits[-10:])


def plot(bits):
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "lstm.png"
    figure = Figure(figsize=(6, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.plot(range(1, len(bits) + 1), bits, color="tab:blue", linewidth=0.8)
    axes.set(xlabel="step", ylabel="bits a character", title="LSTM: training loss")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
