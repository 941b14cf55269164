"""Sets up one core and one thread, then measures."""

import os


def one_core() -> None:
    """Takes effect if it comes before NumPy is imported.

    Handing work to a thread on another core costs JAX more than these programs
    take, so the whole process stays on one.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


if __name__ == "__main__":
    one_core()
    from benchmarks.report import main

    main()
