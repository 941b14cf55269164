"""Every test runs with the checks of the compiler's own passes switched on."""

import pytest

import s2s.pipeline

s2s.pipeline.CHECK = True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden/*.txt anew"
    )
