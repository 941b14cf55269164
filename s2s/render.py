"""Generated source with colours: for a terminal, and for a notebook.

In: Python source. Out: the same, highlighted where that can be shown. rich and pygments
are imported only when something is rendered; without them the source stays plain.
"""

from __future__ import annotations

import os
import sys
from html import escape
from typing import TextIO

THEME = "ansi_dark"


def write(text: str, color: bool | None = None, file: TextIO | None = None) -> None:
    """Print source; `color` None means: where a terminal reads it, NO_COLOR unset."""
    file = sys.stdout if file is None else file
    if color is None:
        color = file.isatty() and not os.environ.get("NO_COLOR")
    if color:
        try:
            from rich.console import Console
            from rich.syntax import Syntax
        except ImportError:
            color = False
    if not color:
        print(text, file=file, end="" if text.endswith("\n") else "\n")
        return
    syntax = Syntax(
        text.rstrip("\n"), "python", theme=THEME, background_color="default"
    )
    # soft_wrap: a line that is wider than the terminal must still copy as one line
    Console(file=file, force_terminal=True).print(syntax, soft_wrap=True)


def html(source: str) -> str:
    """The source as an HTML fragment."""
    try:
        from pygments import highlight  # type: ignore[import-untyped]
        from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
        from pygments.lexers import PythonLexer  # type: ignore[import-untyped]
    except ImportError:
        return f"<pre>{escape(source)}</pre>"
    return str(highlight(source, PythonLexer(), HtmlFormatter(noclasses=True)))
