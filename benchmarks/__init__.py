"""Benchmarks: the same cases on this library and on its peers, in one run. `python -m benchmarks` runs them."""
