"""Lengths of what is taken in steps, as in `u[1:-1:2]`, and what is known of a step.

In: the length of an axis, and the step. Out: the number of elements, by a symbol that
two slices share if they are equally long whatever the length of the axis is; or, if the
remainder of that length by the step is known, whatever else they are.

>>> n = Dim("u.0", exact=True)
>>> every(2, n, 3).same(every(2, n, 3)), every(2, n, 0).same(every(2, n, 1))
(True, False)
>>> even = Dim(Multiple("u.0", 2, 0), exact=True)
>>> every(2, even, 0).same(every(2, even, 1))
True
"""

from __future__ import annotations

from dataclasses import replace

from s2s.ssa.types import Dim


class Every(str):
    """Names how often `by` goes into the length `of` and `rest` more, rounded up."""

    of: str
    rest: int
    by: int

    def __new__(cls, of: str, rest: int, by: int) -> Every:
        made = super().__new__(cls, f"?({of}{rest:+d})/{by}")
        made.of, made.rest, made.by = of, rest, by
        return made

    def __getnewargs__(self) -> tuple[str, int, int]:  # type: ignore[override]
        return self.of, self.rest, self.by

    def when(self, n: int) -> int:
        """What it stands for where `of` stands for n."""
        return -(-(n + self.rest) // self.by)


class Multiple(str):
    """Names a length that leaves a known rest when it is divided by a step."""

    by: int
    rest: int

    def __new__(cls, name: str, by: int, rest: int) -> Multiple:
        made = super().__new__(cls, name)
        made.by, made.rest = by, rest
        return made

    def __getnewargs__(self) -> tuple[str, int, int]:  # type: ignore[override]
        return str(self), self.by, self.rest


class UpTo(str):
    """Names what is left of an axis up to a length, that of another one as a rule.

    `x[:n]` has `n` elements, unless x has fewer.
    """

    end: Dim

    def __new__(cls, name: str, end: Dim) -> UpTo:
        made = super().__new__(cls, name)
        made.end = end
        return made

    def __getnewargs__(self) -> tuple[str, Dim]:  # type: ignore[override]
        return str(self), self.end


def expected(dim: Dim) -> Dim:
    """The length that an axis has in nearly every program."""
    if isinstance(dim.sym, UpTo):
        return replace(dim.sym.end, off=dim.sym.end.off + dim.off)
    return dim


def every(by: int, dim: Dim, cut: int) -> Dim:
    """The number of elements in steps of `by`, of an axis less `cut` of them."""
    assert dim.sym is not None
    off, rest = divmod(dim.off - cut, by)
    if isinstance(dim.sym, Multiple) and dim.sym.by == by:
        # all that divide without rest go by one name
        named = Every(dim.sym, -dim.sym.rest % by, by)
        off = Every(dim.sym, dim.off - cut, by).when(dim.sym.rest)
        off -= named.when(dim.sym.rest)
    else:
        named = Every(dim.sym, rest, by)
    low = -((cut - dim.low) // by)
    exact = dim.exact and (off >= 0 or low >= 0)
    return Dim(named, off, False if low > 1 else None, max(0, low), exact)


def rest_needed(a: Dim, b: Dim) -> int | None:
    """The rest of a length by the step with which alone two parts are equally long."""
    x, y = a.sym, b.sym
    assert isinstance(x, Every) and isinstance(y, Every) and x.by == y.by
    fit = [m for m in range(x.by) if x.when(m) + a.off == y.when(m) + b.off]
    return fit[0] if len(fit) == 1 else None
