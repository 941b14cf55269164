"""The classes of the objects in random programs.

>>> Body(2.0, np.ones(3)).energy()
3.0
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Pair(NamedTuple):
    first: float
    second: np.ndarray

    def scaled(self, a):
        return Pair(self.first * a, self.second)


@dataclass
class Body:
    m: float
    x: np.ndarray

    def energy(self):
        return 0.5 * self.m * float(np.sum(self.x * self.x))

    def push(self, a):
        self.m += np.sin(a)
        self.x = self.x * 0.5 + self.m

    def shift(self, u):
        self.x += np.tanh(u)
        return self

    def moved(self, u):
        return Body(self.m, self.x + u)

    @property
    def first(self):
        return self.x[0] * self.m


@dataclass
class Cell:
    body: Body
    r: float = 0.3

    def swell(self, a):
        self.r *= np.cos(a)
        self.body.m -= self.r
        return self.r
