"""Recovers a scene from its picture: a ray tracer with soft edges, its gradient by s2s.

`render` sends a ray through each pixel and shades the spheres that it meets, the ones
that are further away first. An edge is a smooth step some pixels wide, because a sharp
one would have no derivative. The scene is made of dataclasses; its gradient is a scene
too. `fit` begins with a wrong one and follows the gradient.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule

import s2s

OUTPUT = Path(__file__).parent / "output"
SOFTNESS = 0.05  # of the edges, in the square of the distance from the centre
RATE = 0.03


@dataclass
class Sphere:
    centre: np.ndarray
    radius: float
    colour: np.ndarray


@dataclass
class Scene:
    spheres: list[Sphere]
    light: np.ndarray  # where it comes from
    ambient: float


def scene_of(rows, light, ambient):
    """Each row has a sphere's centre, its radius, and its colour."""
    balls = [Sphere(row[:3], row[3], row[4:]) for row in np.array(rows)]
    return Scene(balls, np.array(light), ambient)


def camera(pixels):
    """A direction for each pixel, of length one; the camera is at the origin."""
    across = np.linspace(-1.0, 1.0, pixels)
    x, y = np.meshgrid(across, -across)
    rays = np.stack([x, y, np.full_like(x, 2.0)], axis=-1)
    return rays / np.linalg.norm(rays, axis=-1, keepdims=True)


def shade(ball, scene, rays):
    """How much of each pixel the ball covers, and the colour that it has there."""
    along = rays @ ball.centre  # how far down the ray its closest point is
    missed = np.sum((along[..., None] * rays - ball.centre) ** 2, axis=-1)
    inside = ball.radius**2 - missed
    cover = 1.0 / (1.0 + np.exp(-inside / SOFTNESS))
    depth = along - np.sqrt(np.maximum(inside, 1e-3))
    normal = (depth[..., None] * rays - ball.centre) / ball.radius
    light = scene.light / np.linalg.norm(scene.light)
    bright = scene.ambient + np.maximum(normal @ light, 0.0)
    return cover, bright[..., None] * ball.colour


def render(scene, rays):
    """The picture, in red, green and blue."""
    height, width, _ = rays.shape
    picture = np.empty((height, width, 3))
    picture[:] = 0.1 + 0.1 * rays[..., 1:2]  # the sky
    for ball in sorted(scene.spheres, key=lambda ball: -ball.centre[2]):
        cover, colour = shade(ball, scene, rays)
        picture += cover[..., None] * (colour - picture)
    return picture


@s2s.value_and_grad
def loss(scene, rays, target):
    return np.mean((render(scene, rays) - target) ** 2)


def pack(scene):
    """All numbers of a scene, or of a gradient, in one vector."""
    balls = [[*ball.centre, ball.radius, *ball.colour] for ball in scene.spheres]
    return np.array([*np.ravel(balls), *scene.light, scene.ambient])


def unpack(vector):
    return scene_of(vector[:-4].reshape(-1, 7), vector[-4:-1], vector[-1])


def fit(scene, rays, target, steps, console):
    """Adam; returns the loss of each step, and the scene in the end."""
    vector, losses = pack(scene), []
    mean, square = np.zeros_like(vector), np.zeros_like(vector)
    for k in range(1, steps + 1):
        value, gradient = loss(unpack(vector), rays, target)
        g = pack(gradient)
        mean += 0.1 * (g - mean)
        square += 0.01 * (g * g - square)
        size = RATE * (1.0 - k / (steps + 1)) * np.sqrt(1.0 - 0.99**k) / (1.0 - 0.9**k)
        vector = vector - size * mean / (np.sqrt(square) + 1e-10)
        losses.append(value)
        if k % max(1, steps // 6) == 0:
            console.print(f"step {k:4}   loss {value:.2e}")
    return losses, unpack(vector)


def scenes():
    """What there is, and what it is taken for at first."""
    there = [
        [-0.9, 0.3, 5.0, 0.9, 0.9, 0.3, 0.2],
        [0.8, -0.2, 4.0, 0.6, 0.2, 0.5, 0.9],
        [0.3, 1.1, 6.0, 0.8, 0.9, 0.8, 0.3],
    ]
    guessed = [
        [-0.5, -0.3, 5.0, 0.7, 0.5, 0.5, 0.5],
        [0.5, -0.6, 4.0, 0.7, 0.5, 0.5, 0.5],
        [0.6, 0.8, 6.0, 0.7, 0.5, 0.5, 0.5],
    ]
    truth = scene_of(there, [1.0, 1.0, -1.0], 0.15)
    return truth, scene_of(guessed, [0.0, 0.5, -1.0], 0.3)


def main(steps=300, pixels=64):
    """Fits, reports, and returns the losses and the scenes, fitted and true."""
    console = Console(highlight=False)
    rays = camera(pixels)
    truth, guess = scenes()
    target = render(truth, rays)

    console.print(Rule("[bold]A ray tracer in plain NumPy, gradient by s2s"))
    console.print(f"{pixels} by {pixels} pixels, {len(truth.spheres)} spheres\n")
    losses, fitted = fit(guess, rays, target, steps, console)
    console.print("\n            fitted                        true")
    for ball, true in zip(fitted.spheres, truth.spheres, strict=True):
        console.print(f"sphere at   {text(ball.centre)}   {text(true.centre)}")
        console.print(f"radius      {ball.radius:8.3f}{true.radius:29.3f}")
    pictures = [render(guess, rays), render(fitted, rays), target]
    console.print(f"pictures    {plot(pictures, losses)}")
    return losses, fitted, truth


def text(vector):
    return " ".join(f"{number:8.3f}" for number in vector)


def plot(pictures, losses):
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "raytracer.png"
    figure = Figure(figsize=(10, 2.8), layout="constrained")
    *cells, last = figure.subplots(1, 4)
    titles = ("first guess", "fitted", "target")
    for axes, picture, title in zip(cells, pictures, titles, strict=True):
        axes.imshow(np.clip(picture, 0.0, 1.0))
        axes.set(title=title, xticks=[], yticks=[])
    last.semilogy(losses, color="tab:blue")
    last.set(xlabel="step", title="loss")
    last.grid(alpha=0.3)
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
