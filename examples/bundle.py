"""Finds cameras and what they saw: bundle adjustment, its Jacobian by s2s.

Some cameras took pictures of the same points. `residuals` says by how many pixels a
guess at the cameras and at the points misses the pictures; `adjust` mends the guess by
the method of Levenberg and Marquardt, with the Jacobian that s2s writes.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule

import s2s

OUTPUT = Path(__file__).parent / "output"
NOISE = 0.5  # in pixels


def rotate(points, r):
    """Turns points about the vector r, by an angle that is its length."""
    angle = np.linalg.norm(r)
    axis = r / angle
    along = (points @ axis)[:, None] * axis
    across = np.cross(axis, points)
    return along + np.cos(angle) * (points - along) + np.sin(angle) * across


def project(camera, points):
    """Where the points are in the picture of a camera, in pixels from its middle."""
    rotation, position = camera[:3], camera[3:6]
    focal, distortion = camera[6:]
    x = rotate(points - position, rotation)
    x = x[:, :2] / x[:, 2:]
    return focal * x * (1.0 + distortion * np.sum(x**2, axis=1, keepdims=True))


def residuals(cameras, points, seen, visible):
    """By how much each point misses where it was seen, if it was."""
    missed = np.empty_like(seen)
    for k, camera in enumerate(cameras):
        missed[k] = project(camera, points) - seen[k]
    return missed[visible].ravel()


jacobian = s2s.jacfwd(residuals, argnums=("cameras", "points"))


def adjust(cameras, points, seen, visible, steps, console):
    """Levenberg-Marquardt; returns the points and how far each step was off."""
    damping = 1e-3
    r = residuals(cameras, points, seen, visible)
    missed = [deviation(r)]
    console.print(f"at first   {missed[0]:8.3f} pixels")
    for k in range(steps):
        parts = jacobian(cameras, points, seen, visible)
        J = np.concatenate([part.reshape(len(r), -1) for part in parts], axis=1)
        normal, slope = J.T @ J, J.T @ r
        while damping < 1e6:
            damped = normal + damping * np.diag(np.diag(normal) + 1e-9)
            step = -np.linalg.solve(damped, slope)
            next_cameras = cameras + step[: cameras.size].reshape(cameras.shape)
            next_points = points + step[cameras.size :].reshape(points.shape)
            r_next = residuals(next_cameras, next_points, seen, visible)
            if r_next @ r_next < r @ r:
                break
            damping *= 10.0
        settled = r_next @ r_next > (1.0 - 1e-6) * (r @ r)
        cameras, points, r = next_cameras, next_points, r_next
        damping /= 10.0
        missed.append(deviation(r))
        console.print(f"step {k + 1:3}   {missed[-1]:8.3f} pixels")
        if settled:
            break
    return points, missed


def scene(views, count, rng):
    """A spiral staircase of points, and cameras in a half circle around it."""
    turn = np.linspace(0.0, 4.0 * np.pi, count)
    points = np.stack([np.cos(turn), 0.15 * turn - 1.0, np.sin(turn)], axis=1)
    cameras = np.empty((views, 8))
    for k, angle in enumerate(np.linspace(-1.2, 1.2, views)):
        position = -6.0 * np.array([np.sin(angle), 0.0, np.cos(angle)])
        cameras[k] = 0.01, -angle, 0.02, *position, 800.0, -0.1
    seen = np.array([project(camera, points) for camera in cameras])
    visible = rng.random((views, count)) < 0.8
    visible[[0, -1]] = True  # what one picture alone shows could be at any distance
    return cameras, points, seen + NOISE * rng.normal(size=seen.shape), visible


def aligned(points, to):
    """The points moved, turned and scaled to fit; pictures tell nothing of these."""
    p, q = points - points.mean(axis=0), to - to.mean(axis=0)
    u, scale, vt = np.linalg.svd(p.T @ q)
    return p @ u @ vt * (scale.sum() / np.sum(p**2)) + to.mean(axis=0)


def deviation(x):
    return np.sqrt(np.mean(x**2))


def main(steps=20, views=6, count=60):
    """Adjusts, reports, and returns the deviations in the pictures and in space."""
    console = Console(highlight=False)
    rng = np.random.default_rng(0)
    cameras, points, seen, visible = scene(views, count, rng)
    scales = np.array([0.05, 0.05, 0.05, 0.3, 0.3, 0.3, 40.0, 0.1])
    first_cameras = cameras + scales * rng.normal(size=cameras.shape)
    first_points = points + 0.3 * rng.normal(size=points.shape)

    console.print(Rule("[bold]Bundle adjustment in plain NumPy, Jacobian by s2s"))
    console.print(f"{views} cameras, {count} points, seen {np.sum(visible)} times\n")
    found, missed = adjust(first_cameras, first_points, seen, visible, steps, console)

    before, after = aligned(first_points, points), aligned(found, points)
    error = deviation(after - points)
    console.print(f"\nnoise in the pictures   {NOISE:.3f} pixels")
    console.print(f"points are off by       {deviation(before - points):.4f} at first")
    console.print(f"                        [bold green]{error:.4f}[/] in the end")
    console.print(f"their picture           {plot(points, before, after, missed)}")
    return missed, error


def plot(points, before, after, missed):
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "bundle.png"
    figure = Figure(figsize=(8, 4), layout="constrained")
    left = figure.add_subplot(1, 2, 1, projection="3d")
    for where, style, label in (
        (before, "x", "guessed"), (after, "o", "adjusted"), (points, "-", "true")
    ):  # fmt: skip
        left.plot(*where[:, [0, 2, 1]].T, style, markersize=3, label=label)
    left.legend(frameon=False)
    right = figure.add_subplot(1, 2, 2)
    right.semilogy(missed, "o-", color="tab:blue")
    right.axhline(NOISE, color="0.6", linestyle="--")
    right.set(xlabel="step", ylabel="pixels", title="Bundle adjustment: residuals")
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
