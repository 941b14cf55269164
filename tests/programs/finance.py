"""Option prices, taxes and utilities."""
# ruff: noqa: B007

import math

import numpy as np

SQRT2 = np.sqrt(2.0)
BRACKETS = [(0.0, 0.10), (10.0, 0.22), (40.0, 0.35)]


def black_scholes(S, K, T, r, sigma, kind="call"):
    """The closed form, with a rational approximation of the normal distribution."""
    d1 = (math.log(S / K) + (r + 0.5 * sigma**2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    if kind == "call":
        w = 1
    elif kind == "put":
        w = -1
    else:
        raise ValueError(f"unknown kind of option: {kind}")
    n1 = 0.5 * (1.0 + math.erf(w * d1 / SQRT2))
    n2 = 0.5 * (1.0 + math.erf(w * d2 / SQRT2))
    return w * (S * n1 - K * math.exp(-r * T) * n2)


def binomial_option(S, K, T, r, sigma, steps):
    """An American put on a Cox-Ross-Rubinstein tree."""
    dt = T / steps
    u = np.exp(sigma * np.sqrt(dt))
    p = (np.exp(r * dt) - 1 / u) / (u - 1 / u)
    discount = np.exp(-r * dt)
    j = np.arange(steps + 1)
    prices = S * u ** (2.0 * j - steps)
    values = np.maximum(K - prices, 0)
    for n in range(steps - 1, -1, -1):
        values = discount * (p * values[1:] + (1 - p) * values[:-1])
        prices = prices[:-1] * u
        values = np.maximum(values, K - prices)
    return values[0]


def asian_monte_carlo(S, sigma, r, strike, normals):
    """Geometric Brownian paths; normals has shape (paths, steps)."""
    paths, steps = normals.shape
    dt = 1.0 / steps
    price = np.full(paths, S)
    total = np.zeros(paths)
    for k in range(steps):
        price = price * np.exp(
            (r - sigma**2 / 2) * dt + sigma * dt**0.5 * normals[:, k]
        )
        total = total + price
    payoff = np.where(total / steps > strike, total / steps - strike, 0.0)
    return np.exp(-r) * payoff.mean()


def income_tax(income, brackets):
    """Marginal rates; brackets is a list of (threshold, rate)."""
    tax = 0.0
    for i in range(len(brackets)):
        low, rate = brackets[i]
        if income <= low:
            break
        if i + 1 < len(brackets) and income > brackets[i + 1][0]:
            tax += rate * (brackets[i + 1][0] - low)
        else:
            tax += rate * (income - low)
    return tax


def income_tax_by_law(income):
    """The same with the brackets of the law, a module constant."""
    tax = 0.0
    upper = math.inf
    for low, rate in reversed(BRACKETS):
        if income > low:
            tax += rate * (min(income, upper) - low)
        upper = low
    return tax


def crra_utility(c, gamma):
    """Relative risk aversion; logarithmic at one."""
    if c <= 0:
        return -math.inf
    if gamma == 1:
        return math.log(c)
    return (c ** (1 - gamma) - 1) / (1 - gamma)


def prospect_value(x, alpha, beta, loss_aversion):
    gain = x if x > 0 else 0.0
    loss = -x if x < 0 else 0.0
    return gain**alpha if x >= 0 else -loss_aversion * loss**beta


def consumption_plan(beta, wealth, rate, years, gamma=2.0):
    """Discounted utility of a rule of thumb, until the money is gone."""
    utility = 0.0
    discount = 1.0
    for year in range(years):
        if wealth < 0.05:
            break
        consumption = 0.3 * wealth if year < years - 1 else wealth
        utility += discount * (consumption ** (1 - gamma)) / (1 - gamma)
        wealth = (wealth - consumption) * (1 + rate)
        discount *= beta
    return utility


def internal_rate(flows, guess=0.1):
    """Newton's method on the present value of a list of payments."""
    r = guess
    for _ in range(20):
        value = 0.0
        slope = 0.0
        for t, flow in enumerate(flows):
            value += flow / (1 + r) ** t
            slope -= t * flow / (1 + r) ** (t + 1)
        step = value / slope
        r -= step
        if abs(step) < 1e-13:
            break
    return r


def sum_discounted(rate, flows):
    total = 0.0
    for t in range(len(flows)):
        total += flows[t] * (1 + rate) ** -t
    return total


CASES = [
    (black_scholes, (100.0, 105.0, 0.75, 0.02, 0.3)),
    (black_scholes, (100.0, 105.0, 0.75, 0.02, 0.3, "put")),
    (binomial_option, (10.0, 11.0, 1.0, 0.03, 0.3, 6)),
    (
        asian_monte_carlo,
        (1.0, 0.3, 0.02, 0.9, np.linspace(-1.5, 1.6, 12).reshape(4, 3)),
    ),
    (income_tax, (25.0, BRACKETS)),
    (income_tax, (55.0, BRACKETS)),
    (income_tax_by_law, (25.0,)),
    (crra_utility, (1.7, 2.5)),
    (crra_utility, (1.7, 1)),
    (prospect_value, (-1.5, 0.88, 0.8, 2.25)),
    (prospect_value, (1.5, 0.88, 0.8, 2.25)),
    (consumption_plan, (0.95, 3.0, 0.04, 12)),
    (sum_discounted, (0.05, [-10.0, 3.0, 4.0, 5.0])),
    (internal_rate, ([-10.0, 3.0, 4.0, 5.0],)),
]
