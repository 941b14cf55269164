"""What a gradient costs: s2s beside a hand-written adjoint, autograd, JAX and PyTorch.

`python -m benchmarks` prints three tables: the time of a value and gradient over the
time of the primal, the memory that both take at their peak, and the time it takes s2s
to write and compile a derivative.
"""
