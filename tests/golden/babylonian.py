"""A square root by Newton's method: a while loop with a branch in it."""


def babylonian(a, x):
    while abs(x * x - a) > 1e-12:
        if x > 2.0:  # noqa: SIM108
            x = 0.5 * (x + a / x)
        else:
            x = x - (x * x - a) / (2.0 * x)
    return x


CALL = 7.0, 5.0
DERIVATIVES = {"grad": ("a", "x")}
