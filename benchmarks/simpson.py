"""Adaptive quadrature by Simpson's rule: a function that calls itself.

An interval is halved until two estimates agree. JAX cannot trace this: how deep it goes
is known from values only.
"""

import math

from benchmarks.libraries import torch
from benchmarks.program import Program

LEFT, RIGHT, TOLERANCE = 0.0, 3.0, 1e-9


def wave(w, t):
    return math.sin(w * t * t) * math.exp(-t)


def refine(w, a, b, fa, fm, fb, tolerance):
    m, h = 0.5 * (a + b), b - a
    fl, fr = wave(w, 0.5 * (a + m)), wave(w, 0.5 * (m + b))
    whole = h / 6.0 * (fa + 4.0 * fm + fb)
    halves = h / 12.0 * (fa + 4.0 * fl + 2.0 * fm + 4.0 * fr + fb)
    if abs(halves - whole) < 15.0 * tolerance:
        return halves + (halves - whole) / 15.0
    left = refine(w, a, m, fa, fl, fm, 0.5 * tolerance)
    return left + refine(w, m, b, fm, fr, fb, 0.5 * tolerance)


def simpson(w):
    m = 0.5 * (LEFT + RIGHT)
    fa, fm, fb = wave(w, LEFT), wave(w, m), wave(w, RIGHT)
    return refine(w, LEFT, RIGHT, fa, fm, fb, TOLERANCE)


def wave_slope(w, t):
    return math.cos(w * t * t) * t * t * math.exp(-t)


def refine_forward(w, a, b, fa, fm, fb, tolerance):
    m, h = 0.5 * (a + b), b - a
    fl, fr = wave(w, 0.5 * (a + m)), wave(w, 0.5 * (m + b))
    whole = h / 6.0 * (fa + 4.0 * fm + fb)
    halves = h / 12.0 * (fa + 4.0 * fl + 2.0 * fm + 4.0 * fr + fb)
    if abs(halves - whole) < 15.0 * tolerance:
        return halves + (halves - whole) / 15.0, (a, b, None, None)
    left, left_kept = refine_forward(w, a, m, fa, fl, fm, 0.5 * tolerance)
    right, right_kept = refine_forward(w, m, b, fm, fr, fb, 0.5 * tolerance)
    return left + right, (a, b, left_kept, right_kept)


def refine_reverse(value_bar, w, kept):
    a, b, left, right = kept
    m = 0.5 * (a + b)
    if left is None:
        h = b - a
        halves_bar, whole_bar = value_bar * (16.0 / 15.0), -value_bar / 15.0
        outer = halves_bar * (h / 12.0) + whole_bar * (h / 6.0)
        fa_bar = fb_bar = outer
        fm_bar = 2.0 * (halves_bar * (h / 12.0)) + 4.0 * (whole_bar * (h / 6.0))
        fl_bar = fr_bar = 4.0 * (halves_bar * (h / 12.0))
        w_bar = 0.0
    else:
        w_bar, fm_bar, fr_bar, fb_bar = refine_reverse(value_bar, w, right)
        left_bar, fa_bar, fl_bar, more = refine_reverse(value_bar, w, left)
        w_bar += left_bar
        fm_bar += more
    w_bar += fl_bar * wave_slope(w, 0.5 * (a + m))
    w_bar += fr_bar * wave_slope(w, 0.5 * (m + b))
    return w_bar, fa_bar, fm_bar, fb_bar


def simpson_by_hand(w):
    m = 0.5 * (LEFT + RIGHT)
    fa, fm, fb = wave(w, LEFT), wave(w, m), wave(w, RIGHT)
    value, kept = refine_forward(w, LEFT, RIGHT, fa, fm, fb, TOLERANCE)

    w_bar, fa_bar, fm_bar, fb_bar = refine_reverse(1.0, w, kept)
    w_bar += fa_bar * wave_slope(w, LEFT)
    w_bar += fm_bar * wave_slope(w, m)
    w_bar += fb_bar * wave_slope(w, RIGHT)
    return value, (w_bar,)


def wave_in_torch(w, t):
    return torch.sin(w * t * t) * math.exp(-t)


def refine_in_torch(w, a, b, fa, fm, fb, tolerance):
    m, h = 0.5 * (a + b), b - a
    fl, fr = wave_in_torch(w, 0.5 * (a + m)), wave_in_torch(w, 0.5 * (m + b))
    whole = h / 6.0 * (fa + 4.0 * fm + fb)
    halves = h / 12.0 * (fa + 4.0 * fl + 2.0 * fm + 4.0 * fr + fb)
    if abs(halves - whole) < 15.0 * tolerance:
        return halves + (halves - whole) / 15.0
    left = refine_in_torch(w, a, m, fa, fl, fm, 0.5 * tolerance)
    return left + refine_in_torch(w, m, b, fm, fr, fb, 0.5 * tolerance)


def simpson_in_torch(w):
    m = 0.5 * (LEFT + RIGHT)
    fa, fm, fb = (wave_in_torch(w, t) for t in (LEFT, m, RIGHT))
    return refine_in_torch(w, LEFT, RIGHT, fa, fm, fb, TOLERANCE)


PROGRAMS = [
    Program(
        name="Simpson, adaptive",
        primal=simpson,
        args=(7.0,),
        wrt=("w",),
        hand=simpson_by_hand,
        jax=None,
        torch=simpson_in_torch,
        helpers=True,
    )
]
