"""The row of np.einsum, for constant subscripts and any number of operands."""

from __future__ import annotations

from s2s.errors import UnsupportedError
from s2s.rules import RULES
from s2s.ssa.infer_linalg import einsum_letters, einsum_type
from s2s.ssa.ir import Op, Value
from s2s.ssa.quote import Quote
from s2s.ssa.types import rank_of


def einsum_vjp(quote: Quote, op: Op, g: Value) -> dict[int, Value]:
    """Each operand's transpose is the einsum of g with the other operands."""
    operands = [v for v, n in zip(op.args, op.names, strict=True) if n == "operands"]
    every = [rank_of(v.type) for v in operands]
    known = [r for r in every if r is not None]
    if len(known) < len(every):
        raise UnsupportedError("np.einsum needs operands of known rank", op.origin)
    letters, out = einsum_letters(op.args[0].const, known)
    return {
        k + 1: einsum_transpose(quote, g, out, operands, letters, k)
        for k in range(len(operands))
    }


def einsum_transpose(
    quote: Quote, g: Value, out: str, operands: list[Value], letters: list[str], k: int
) -> Value:
    """The cotangent of operand k; axes that it alone has are left to broadcasting.

    A letter that the operand repeats (`ii`) is split in two, tied by an identity.
    """
    values = [g] + [v for i, v in enumerate(operands) if i != k]
    terms = [out] + [s for i, s in enumerate(letters) if i != k]
    mine = ""
    unused = iter(c for c in "zyxwvutsrqponm" if c not in "".join(letters))
    for axis, c in enumerate(letters[k]):
        if c in mine:
            new = next(unused)
            text = f"np.eye(v.shape[{axis}])"
            values.append(quote(text, v=operands[k]))
            terms.append(c + new)
            c = new
        mine += c
    shared = [c for c in mine if any(c in t for t in terms)]
    if terms == ["", "".join(shared)]:
        return quote("g * v", g=g, v=values[1])
    result = g
    if terms != ["".join(shared)]:
        subscripts = quote.const(",".join(terms) + "->" + "".join(shared))
        names = ("subscripts", *("operands",) * len(values))
        result = quote.emit("np.einsum", [subscripts, *values], names)
    if len(shared) == len(mine) or not shared:
        return result
    index = ", ".join(":" if c in shared else "None" for c in mine)
    return quote(f"v[{index}]", v=result)


def einsum_jvp(quote: Quote, op: Op, dots: dict[int, Value]) -> Value:
    """The einsum with one operand at a time replaced by its tangent."""
    terms = []
    for k, dot in dots.items():
        args = [*op.args[:k], dot, *op.args[k + 1 :]]
        terms.append(quote.emit(op.kind, args, op.names))
    total = terms[0]
    for term in terms[1:]:
        total = quote("t + u", t=total, u=term)
    return total


RULES.custom(
    "z = np.einsum(subscripts, *operands, optimize=False)",
    vjp=einsum_vjp,
    jvp=einsum_jvp,
    type=einsum_type,
    because="linear in each of any number of operands",
    at=(
        "np.einsum('ij,jk->ik', a34, a43)",
        "np.einsum('ij,jk', a34, a43, optimize=True)",
        "np.einsum('ji', a34)",
        "np.einsum('ij->i', a34)",
        "np.einsum('ij->', a34)",
        "np.einsum('ii', m33)",
        "np.einsum('ii->i', m33)",
        "np.einsum('i,i', a3, a3)",
        "np.einsum('i,j,k->kij', a3, a4, a2)",
        "np.einsum('bij,bj->bi', a234, a24)",
        "np.einsum('...ij,...jk->...ik', a234, a243)",
        "np.einsum('...ij,jk->...ik', a234, a43)",
        "np.einsum('ij,ij->j', a31, a34)",
        "np.einsum('i,ij,j->', a3, a34, a4)",
    ),
)
