"""Text that is made while the program runs, and what is decided by it."""
# ruff: noqa: UP031, UP032

import numpy as np
import pytest
from agree import check, raises_as
from test_parse_source import run_cell

import s2s

V = np.array([0.3, -0.8, 1.1])


def test_text_that_is_known_decides_when_compiling():
    def f(x, mode, n):
        name = f"{mode}-layer{2}" + "!" * 2
        if name == "fast-layer2!!" and mode.upper() == "FAST":
            return x * x
        if "slow" in name or "%s!" % mode == "last!" or str(None) == mode:
            return x * n
        return np.linalg.norm(np.array([x, n]), ord="fro" if False else None)

    for mode in ("fast", "slow", "last", "None", "other"):
        check(f, (0.7, mode, 3))
    df = s2s.grad(f)
    df(0.7, "fast", 3)
    assert "if" not in df.source


def test_letters_and_words_that_are_known():
    def f(x, v, text, words):
        s = x * v["TGCA".index(text[1]) - 1] + len(text[:-1].removeprefix("G"))
        for k, b in enumerate(text[1:]):
            a = text[:-1][k]
            s *= x + v["ACGT".find(a) % 3] * v["ACGT".rfind(b) % 3]
        for k in range(3):
            if text[k] == "A":
                s += v[k]
        first, *others = words.split(",")
        return s * len(first) + x * text.count("A") * len(others)

    check(f, (0.7, V, "GATTA", "one,two,three"))


def test_a_letter_that_is_not_there():
    def f(x, letter):
        try:
            k = "ACGT".index(letter)
        except ValueError:
            k = 7
        return x**k

    check(f, (0.7, "G"))
    check(f, (0.7, "Z"))


def test_text_that_is_made_while_running():
    def f(x, v, mode):
        s, tag = 0.0, ""
        for k, u in enumerate(v):
            label = f"u{k:>2}" + "-" + str(k)
            if label == "u 1-1" or label.endswith("2"):
                s = s + u * x
            tag += "{}:{a};".format(label.strip(), a=u > 0)
        kind = "big" if s > 0.1 else mode
        if kind != "small":
            s = s * x
        if "u 0" in tag and len(tag) > 3 and isinstance(tag, str):
            s = s * x
        return s * len(", ".join(["a", kind]))

    check(f, (0.7, V, "small"))
    check(f, (0.7, -V, "medium"))


def test_text_in_messages(capsys):
    def f(x, n):
        what = f"x = {x!r}, {n:03d}"
        print(what, "%d%%" % n, repr(what)[0])
        if n > 3:
            raise ValueError(what + ".")
        if n == 3:
            raise KeyError("n is " + str(n), f"{n}")
        return x * x

    s2s.grad(f)(0.5, 2)
    assert capsys.readouterr().out == "x = 0.5, 002 2% '\n"
    check(f, (0.5, 2))
    assert str(raises_as(f, 0.5, 4)) == "x = 0.5, 004."
    assert raises_as(f, 0.5, 3).args == ("n is 3", "3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("float(f'{x}')", "this text must be known when compiling"),
        ("np.sum(v, axis=f'{x}')", "this text must be known when compiling"),
        ("np.einsum('i,i' if x > 0 else 'i,j', v, v)", "must be known when compiling"),
        ("x * len(f'{x} b'.split())", r"method `.split\(\)` of text is not supported"),
        ("x * len(f'{x}' + 1)", "only text can be added to text"),
        ("x * len(f'{x:{n}}')", "format specifications must be constant"),
    ],
)
def test_refused(text, message):
    f = run_cell(f"def f(x, v, n):\n    return {text}\n", np=np)["f"]
    with pytest.raises(s2s.UnsupportedError, match=message):
        s2s.grad(f)(0.7, V, 3)
