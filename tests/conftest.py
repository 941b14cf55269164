"""Every test runs with the checks of the compiler's own passes switched on."""

from collections import Counter

import pytest

import s2s.pipeline
from s2s.ssa import calls

s2s.pipeline.CHECK = True
calls.CHECK = True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden/*.txt anew"
    )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many random programs were tried, over all processes."""
    totals: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        totals.update(dict(report.user_properties))
    for what, total in totals.items():
        terminalreporter.write_line(f"{total} {what}")
