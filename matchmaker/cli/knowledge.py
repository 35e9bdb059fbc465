"""What expressions are held against besides the language: schemas and pools, from options of the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from matchmaker.checking import SCHEMAS, Schema
from matchmaker.cli.reading import STANDARD_INPUT, read_pool
from matchmaker.cli.terminal import Refusal, printable
from matchmaker.matching.pool import Pool

PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Schemas and pools.

    Parameters
    ----------
    named : tuple of str
        The kinds whose shipped schema is asked for.
    own : Schema or None
        The user's own attributes.
    pools : dict of str to Pool
        The pools by the kind of their candidates.
    """

    named: tuple[str, ...] = ()
    own: Schema | None = None
    pools: dict[str, Pool] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind that all of it is about, `plain` when it is about none or several."""
        kinds = {*self.named, *self.pools}
        return kinds.pop() if len(kinds) == 1 else PLAIN

    def schema(self, kind: str) -> Schema | None:
        """Return what is known of the attributes of a kind: a user's own ones are added to those that OpenNebula sets."""
        if kind in SCHEMAS and (kind in self.named or self.own is not None):
            return SCHEMAS[kind] | (self.own or Schema())
        if kind != PLAIN or not (self.named or self.own):
            return self.own if kind == PLAIN else None
        known = self.own or Schema()
        for name in self.named:
            known = SCHEMAS[name] | known
        return known

    def pool(self, kind: str) -> Pool | None:
        """Return the pool that expressions for a kind are held against: one of that kind, or of plain candidates."""
        return self.pools.get(kind, self.pools.get(PLAIN))


def read_knowledge(schemas: Sequence[str], pools: Sequence[Path]) -> Knowledge:
    """Read what the options name.

    Parameters
    ----------
    schemas : sequence of str
        Kinds, or JSON files.
    pools : sequence of Path
        Pools in any format; one of them may be `-`.

    Raises
    ------
    Refusal, DocumentError, PoolError
        If one cannot be read, or there are two pools of a kind.
    """
    own: Schema | None = None
    for name in schemas:
        if name not in SCHEMAS:
            own = (own or Schema()) | _schema_file(name)
    read: dict[str, Pool] = {}
    if sum(str(path) == STANDARD_INPUT for path in pools) > 1:
        raise Refusal("only one pool can come from standard input")
    for path in pools:
        pool = read_pool(path)
        if pool.kind.name in read:
            raise Refusal(f"two pools of kind {pool.kind.name}: give one of each")
        read[pool.kind.name] = pool
    return Knowledge(tuple(name for name in schemas if name in SCHEMAS), own, read)


def _schema_file(name: str) -> Schema:
    if not Path(name).exists() and "." not in name and "/" not in name:
        known = ", ".join(SCHEMAS)
        raise Refusal(f"no schema is named `{printable(name)}`: there is {known}, or the name of a JSON file")
    return Schema.from_json(name)
