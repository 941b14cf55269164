"""Whether a place in an adjoint is still zero, so that `=` does for `+=`.

In: an adjoint that an `add_at` updates, and where. Out: whether everything that it was
given so far went to other places.

    x_bar = np.zeros(len(x))         x_bar = np.zeros(len(x))
    x_bar[1] = b_bar                 x_bar[1] = b_bar
    x_bar[0] += a_bar         ->     x_bar[0] = a_bar
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.ssa.ir import Op, Value
from s2s.ssa.types import Scalar, bound


def is_untouched(op: Op) -> bool:
    """Whether `x[index]` is zero, because x is as it was made or written elsewhere."""
    if not op.attrs.get("derived"):  # the user's own line stays
        return False
    made, place = op.args[0].op, places(op.attrs["index"], op.args[1:-1])
    while made is not None and made.kind == "add_at" and not made.attrs.get("path"):
        other = places(made.attrs["index"], made.args[1:-1])
        if not any(
            a is not None and b is not None and a != b and (a < 0) == (b < 0)
            for a, b in zip(place, other, strict=False)
        ):
            return False
        made = made.args[0].op
    return made is not None and made.kind in ("np.zeros_like", "np.zeros")


def places(codes: Sequence[str], index: Sequence[Value]) -> list[int | None]:
    """The literal position along each of the first axes, None for any other index."""
    out: list[int | None] = []
    rest = iter(index)
    for code in codes:
        if code == "i":
            at = next(rest)
            of = bound(at.type)
            if not (isinstance(of, Scalar) and of.kind == "int"):
                # an array or a mask may stand for several axes
                break
            out.append(at.const if type(at.const) is int else None)
        elif code.startswith("s"):
            for flag in code[1:]:
                if flag == "1":
                    next(rest)
            out.append(None)
        else:  # behind a new axis or an ellipsis positions are other axes
            break
    return out
