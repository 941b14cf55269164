"""Moves the hand of a six-joint arm to where it should be: inverse kinematics.

The arm is a list of joints, each with its lengths and twist as a data sheet gives them.
`pose` multiplies their transforms; s2s writes its Jacobian in the angles, and damped
Gauss-Newton steps turn the joints, along a curve that the hand draws on a table. Run
`python examples/arm.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from rich.console import Console
from rich.rule import Rule

import s2s

OUTPUT = Path(__file__).parent / "output"


@dataclass
class Joint:
    """One row of Denavit and Hartenberg's table; metres and radians."""

    length: float  # from this axis to the next
    twist: float  # between the two
    offset: float  # along this axis

    def transform(self, angle):
        c, s = np.cos(angle), np.sin(angle)
        ct, st = np.cos(self.twist), np.sin(self.twist)
        return np.array(
            [
                [c, -s * ct, s * st, self.length * c],
                [s, c * ct, -c * st, self.length * s],
                [0.0, st, ct, self.offset],
                [0.0, 0.0, 0.0, 1.0],
            ]
        )


# A Universal Robots UR5.
ARM = [
    Joint(0.0, np.pi / 2, 0.089),
    Joint(-0.425, 0.0, 0.0),
    Joint(-0.392, 0.0, 0.0),
    Joint(0.0, np.pi / 2, 0.109),
    Joint(0.0, -np.pi / 2, 0.095),
    Joint(0.0, 0.0, 0.082),
]


def frames(angles, arm):
    """The frames of the base, of each joint after it, and of the hand."""
    found = [np.eye(4)]
    for angle, joint in zip(angles, arm, strict=True):
        found.append(found[-1] @ joint.transform(angle))
    return found


def pose(angles, arm):
    """Where the hand is, and the two axes that say which way it points."""
    hand = frames(angles, arm)[-1]
    return np.concatenate([hand[:3, 3], hand[:3, 0], hand[:3, 2]])


jacobian = s2s.jacfwd(pose)


def reach(target, angles, arm, tolerance=1e-10, most=50):
    """Angles that bring the hand to the target, and the misses on the way to them."""
    damping = 1e-2
    miss = pose(angles, arm) - target
    misses = [np.linalg.norm(miss)]
    while misses[-1] > tolerance and len(misses) <= most:
        J = jacobian(angles, arm)
        turn = np.linalg.solve(J.T @ J + damping * np.eye(len(angles)), -J.T @ miss)
        miss_there = pose(angles + turn, arm) - target
        if np.linalg.norm(miss_there) < misses[-1]:
            angles, miss, damping = angles + turn, miss_there, 0.1 * damping
        else:
            damping *= 10.0
        misses.append(np.linalg.norm(miss))
    return angles, misses


def figure_of_eight(targets):
    """Poses along a curve above the table, with the hand pointing down."""
    phase = np.linspace(0.0, 2.0 * np.pi, targets)
    x, y = -0.45 + 0.15 * np.sin(2.0 * phase), 0.35 * np.sin(phase)
    here = np.stack([x, y, np.full(targets, 0.1)], axis=1)
    return [np.concatenate([p, [1.0, 0.0, 0.0], [0.0, 0.0, -1.0]]) for p in here]


def main(targets=120):
    """Reaches each target from the one before, plots, and returns the last misses."""
    console = Console(highlight=False)
    console.print(Rule("[bold]Inverse kinematics of a six-joint arm, Jacobian by s2s"))
    angles = np.array([0.3, -1.2, 1.0, -0.5, -1.0, 0.2])
    way, steps, left = [], [], []
    for k, target in enumerate(figure_of_eight(targets)):
        angles, misses = reach(target, angles, ARM)
        if k == 0:
            for step, miss in enumerate(misses):
                console.print(f"step {step:3}   miss {miss:.1e}")
            first = misses
        way.append(angles)
        steps.append(len(misses) - 1)
        left.append(misses[-1])
    console.print(f"\n{targets} targets, each from the one before")
    console.print(f"steps for each   {np.mean(steps[1:]):.1f}")
    console.print(f"largest miss     [bold green]{max(left):.0e}")
    console.print(f"\nplot             {plot(np.array(way), first)}")
    return left


def plot(way, misses):
    """The arm on its way, the angles of its joints, and how the first target is met."""
    OUTPUT.mkdir(exist_ok=True)
    path = OUTPUT / "arm.png"
    figure = Figure(figsize=(11, 5.5), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=[1.4, 1])
    space = figure.add_subplot(grid[:, 0], projection="3d")
    stops = range(0, len(way), max(1, len(way) // 8))
    for k in stops:
        points = np.array([frame[:3, 3] for frame in frames(way[k], ARM)])
        space.plot(*points.T, "o-", color="tab:blue", alpha=0.5, markersize=3)
    drawn = np.array([pose(angles, ARM)[:3] for angles in way])
    space.plot(*drawn.T, color="tab:red", linewidth=2)
    space.set(xlabel="x", ylabel="y", zlabel="z", title="the arm, and what it draws")
    space.set_aspect("equal")

    turns = figure.add_subplot(grid[0, 1])
    turns.plot(np.degrees(way), label=[f"joint {k}" for k in range(1, 7)])
    turns.set(xlabel="target", ylabel="degrees", title="angles")
    turns.legend(fontsize="small", ncols=3, frameon=False)
    meets = figure.add_subplot(grid[1, 1])
    meets.semilogy(misses, "o-", color="tab:green")
    meets.set(xlabel="step", ylabel="miss", title="reaching the first target")
    for axes in (turns, meets):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=150)
    return path


if __name__ == "__main__":
    main()
