"""Rays, distances and robots."""
# ruff: noqa: B905

import math
from math import atan2, hypot

import numpy as np

EPSILON = 1e-9


def ray_march(origin, direction, radius, limit=80):
    """The distance along a ray to a sphere with a plane under it."""
    t = 0.0
    length = math.sqrt(direction[0] ** 2 + direction[1] ** 2 + direction[2] ** 2)
    for _ in range(limit):
        x = origin[0] + t * direction[0] / length
        y = origin[1] + t * direction[1] / length
        z = origin[2] + t * direction[2] / length
        sphere = math.sqrt(x * x + y * y + z * z) - radius
        plane = y + 1.2
        d = sphere if sphere < plane else plane
        if d < 1e-13:
            return t
        if t > 100.0:
            return math.inf
        t += d
    return t


def sphere_hit(o, d, center, radius):
    """The nearest intersection, or zero."""
    oc = o - center
    b = np.dot(oc, d)
    c = np.dot(oc, oc) - radius * radius
    disc = b * b - c
    if disc < 0:
        return 0.0
    root = np.sqrt(disc)
    near, far = -b - root, -b + root
    if near > EPSILON:
        return near
    elif far > EPSILON:
        return far
    return 0.0


def polygon_area(points):
    """The shoelace formula over a list of pairs."""
    area = 0.0
    n = len(points)
    for i in range(n):
        x0, y0 = points[i]
        x1, y1 = points[(i + 1) % n]
        area += x0 * y1 - x1 * y0
    return abs(area) / 2


def polygon_area_of_array(xy):
    x, y = xy.T
    return 0.5 * abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


def arm(angles, lengths):
    """The hand of a planar robot."""
    x = y = total = 0.0
    for angle, length in zip(angles, lengths):
        total += angle
        x += length * math.cos(total)
        y += length * math.sin(total)
    return x, y


def great_circle(lat1, lon1, lat2, lon2):
    """The haversine formula."""
    a = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(a))


def to_polar(points):
    radius, angle = 0.0, 0.0
    for x, y in points:
        radius += hypot(x, y)
        angle += atan2(y, x)
    return radius, angle


def nearest_distance(points, query):
    """The first of the smallest."""
    best = math.inf
    for p in points:
        d = np.sqrt(np.sum((p - query) ** 2))
        if d < best:
            best = d
    return best


def quaternion_rotate(q, v):
    w, x, y, z = q / np.linalg.norm(q)
    R = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return R @ v


def smooth_union(a, b, k):
    h = max(k - abs(a - b), 0.0) / k
    return min(a, b) - h * h * k / 4


def lennard_jones(positions, cutoff):
    """The energy of all pairs that are near."""
    energy = 0.0
    n = len(positions)
    for i in range(n):
        for j in range(i + 1, n):
            r2 = np.sum((positions[i] - positions[j]) ** 2)
            if r2 > cutoff * cutoff:
                continue
            s6 = 1.0 / r2**3
            energy += 4.0 * (s6 * s6 - s6)
    return energy


_rng = np.random.default_rng(6)

CASES = [
    (ray_march, ((0.3, 0.2, -3.0), (0.05, -0.1, 1.0), 1.0)),
    (ray_march, ([0.3, 3.0, -3.0], [0.5, -1.0, 0.1], 0.5)),
    (
        sphere_hit,
        (np.array([0.0, 0.1, -3.0]), np.array([0.0, 0.0, 1.0]), np.zeros(3), 1.0),
    ),
    (sphere_hit, (np.zeros(3), np.array([0.0, 0.6, 0.8]), 0.1 * np.ones(3), 1.0)),
    (polygon_area, ([(0.0, 0.0), (2.0, 0.1), (1.5, 1.2)],)),
    (polygon_area_of_array, (np.array([[0.0, 0.0], [2.0, 0.1], [1.5, 1.2]]),)),
    (arm, ([0.3, 0.5, -0.2], [1.0, 0.8, 0.3])),
    (great_circle, (0.6, 0.1, 0.9, 1.4)),
    (to_polar, ([(0.3, 0.4), (-1.0, 0.7)],)),
    (nearest_distance, (_rng.normal(size=(4, 2)), _rng.normal(size=2))),
    (quaternion_rotate, (_rng.normal(size=4), _rng.normal(size=3))),
    (smooth_union, (0.3, 0.5, 0.6)),
    (
        lennard_jones,
        (1.2 * np.arange(4)[:, None] + 0.1 * _rng.normal(size=(4, 3)), 3.5),
    ),
]
