"""A recurrent network over 100 steps, with a loss of its last state or of all."""

import numpy as np

from benchmarks.libraries import jax, torch
from benchmarks.program import Program


def last_state(xs, target, w, u, b):
    h = np.zeros(len(b))
    for x in xs:
        h = np.tanh(w @ h + u @ x + b)
    return np.sum((h - target) ** 2)


def last_state_by_hand(xs, target, w, u, b):
    h = np.zeros(len(b))
    h_stack = [h]
    for x in xs:
        h = np.tanh(w @ h + u @ x + b)
        h_stack.append(h)
    r = h - target
    value = np.sum(r**2)

    w_bar = np.zeros_like(w)
    u_bar = np.zeros_like(u)
    b_bar = np.zeros_like(b)
    h_bar = 2.0 * r
    h = h_stack.pop()
    for t in range(len(xs) - 1, -1, -1):
        a_bar = h_bar * (1.0 - h * h)
        h = h_stack.pop()
        w_bar += np.outer(a_bar, h)
        u_bar += np.outer(a_bar, xs[t])
        b_bar += a_bar
        h_bar = w.T @ a_bar
    return value, (w_bar, u_bar, b_bar)


def last_state_tuned(xs, target, w, u, b):
    hs, slope = states(xs, w, u, b)
    r = hs[-1] - target
    value = np.sum(r**2)

    a_bar = np.empty_like(slope)
    h_bar = 2.0 * r
    for t in range(len(xs) - 1, -1, -1):
        a_bar[t] = h_bar * slope[t]
        h_bar = a_bar[t] @ w
    return value, weight_gradients(a_bar, hs, xs)


def last_state_in_jax(xs, target, w, u, b):
    def step(h, x):
        return jax.numpy.tanh(w @ h + u @ x + b), None

    h, _ = jax.lax.scan(step, jax.numpy.zeros(len(b)), xs)
    return jax.numpy.sum((h - target) ** 2)


def last_state_in_torch(xs, target, w, u, b):
    h = torch.zeros_like(b)
    for x in xs:
        h = torch.tanh(w @ h + u @ x + b)
    return ((h - target) ** 2).sum()


def all_states(xs, ys, w, u, b):
    h = np.zeros(len(b))
    loss = 0.0
    for t in range(len(xs)):
        h = np.tanh(w @ h + u @ xs[t] + b)
        loss += np.sum((h - ys[t]) ** 2)
    return loss


def all_states_by_hand(xs, ys, w, u, b):
    h = np.zeros(len(b))
    h_stack = [h]
    r_stack = []
    value = 0.0
    for t in range(len(xs)):
        h = np.tanh(w @ h + u @ xs[t] + b)
        r = h - ys[t]
        value += np.sum(r**2)
        h_stack.append(h)
        r_stack.append(r)

    w_bar = np.zeros_like(w)
    u_bar = np.zeros_like(u)
    b_bar = np.zeros_like(b)
    h_bar = np.zeros_like(b)
    h = h_stack.pop()
    for t in range(len(xs) - 1, -1, -1):
        h_bar += 2.0 * r_stack.pop()
        a_bar = h_bar * (1.0 - h * h)
        h = h_stack.pop()
        w_bar += np.outer(a_bar, h)
        u_bar += np.outer(a_bar, xs[t])
        b_bar += a_bar
        h_bar = w.T @ a_bar
    return value, (w_bar, u_bar, b_bar)


def all_states_tuned(xs, ys, w, u, b):
    hs, slope = states(xs, w, u, b)
    r = hs[1:] - ys
    value = np.sum(r**2)

    r *= 2.0
    a_bar = np.empty_like(slope)
    h_bar = np.zeros_like(b)
    for t in range(len(xs) - 1, -1, -1):
        h_bar += r[t]
        a_bar[t] = h_bar * slope[t]
        h_bar = a_bar[t] @ w
    return value, weight_gradients(a_bar, hs, xs)


def all_states_in_jax(xs, ys, w, u, b):
    def step(h, x):
        h = jax.numpy.tanh(w @ h + u @ x + b)
        return h, h

    _, hs = jax.lax.scan(step, jax.numpy.zeros(len(b)), xs)
    return jax.numpy.sum((hs - ys) ** 2)


def all_states_in_torch(xs, ys, w, u, b):
    h = torch.zeros_like(b)
    hs = []
    for x in xs:
        h = torch.tanh(w @ h + u @ x + b)
        hs.append(h)
    return ((torch.stack(hs) - ys) ** 2).sum()


def states(xs, w, u, b):
    """All states, the first one zero, and the slope of tanh at the others."""
    inputs = xs @ u.T + b
    hs = np.zeros((len(xs) + 1, len(b)))
    for t in range(len(xs)):
        hs[t + 1] = np.tanh(w @ hs[t] + inputs[t])
    return hs, 1.0 - hs[1:] ** 2


def weight_gradients(a_bar, hs, xs):
    """One matrix product in the place of a sum of outer products."""
    return a_bar.T @ hs[:-1], a_bar.T @ xs, np.sum(a_bar, axis=0)


STEPS, INPUTS, UNITS = 100, 16, 64
RNG = np.random.default_rng(0)
INPUT = RNG.normal(size=(STEPS, INPUTS))
TARGETS = RNG.uniform(-1.0, 1.0, size=(STEPS, UNITS))
WEIGHTS = (
    RNG.normal(size=(UNITS, UNITS)) / np.sqrt(UNITS),
    RNG.normal(size=(UNITS, INPUTS)) / np.sqrt(INPUTS),
    RNG.normal(size=UNITS),
)

PROGRAMS = [
    Program(
        name="RNN, last state",
        primal=last_state,
        args=(INPUT, TARGETS[-1], *WEIGHTS),
        wrt=("w", "u", "b"),
        hand=last_state_by_hand,
        tuned=last_state_tuned,
        jax=last_state_in_jax,
        torch=last_state_in_torch,
    ),
    Program(
        name="RNN, all states",
        primal=all_states,
        args=(INPUT, TARGETS, *WEIGHTS),
        wrt=("w", "u", "b"),
        hand=all_states_by_hand,
        tuned=all_states_tuned,
        jax=all_states_in_jax,
        torch=all_states_in_torch,
    ),
]
