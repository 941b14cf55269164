"""Loading a compiled derivative, for tests that compile by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s.codegen.load import load
from s2s.parse.source import Parsed
from s2s.pipeline import Compiled


def loaded(made: Compiled, parsed: Parsed) -> Callable[..., Any]:
    """The printed derivative, its globals as they are now."""
    run, reads = load(made)
    if reads is not None:
        reads.refresh()
    return run
