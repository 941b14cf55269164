"""What a gradient costs: s2s beside a hand-written adjoint, autograd, JAX and PyTorch.

`python -m benchmarks` prints two tables: the time of a value and gradient over the
time of the primal, and the time it takes s2s to write and compile a derivative.
"""
