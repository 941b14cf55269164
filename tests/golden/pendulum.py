"""A pendulum by the leapfrog method: scalars in a loop."""

import math


def pendulum(angle, speed, length, dt, steps):
    for _ in range(steps):
        speed -= 0.5 * dt * 9.81 / length * math.sin(angle)
        angle += dt * speed
        speed -= 0.5 * dt * 9.81 / length * math.sin(angle)
    return angle


CALL = 1.0, 0.0, 2.0, 0.05, 10
DERIVATIVES = {
    "grad": ("angle", "speed", "length"),
    "jvp": "length",
}
