"""The loss of Huber: early returns."""


def huber(x, delta):
    r = abs(x)
    if r <= delta:
        return 0.5 * r**2
    return delta * (r - 0.5 * delta)


CALL = -3.0, 1.0
DERIVATIVES = {"grad": ("x", "delta")}
