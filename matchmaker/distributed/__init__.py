"""Pools larger than one machine: the candidates live on the workers of a Dask cluster, and matching goes to them.

A Dask cluster trusts its clients, and its clients trust it: both unpickle what the other sends. Let nobody near its ports
who may not run code on its machines.
"""

from matchmaker.errors import ExtraMissing

try:
    import distributed as _distributed  # noqa: F401 - only to say what is missing, before a module of ours needs it
    import pyarrow as _pyarrow  # type: ignore[import-untyped]  # noqa: F401
except ModuleNotFoundError as _error:
    if _error.name not in ("dask", "distributed", "pyarrow"):
        raise
    raise ExtraMissing("distributed", "`matchmaker.distributed`") from None

from matchmaker.distributed.pool import DaskPool

__all__ = ["DaskPool"]
