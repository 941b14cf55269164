"""Prints the tables: on a terminal as they are, into a file as Markdown."""

import platform

import click
from rich import box
from rich.console import Console
from rich.table import Table

from benchmarks import first_gradient, gradients, many_functions, memory
from benchmarks.libraries import s2s, versions
from benchmarks.peers import PEERS

FIRST_CALLS = ("s2s", "JAX")
LEGEND = (
    "s2s: through the decorator; direct: the function it wrote, called directly;\n"
    "hand: reversed by hand, statement by statement; tuned: the same, with work moved\n"
    "out of the loops; first: the first call, which compiles. autograd cannot update\n"
    "arrays in place, and is given no program with helpers; JAX cannot trace recursion."
)


@click.command()
@click.option("--only", default="", help="Only programs whose name contains this.")
@click.option("--rounds", default=25, show_default=True, help="Samples of each.")
def main(only: str, rounds: int) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    rows = []
    for program in gradients.PROGRAMS:
        if only.lower() in program.name.lower():
            click.echo(f"measuring {program.name} ...", err=True)
            rows.append(gradients.measure(program, rounds))
    console.print(gradient_table(rows, console))
    console.print(LEGEND, highlight=False)
    console.print(memory_table(rows, console))
    for row in rows:
        for name, refusal in row.refused.items():
            console.print(f"\n{row.program.name}, {name}: {refusal}", markup=False)
    if s2s and not only:
        console.print(first_gradient_table(console))
        console.print(many_functions_table(console, rounds))
    python = f"Python {platform.python_version()}"
    console.print(f"\n{python}, {versions()}; {cpu()}, one thread", highlight=False)


def gradient_table(rows: list[gradients.Row], console: Console) -> Table:
    table = new_table(
        "Time of a value and gradient / time of the NumPy primal", console
    )
    table.add_column("program", no_wrap=True)
    table.add_column("primal", justify="right", no_wrap=True)
    for name in PEERS:
        table.add_column(name, justify="right", no_wrap=True)
    for name in FIRST_CALLS:
        table.add_column(f"{name}, first", justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            row.program.name,
            duration(row.primal),
            *(ratio(row, name) for name in PEERS),
            *(duration(row.first.get(name)) for name in FIRST_CALLS),
        )
    return table


def memory_table(rows: list[gradients.Row], console: Console) -> Table:
    table = new_table("Memory of a value and gradient at its peak", console)
    table.add_column("program", no_wrap=True)
    for name in memory.METERS:
        table.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        peaks = memory.measure(row.program, row.each)
        table.add_row(
            row.program.name,
            *(
                "refused" if name in row.refused else size(peaks.get(name))
                for name in memory.METERS
            ),
        )
    return table


def first_gradient_table(console: Console) -> Table:
    table = new_table("Time to the first gradient: parsed, written, compiled", console)
    for heading in ("lines", "time", "per line"):
        table.add_column(heading, justify="right")
    for lines in first_gradient.LINES:
        each = first_gradient.measure(lines, rounds=3)
        table.add_row(f"{lines:,}", duration(each), duration(each / lines))
    return table


def many_functions_table(console: Console, rounds: int) -> Table:
    table = new_table(
        "Programs of many functions: the first gradient, and all others", console
    )
    table.add_column("program", no_wrap=True)
    for heading in ("lines", "written", "first", "primal", "gradient / primal"):
        table.add_column(heading, justify="right")
    for row in many_functions.measure(rounds):
        table.add_row(
            row.name,
            str(row.lines),
            str(row.written),
            duration(row.first),
            duration(row.primal),
            f"{row.gradient / row.primal:.2f}",
        )
    return table


def new_table(title: str, console: Console) -> Table:
    console.print(f"\n{title}\n", highlight=False)
    frame = box.SIMPLE_HEAD if console.is_terminal else box.MARKDOWN
    return Table(box=frame, collapse_padding=True, pad_edge=False)


def ratio(row: gradients.Row, name: str) -> str:
    if name in row.refused:
        return "refused"
    if name not in row.each:
        return "-"
    times = row.each[name] / row.primal
    return f"{times:.2f}" if times < 10 else f"{times:.0f}"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "-"
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    if seconds < 1.0:
        return f"{seconds * 1e3:.3g} ms"
    return f"{seconds:.3g} s"


def size(count: int | None) -> str:
    if count is None:
        return "-"
    if count < 1e3:
        return f"{count} B"
    if count < 1e6:
        return f"{count / 1e3:.3g} kB"
    return f"{count / 1e6:.3g} MB"


def cpu() -> str:
    """The processor's name, where Linux tells it."""
    try:
        with open("/proc/cpuinfo") as lines:
            names = [line for line in lines if line.startswith("model name")]
        return names[0].partition(":")[2].strip()
    except (OSError, IndexError):
        return platform.machine()
