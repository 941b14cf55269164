"""Sets up one core, one thread and the allocator, then measures."""

import ctypes
import os

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


def one_core() -> None:
    """Takes effect if it comes before NumPy is imported.

    Handing work to a thread on another core costs JAX more than these programs
    take, so the whole process stays on one.
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def keep_memory() -> None:
    """Whether a call gives its memory back to the system, so that the next one pays
    for getting it again, hangs on all that was allocated before: glibc is to keep it.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        mallopt(M_MMAP_THRESHOLD, 1 << 25)


if __name__ == "__main__":
    one_core()
    keep_memory()
    from benchmarks.report import main

    main()
