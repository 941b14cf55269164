"""The libraries that are compared, where installed: float64, one thread.

A library that is missing is None here, and its column in the table reads "-".
"""

import os
from importlib import import_module, metadata
from types import ModuleType

# JAX reads this once, when it is imported.
os.environ.setdefault(
    "XLA_FLAGS",
    "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
)


def optional(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None


s2s = optional("s2s")
autograd = optional("autograd")
autograd_numpy = optional("autograd.numpy")
jax = optional("jax")
torch = optional("torch")

if jax:
    jax.config.update("jax_enable_x64", True)
if torch:
    torch.set_num_threads(1)


def versions() -> str:
    found = {"s2s-ad": s2s, "autograd": autograd, "jax": jax, "torch": torch}
    names = ["numpy", *(name for name, module in found.items() if module)]
    return ", ".join(f"{name} {metadata.version(name)}" for name in names)
