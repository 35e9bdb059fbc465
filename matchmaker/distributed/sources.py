"""Where the candidates of a shard come from. Workers make shards of these, and make them again when they were lost."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matchmaker.attributes.lookup import MAPPING, Kind
from matchmaker.diagnostics import shown
from matchmaker.distributed import pickling
from matchmaker.distributed.messages import SourceError
from matchmaker.errors import PoolError
from matchmaker.matching.keys import key_of
from matchmaker.matching.pool import Pool

KeyOf = str | Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class Sent:
    """Candidates that the client has, and sends: they are the data, with their keys.

    Parameters
    ----------
    kind : Kind
        The kind of the whole pool's candidates.
    key, memory
        As for `Pool`.
    """

    kind: Kind
    key: KeyOf
    memory: int

    @property
    def sent(self) -> bool:
        """Whether the candidates are to be sent by the client."""
        return True

    def pool(self, data: tuple[Sequence[Any], Sequence[Any]]) -> Pool:
        """Make the shard's pool of candidates and keys."""
        candidates, keys = data
        return Pool.of(candidates, keys, self.kind, key=self.key, memory=self.memory)


class Piece(NamedTuple):
    """Some row groups of a Parquet file, and what the file is recognised by."""

    path: str
    groups: tuple[int, ...]
    fingerprint: str


class Inspected(NamedTuple):
    """A Parquet file: its rows by row group, and what it is recognised by."""

    rows: tuple[int, ...]
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Parquet:
    """Rows of Parquet files, which the worker reads.

    Parameters
    ----------
    pieces : tuple of Piece
        What to read, in order.
    offset : int
        The position of the first row in the whole pool.
    key, memory
        As for `Pool`.
    """

    pieces: tuple[Piece, ...]
    offset: int
    key: KeyOf
    memory: int

    @property
    def sent(self) -> bool:
        """Whether the candidates are to be sent by the client."""
        return False

    def pool(self, data: Any) -> Pool:
        """Read the shard's pool.

        Raises
        ------
        SourceError
            If a file cannot be read, or is another one than when the pool was made.
        PoolError
            If a key is missing or there twice.
        """
        import pyarrow  # type: ignore[import-untyped]

        tables = [_read(piece) for piece in self.pieces]
        try:
            table = pyarrow.concat_tables(tables, promote_options="default")
        except pyarrow.ArrowException as error:
            paths = ", ".join(f"`{piece.path}`" for piece in self.pieces[:5])
            raise SourceError(f"the columns of {paths} do not fit together: {_reason(error)}") from None
        try:
            made = Pool.from_frame(table, key=self.key, memory=self.memory)
        except PoolError as error:
            raise self._placed(table, error) from None
        if self.key is not None or not self.offset:
            return made
        keys = range(self.offset, self.offset + len(made))
        return Pool.of(made.candidates, keys, made.kind, memory=self.memory)

    def _placed(self, table: Any, error: PoolError) -> PoolError:
        """Return what is wrong with the keys, with positions in the whole pool instead of the shard."""
        seen: dict[Any, int] = {}
        for position, candidate in enumerate(Pool.from_frame(table), self.offset):
            try:
                key = key_of(candidate, self.key, MAPPING, position)
                first = seen.setdefault(key, position)
            except PoolError as found:
                return found
            except Exception:  # whatever a stranger's object does when hashed
                return error
            if first != position:
                return duplicate(key, first, position)
        return error


def duplicate(key: Any, first: int, second: int) -> PoolError:
    """Return the error about a key that is there twice, in the words of `Pool`."""
    return PoolError(f"two candidates have the key {shown(key)}: those at positions {first} and {second}")


def inspect_all(payload: bytes) -> list[Inspected | SourceError]:
    """Return what is in some Parquet files, whose paths are pickled. This is a task that Dask runs."""
    paths: list[str] = pickling.loads(payload)
    found: list[Inspected | SourceError] = []
    for path in paths:
        try:
            found.append(_inspected(path)[1])
        except SourceError as error:
            found.append(error)
    return found


def _inspected(path: str) -> tuple[Any, Inspected]:
    import pyarrow.parquet  # type: ignore[import-untyped]

    try:
        metadata = pyarrow.parquet.read_metadata(path)
    except (OSError, pyarrow.ArrowException, ValueError) as error:
        raise SourceError(f"`{path}` cannot be read: {_reason(error)}") from None
    # The footer has the places, sizes and statistics of all column chunks; whoever writes other rows writes another one.
    footer = repr(metadata.to_dict()).encode("utf-8", "surrogatepass")
    rows = tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
    return metadata, Inspected(rows, hashlib.sha256(footer).hexdigest())


def _read(piece: Piece) -> Any:
    import pyarrow.parquet

    metadata, inspected = _inspected(piece.path)
    if inspected.fingerprint != piece.fingerprint:
        raise SourceError(f"`{piece.path}` is not the file any more that the pool was made of")
    try:
        with pyarrow.parquet.ParquetFile(piece.path, metadata=metadata) as file:
            return file.read_row_groups(list(piece.groups))
    except (OSError, pyarrow.ArrowException, ValueError) as error:
        raise SourceError(f"`{piece.path}` cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") or type(error).__name__
