"""What the headers of loops bind at once has names of its own."""

from agree import check


def test_records_of_two_lists():
    """The parts of each are read before the next is."""

    def f(x):
        ps, qs = [], []
        for k in range(3):
            ps.append({"a": x * k, "b": x})
            qs.append({"a": x + k, "b": 2.0 * x})
        s = 0.0
        for item in zip(ps, qs, strict=True):
            s += item[0]["a"] * item[0]["b"] * item[1]["a"] * item[1]["b"]
        return s + sum(p["a"] * p["b"] * q["a"] * q["b"] for p, q in zip(ps, qs))  # noqa: B905

    check(f, [0.7])
