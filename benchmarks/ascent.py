"""A program of 30 functions: a rocket climbs through the air, and its fuel is weighed.

They are small and call one another in several places, as in people's modules.
"""

import math

import numpy as np

GRAVITY, RADIUS, GAS, HEATS = 9.81, 6.371e6, 287.0, 1.4
AREA, EXIT, EXHAUST, DRY = 0.8, 0.25, 2600.0, 900.0
NODES = 6


def smooth_step(x):
    return 0.5 * (1.0 + math.tanh(x))


def blend(low, high, x, at, width):
    s = smooth_step((x - at) / width)
    return low + (high - low) * s


def positive(x):
    return 0.5 * (x + math.sqrt(x * x + 1e-6))


def kilometres(height):
    return positive(height) / 1000.0


def temperature(height):
    h = kilometres(height)
    troposphere = 288.0 - 6.5 * h
    stratosphere = 216.5 + 0.5 * math.log1p(h)
    return blend(troposphere, stratosphere, h, 11.0, 2.0)


def pressure(height):
    return 101325.0 * math.exp(-height / (29.3 * temperature(height)))


def density(height):
    return pressure(height) / (GAS * temperature(height))


def sound(height):
    return math.sqrt(HEATS * GAS * temperature(height))


def gravity(height):
    ratio = RADIUS / (RADIUS + height)
    return GRAVITY * ratio * ratio


def speed(state):
    return math.sqrt(state[2] * state[2] + state[3] * state[3] + 1e-4)


def mach(state):
    return speed(state) / sound(state[1])


def subsonic(m):
    return 0.28 + 0.06 * m * m


def supersonic(m):
    return 0.22 + 0.3 / (0.5 + m)


def peak(m):
    d = (m - 1.1) / 0.25
    return 0.15 * math.exp(-d * d)


def drag_coefficient(m):
    return blend(subsonic(m), supersonic(m), m, 1.0, 0.15) + peak(m)


def dynamic_pressure(state):
    v = speed(state)
    return 0.5 * density(state[1]) * v * v


def drag(state):
    return dynamic_pressure(state) * AREA * drag_coefficient(mach(state))


def schedule(nodes, t, end):
    """Between the nodes of a plan, smoothly."""
    total = weights = 0.0
    for k in range(len(nodes)):
        d = t / end * (len(nodes) - 1) - k
        w = math.exp(-2.0 * d * d)
        total += w * nodes[k]
        weights += w
    return total / weights


def throttle(plan, t, end):
    return smooth_step(schedule(plan[:NODES], t, end))


def pitch(plan, t, end):
    return 1.5 * smooth_step(schedule(plan[NODES:], t, end))


def flow(plan, t, end):
    return 14.0 * throttle(plan, t, end)


def thrust(plan, state, t, end):
    at_sea_level = EXHAUST * flow(plan, t, end)
    return at_sea_level + EXIT * (101325.0 - pressure(state[1])) * throttle(
        plan, t, end
    )


def mass(state):
    return DRY + positive(state[4])


def accelerations(plan, state, t, end):
    push = thrust(plan, state, t, end) / mass(state)
    brake = drag(state) / (mass(state) * speed(state))
    angle = pitch(plan, t, end)
    along = push * math.cos(angle) - brake * state[2]
    up = push * math.sin(angle) - brake * state[3] - gravity(state[1])
    return along, up


def slope(plan, state, t, end):
    along, up = accelerations(plan, state, t, end)
    return np.array([state[2], state[3], along, up, -flow(plan, t, end)])


def midpoint(plan, state, t, dt, end):
    half = state + 0.5 * dt * slope(plan, state, t, end)
    return state + dt * slope(plan, half, t + 0.5 * dt, end)


def heating(state):
    v = speed(state) / 1000.0
    return math.sqrt(density(state[1])) * v**3


def load(state):
    return positive(dynamic_pressure(state) / 4e4 - 1.0)


def energy(state):
    return 0.5 * speed(state) ** 2 + gravity(state[1]) * state[1]


def ascent(plan, steps):
    end, wear = 60.0, 0.0
    dt = end / steps
    state = np.array([0.0, 10.0, 1.0, 20.0, 900.0])
    for k in range(steps):
        state = midpoint(plan, state, k * dt, dt, end)
        wear += dt * (load(state) + 0.1 * heating(state))
    return energy(state) / 1e5 - wear + positive(state[4]) / 900.0


ARGS = (np.linspace(0.5, 1.5, 2 * NODES), 50)
