"""What NumPy's functions show of an array, and those that write into one."""

from __future__ import annotations

from idioms import Idiom

VIEW = {"shown": (3,)}
VIEWS = [
    "np.asarray({u})", "np.flip({u})", "np.ravel({u})", "np.squeeze({u}[:, None])",
    "np.atleast_2d({u})[0]", "{u}.view()", "np.expand_dims({u}, 0)[0]",
    "{u}.astype(float, copy=False)", "{u}.astype(float)", "np.array({u})",
    "np.ascontiguousarray({u})", "{u}.reshape(1, 3).T[:, 0]",
    "np.atleast_1d({u})", "{u}.reshape(3, 1).flatten()", "np.rot90({u}[:, None])[0]",
    "np.moveaxis({u}[None], 0, 1)[:, 0]", "{u}[[0, 1, 2]]", "{u}[{u} < 9.0]",
    "np.concatenate([{u}[:1], {u}[1:]])", "{u}.swapaxes(0, 0)", "{u}[...][:]",
    "{u}.squeeze()", "{u}.ravel()[::-1]",
]  # fmt: skip
VIEWING = Idiom(
    numbers=["np.sum({u} * {u}[::-1])", "np.dot({u}, {v})"],
    steps=[
        *[(f"shown = {view}\nshown[{{k}}] *= {{s}}\n{{t}} = {{u}}[{{k}}]", VIEW)
          for view in VIEWS],
        *[(f"shown = {view}\n{{u}}[{{k}}] = {{s}}\n{{t}} = np.sum(shown)", VIEW)
          for view in VIEWS],
        ("top, low = A\ntop *= {s}\nlow[:2] += top[1:]", {"top": (3,), "low": (3,)}),
        ("some, one = np.split({u}, [2])\nsome *= {s}\none += some[0]", {}),
        ("left, right = np.hsplit(A, [1])\nleft += {s}\nright *= left", {}),
        ("for row, z in zip(A, {u}):\n    row *= z\n    {u}[0] += row[1]", {}),
        ("for k, x in enumerate({u}):\n    {u}[k] = {s x} * x", {}),
        ("for k, x in enumerate({u}):\n    {u}[-1 - k] += {s x}", {}),
        ("for x in {u}:\n    {u}[{k}] *= 0.9\n    {a} += x * {s}", {}),
        ("{u}[1:] = {u}[:-1]", {}),
        ("{u}[1:] += {u}[:-1]", {}),
        ("{u}[:-1] *= {u}[1:]", {}),
        ("{u} += {u}[::-1]", {}),
        ("{u}[:] = {u}[::-1]", {}),
        ("{u} *= {u}[{k}]", {}),
        ("{u}[[0, 1]] = {u}[[1, 2]]", {}),
        ("{u}[[0, 2]] += {u}[1]", {}),
        ("A *= A[0]", {}),
        ("A[:, 0] += A[:, 1]\nA[0], A[1] = A[1], A[0].copy()", {}),
        ("A[0], A[1] = A[1], A[0]", {}),
        ("A[...] = A[::-1] * {s}", {}),
        ("A.flat[{k}] = {s}", {}),
        ("A.reshape(-1)[::2] *= {s}", {}),
        ("np.fill_diagonal(A, {s})", {}),
        ("np.put({u}, [0, 2], {s})", {}),
        ("{u}.sort()", {}),
        ("np.clip({u}, -0.55, 0.65, out={u})", {}),
        ("np.cumsum({u}, out={u})", {}),
        ("np.multiply({u}, {u}, out={u})", {}),
        ("np.multiply({u}, {v}, out={u}[::-1])", {}),
        ("np.sum(A, axis=0, out={u})", {}),
        ("A.sum(axis=0, out={u})", {}),
        ("np.dot(A, {u}, out={u}[:2])", {}),
        ("np.add(A[0], {u}, out=A[1])", {}),
        ("np.copyto({u}, {v}, where={u} < {l})", {}),
        ("np.putmask({u}, {u} > {l}, {s})", {}),
        ("np.add.at({u}, [0, 0, 2], {v})", {}),
        ("for row in A:\n    row.fill({s})", {}),
        ("{t} = {u}[{k}]\n{u}[{k}] = {s}\n{t} *= {u}[0]", {}),
        ("{u}[{k}] += {u}[0] * {s}\n{u}[0] -= {u}[{k}] ** 2", {}),
        ("shown = {u}\n{u} = {u} * {s}\nshown[{k}] = {u}[0]", VIEW),
        ("shown = {u}\n{u} *= {s}\n{u} = shown + {u}", VIEW),
    ],
)  # fmt: skip
