"""Products in several directions at once.

In: a product of which a factor has an axis of directions. Out: the product of matrices,
or the np.einsum, that has it, too.

    A @ x_dot                         ->     x_dot @ A.T
    np.tensordot(x_dot, A, axes=1)    ->     np.einsum("nab,bc->nac", x_dot, A)
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters

from s2s.errors import NotBatched
from s2s.forward.axis import Axis
from s2s.ssa.infer_linalg import (
    dot_letters,
    einsum_letters,
    inner_letters,
    tensordot_letters,
)
from s2s.ssa.ir import Op, Value


class Products(Axis):
    """Writes products of values with an axis of directions."""

    def product(self, op: Op) -> Value:
        """`x @ y`, with one of two axes each as a product of matrices."""
        x, y = op.args[:2]
        m, n = self.rank(x), self.rank(y)
        if len(op.args) == 2 and 0 in (m, n):
            args = [self.aligned(a, max(m, n)) for a in (x, y)]
            return self.q("a * b", a=args[0], b=args[1])
        if len(op.args) != 2 or m > 2 or n > 2 or self.many.issuperset(op.args):
            return self.lettered(op)
        a, b = self.new.get(x, x), self.new.get(y, y)
        if x in self.many or n == 2:
            return self.q("a @ b", a=a, b=b)
        return self.q("b @ a.T" if m == 2 else "b @ a", a=a, b=b)

    def lettered(self, op: Op) -> Value:
        """A product as np.einsum, with a letter for the directions."""
        pairs = zip(op.args, op.names, strict=True)
        given = [(a, n) for a, n in pairs if n in ("x", "y", "operands")]
        xs, ranks = [a for a, _ in given], [self.rank(a) for a, _ in given]
        rest = set(op.names) - {n for _, n in given} - {"subscripts", "axes"}
        if rest or (0 in ranks and op.kind != "np.einsum"):
            raise NotBatched(f"this `{op.kind}` of several directions", op.origin)
        letters, out = letters_of(op, ranks)
        new = next(c for c in ascii_letters if c not in "".join([*letters, out]))
        terms = [new * (x in self.many) + s for x, s in zip(xs, letters, strict=True)]
        subscripts = self.q.const(",".join(terms) + "->" + new + out)
        names = ("subscripts", *("operands",) * len(xs))
        values = [self.new.get(x, x) for x in xs]
        return self.q.emit("np.einsum", [subscripts, *values], names)

    def outer(self, op: Op) -> Value:
        x, y = op.args
        if (self.rank(x), self.rank(y)) != (1, 1):
            raise NotBatched("this `np.outer` of several directions", op.origin)
        left = "a[:, :, None]" if x in self.many else "a[:, None]"
        right = "b[:, None]" if y in self.many else "b"
        return self.q(f"{left} * {right}", a=self.new.get(x, x), b=self.new.get(y, y))


def letters_of(op: Op, ranks: list[int]) -> tuple[Sequence[str], str]:
    """The axes of operands and of the result, as letters."""
    kind = op.kind.removeprefix("np.")
    if kind == "einsum":
        return einsum_letters(op.args[0].const, ranks)
    m, n = ranks
    if kind == "tensordot":
        axes = op.arg("axes")
        if axes is not None and not axes.is_const:
            raise NotBatched("axes that are not known", op.origin)
        *letters, out = tensordot_letters(m, n, 2 if axes is None else axes.const)
    elif kind in ("inner", "dot"):
        *letters, out = (inner_letters if kind == "inner" else dot_letters)(m, n)
    else:
        left, right = "...ij" if m > 1 else "j", "...jk" if n > 1 else "j"
        ends = "i" * (m > 1) + "k" * (n > 1)
        dots = "..." * (m > 1 or n > 1)
        return einsum_letters(f"{left},{right}->{dots}{ends}", ranks)
    return letters, out
