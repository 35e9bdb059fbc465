"""`DaskPool` on a real cluster of processes: the answers of one machine, whoever dies meanwhile."""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from distributed import Client, LocalCluster, Status

from matchmaker import (
    CandidateError,
    ExpressionError,
    MatchmakerError,
    Pool,
    PoolError,
    Rank,
    Requirement,
    explain,
    match,
    match_many,
)
from matchmaker.distributed import DaskPool, cluster, duplicates, worker
from matchmaker.opennebula import read_pool

HOSTS = Path(__file__).parents[2] / "examples" / "host_pool.xml"
REQUESTS: list[tuple[Requirement | str | None, Rank | str | None]] = [
    (None, None),
    ("CPU > 3", None),
    (None, "CPU"),
    ('CPU > 1 & LABEL = "b*"', "- MEM"),
    ("LABEL = a | MEM > 500", "CPU * 2 + MEM / 100"),
    ("CPU > 1000", "CPU"),
    (None, "7"),
    (None, Rank("CPU / MEM", dialect="extended")),
    (
        Requirement("CPU >= REQUEST.CPU", dialect="extended").bind({"CPU": 2}),
        Rank('LABEL = "a" ? NOTHING : LABEL = "b" ? 0 / 0 : - 1 / (CPU - 3)', dialect="extended"),
    ),
    (None, Rank("LABEL = REQUEST.LABEL", dialect="extended")),
    ('LABEL = "a"', Rank("NOTHING", dialect="extended")),
]


def rows(count: int = 200, seed: int = 1) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    return [
        {"NAME": f"n{number}", "CPU": chance.randrange(6), "MEM": chance.randrange(1000), "LABEL": chance.choice("abc")}
        for number in range(count)
    ]


class Slow(Mapping[str, Any]):
    """A candidate that takes its time to be read."""

    def __init__(self, **attributes: Any) -> None:
        self.attributes = attributes

    def __getitem__(self, name: str) -> Any:
        time.sleep(0.01)
        return self.attributes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.attributes)

    def __len__(self) -> int:
        return len(self.attributes)


@contextlib.contextmanager
def started(workers: int, *, nannies: bool = True) -> Iterator[Client]:
    """Start a cluster; without nannies nobody starts a worker again."""
    local = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        processes=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
    )
    with local, Client(local) as made:
        settled(made, workers)
        for nanny in () if nannies else local.workers.values():
            nanny.close_gracefully()
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with started(2) as made:
        yield made


@pytest.fixture
def client(shared: Client) -> Client:
    settled(shared)  # a test before may have killed a worker
    return shared


def settled(client: Client, workers: int = 2) -> None:
    """Wait until all workers are there, and their nannies know: one that dies before that is started by the cluster alone."""
    client.cluster.scale(workers)
    client.wait_for_workers(workers, timeout=30)
    nannies = client.cluster.workers.values()
    end = time.monotonic() + 30
    while any(nanny.process.status is not Status.running for nanny in nannies) and time.monotonic() < end:
        time.sleep(0.01)


def kill(client: Client, address: str) -> None:
    """Kill a worker."""
    os.kill(client.run(os.getpid, workers=[address])[address], signal.SIGKILL)


def dead(client: Client, address: str) -> None:
    """Kill a worker, and come back when the cluster knows."""
    kill(client, address)
    end = time.monotonic() + 20
    while address in client.nthreads() and time.monotonic() < end:
        time.sleep(0.02)
    assert address not in client.nthreads()


def home(pool: DaskPool, shard: int = 0) -> str:
    return pool._shards.homes[shard]


def same(pool: DaskPool, one: Pool, *, limits: tuple[int | None, ...] = (None, 3)) -> None:
    """Compare all answers with those of one machine."""
    assert len(pool) == len(one)
    for limit in limits:
        for number, ranking in enumerate(pool.match_many(REQUESTS, limit=limit)):
            request = REQUESTS[number]
            wanted = match(one, *request, limit=limit)
            for found in (ranking, pool.match(*request, limit=limit)) if number < 3 else (ranking,):
                assert list(found) == list(wanted)
                assert (len(found), found.considered, found.rejected, found.unscored) == (
                    len(wanted),
                    wanted.considered,
                    wanted.rejected,
                    wanted.unscored,
                )
                assert repr(found) == repr(wanted)
                assert found.version == pool.version


@pytest.mark.parametrize(
    "key", ["NAME", None, lambda candidate: candidate["NAME"]], ids=["name", "position", "function"]
)
@pytest.mark.parametrize("shards", [None, 1, 7])
def test_it_answers_what_one_machine_does(client: Client, key: Any, shards: int | None) -> None:
    with DaskPool(client, rows(), key=key, shards=shards) as pool:
        same(pool, Pool(rows(), key=key))
        assert list(pool) == rows()
        for name in (Pool(rows(), key=key).keys[199], Pool(rows(), key=key).keys[0]):
            assert name in pool
            assert pool[name] == Pool(rows(), key=key)[name]


def test_pools_smaller_than_their_shards(client: Client) -> None:
    for count in (0, 1, 3):
        with DaskPool(client, rows(count), key="NAME", shards=5) as pool:
            same(pool, Pool(rows(count), key="NAME"))
            pool.add("new", {"CPU": 4})
            assert [found.key for found in pool.match("CPU > 3")][-1] == "new"


def test_expressions_and_engines(client: Client) -> None:
    with DaskPool(client, rows()) as pool:
        wanted = list(match(rows(), "CPU > 3", "MEM"))
        for engine in ("closures", "columnar", None):
            assert list(pool.match(Requirement("CPU > 3"), Rank("MEM"), engine=engine)) == wanted
            assert [list(found) for found in pool.match_many([("CPU > 3", "MEM")] * 3, engine=engine)] == [wanted] * 3


def test_the_functions_take_it_like_a_pool(client: Client) -> None:
    one = Pool(rows(), key="NAME")
    with DaskPool(client, rows(), key="NAME") as pool:
        for limit in (None, 5):
            wanted = match(one, "CPU > 3", "MEM", limit=limit)
            for found in (
                match(pool, "CPU > 3", "MEM", limit=limit),
                *match_many(pool, [("CPU > 3", "MEM")], limit=limit),
            ):
                assert found.to_frame("pyarrow").equals(wanted.to_frame("pyarrow"))
                copy = pickle.loads(pickle.dumps(found))
                assert (list(copy), copy.considered, copy.rejected) == (list(wanted), 200, wanted.rejected)


@pytest.mark.parametrize("engine", ["closures", "columnar"])
def test_explanations_are_the_counts_of_one_machine(client: Client, engine: Any) -> None:
    wishes: list[tuple[Any, Any]] = [
        *REQUESTS,
        ('LABEL = "aa" & CPU > 9', "CPU"),
        ('CPU > 4 & LABEL = "b*" & MEM < 3', None),
        ("CPUS > 3 | MEM > 2000 | CPU < 0", "MEM - CPU"),
        ({"automatic": "CPU > 100", "user": "MEM > 5000"}, None),
    ]
    with DaskPool(client, rows(), key="NAME", shards=3) as pool:
        pool.update("n7", {"MEM": [None], "LABEL": {}})
        one = Pool(rows(), key="NAME")
        one.update("n7", {"MEM": [None], "LABEL": {}})
        for requirement, rank in wishes:
            found = explain(pool, requirement, rank, engine=engine)
            assert found == replace(explain(one, requirement, rank, engine=engine), best=())
            assert len(found.candidates) == 0
        ranking = pool.match("CPU > 4", "MEM", limit=1)
        pool.update("n0", {"CPU": 99})
        assert ranking.explain() == replace(match(one, "CPU > 4", "MEM").explain(), best=())
        with pytest.raises(PoolError, match="counts alone"):
            ranking.explain().candidate("n0")


def test_documents(client: Client) -> None:
    one = read_pool(HOSTS)
    with DaskPool(client, read_pool(HOSTS)) as pool:
        assert pool.kind is one.kind
        ranking = pool.match('HYPERVISOR = "kvm"', "FREE_CPU")
        wanted = match(one, 'HYPERVISOR = "kvm"', "FREE_CPU")
        assert [(found.key, found.score) for found in ranking] == [(found.key, found.score) for found in wanted]
        assert {type(found.candidate) for found in ranking} == {type(found.candidate) for found in wanted}
        key = ranking[0].key
        pool.remove(key)
        assert key not in pool


def test_matches_are_fetched_when_they_are_looked_at(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    start = cluster.Shards.start

    def noted(self: Any, shard: int, version: int, operation: str, *arguments: Any) -> Any:
        asked.append(operation)
        return start(self, shard, version, operation, *arguments)

    with DaskPool(client, rows(1_000), key="NAME") as pool:
        monkeypatch.setattr(cluster.Shards, "start", noted)
        ranking = pool.match(None, "CPU")
        assert len(ranking) == 1_000
        assert asked == ["rank"] * 2
        wanted = match(Pool(rows(1_000), key="NAME"), None, "CPU")
        assert ranking[0] == wanted[0]
        assert asked == ["rank"] * 2 + ["page"] * 2
        assert ranking[15] == wanted[15]
        assert len(asked) == 4
        assert list(ranking) == list(wanted)
        assert ranking[-1] == wanted[-1]
        assert ranking[10:900:7] == wanted[10:900:7]
        assert len(asked) < 20
        del asked[:]
        first = pool.match("CPU > 1")[0]
        assert first == match(Pool(rows(1_000), key="NAME"), "CPU > 1")[0]
        assert asked == ["rank", "rank", "page"]
        del asked[:]
        assert len(pool.match(None, "CPU", limit=10)[5:]) == 5
        assert asked == ["rank"] * 2


def kept_rankings(pool: str) -> int:
    return sum(len(shard.rankings) for (name, _), shard in worker._shards.items() if name == pool)


def test_rankings_that_nobody_reads_are_dropped(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME") as pool:
        rankings = [pool.match(None, "CPU") for _ in range(5)]
        assert set(client.run(kept_rankings, pool._shards.name).values()) == {5}
        del rankings
        gc.collect()
        pool.match(limit=1)
        assert set(client.run(kept_rankings, pool._shards.name).values()) == {0}
        wanted = list(match(Pool(rows(), key="NAME"), None, "CPU"))
        rankings = [pool.match(None, "CPU") for _ in range(70)]  # more than are kept
        pool.remove("n0")
        assert [list(ranking) for ranking in rankings] == [wanted] * 70


def apply_both(pool: DaskPool, one: Pool, changes: list[tuple[Any, ...]]) -> None:
    pool.apply(changes)
    one.apply(changes)
    assert pool.version == one.version


CHANGES: list[list[tuple[Any, ...]]] = [
    [("update", "n3", {"CPU": 100, "LABEL": None}), ("update", "n150", {"CPU": 100})],
    [("remove", "n150"), ("add", "n150", {"CPU": 100}), ("add", "x", {"CPU": 100, "NAME": "x"})],
    [("remove", "n0"), ("remove", "n199", None), ("add", "n0", {"CPU": 5}), ("update", "n0", {"MEM": 3})],
    [],
    [("update", "x", {"CPU": 1})],
]


def test_changes(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME", shards=3) as pool:
        one = Pool(rows(), key="NAME")
        for changes in CHANGES:
            apply_both(pool, one, changes)
            same(pool, one)
        assert list(pool) == list(one)
        assert pool.stats()._replace(column_bytes=0, clauses=0, clause_bytes=0, order_bytes=0) == (200, 0, 0, 0, 0, 5)
        pool.update("n1", {"CPU": 9})
        pool.add("y", {"CPU": 9})
        pool.remove("x")
        assert pool["n1"]["CPU"] == pool["y"]["CPU"] == 9
        assert "x" not in pool
        assert pool.version == 8


def test_changes_without_a_key(client: Client) -> None:
    with DaskPool(client, rows(), shards=3) as pool:
        one = Pool(rows())
        for changes in (
            [("update", 0, {"CPU": 50}), ("update", 199, {"CPU": 50})],
            [("remove", 100), ("add", 100, {"CPU": 50}), ("add", "x", {"CPU": 51})],
            [("remove", 0), ("remove", 199)],
        ):
            apply_both(pool, one, changes)
            same(pool, one)


@pytest.mark.parametrize(
    "changes",
    [
        [("update", "n1", {"CPU": 9}), ("update", "nobody", {"CPU": 9})],
        [("remove", "n1"), ("remove", "n1")],
        [("remove", "n1"), ("update", "n1", {"CPU": 9})],
        [("add", "n199", {"CPU": 9})],
        [("add", "x", {"CPU": 9}), ("add", "x", {"CPU": 9})],
        [("add", "x", {"NAME": "y"})],
        [("update", "n1", {"NAME": "y"})],
        [("update", "n1", 5)],
        [("update", "n1", {5: 5})],
        [("update", [], {"CPU": 9})],
        [("remove", "n1"), ("move", "n1", None)],
        [("remove", "n1"), 5],
    ],
)
def test_changes_that_are_not_possible_change_nothing(client: Client, changes: list[Any]) -> None:
    one = Pool(rows(), key="NAME")
    with pytest.raises(PoolError) as wanted:
        one.apply(changes)
    with DaskPool(client, rows(), key="NAME") as pool:
        with pytest.raises(PoolError) as raised:
            pool.apply(changes)
        assert str(raised.value) == str(wanted.value)
        assert (pool.version, list(pool)) == (0, rows())


def test_what_cannot_be_sent(client: Client) -> None:
    lock = threading.Lock()
    with DaskPool(client, rows(), key="NAME") as pool:
        with pytest.raises(PoolError, match="a change cannot be sent to the workers"):
            pool.update("n1", {"CPU": lock})
        assert lock not in pool
        with pytest.raises(PoolError, match="no candidate has the key"):
            pool[lock]
        assert pool.version == 0
    with pytest.raises(PoolError, match="what is asked cannot be sent to the workers"):
        DaskPool(client, [{"CPU": lock}])


def test_a_ranking_keeps_its_version(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME") as pool:
        one = Pool(rows(), key="NAME")
        old, wanted = pool.match(None, "CPU"), match(one, None, "CPU")
        batch, wanted_batch = pool.match_many(REQUESTS * 10, limit=5), [match(one, *each, limit=5) for each in REQUESTS]
        found = [list(next(batch))]
        for number in range(20):
            apply_both(pool, one, [("update", f"n{number}", {"CPU": 50 + number})])
            assert list(pool.match(None, "CPU")) == list(match(one, None, "CPU"))
        assert list(old) == list(wanted)
        assert (old.version, pool.version) == (0, 20)
        found += [list(ranking) for ranking in batch]
        assert found == [list(ranking) for ranking in wanted_batch] * 10


def test_threads(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME") as pool:
        failures: list[BaseException] = []

        def run(number: int) -> None:
            try:
                for value in range(8):
                    pool.update(f"n{number * 60}", {"OWN": value})
                    ranking = pool.match(f"OWN = {value}", "OWN")
                    assert f"n{number * 60}" in [found.key for found in ranking]
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not failures
        assert pool.version == 24


def test_errors_are_those_of_one_machine(client: Client) -> None:
    candidates = rows()
    candidates[50]["BAD"] = candidates[150]["BAD"] = object
    with DaskPool(client, candidates, key="NAME") as pool:
        for ask in (pool.match, lambda *request, **options: next(pool.match_many([request], **options))):
            with pytest.raises(ExpressionError):
                ask("CPU >= 3", None)
            with pytest.raises(ExpressionError):
                ask(5, None)
            with pytest.raises(ValueError, match="limit is at least 0, not -1"):
                ask(None, None, limit=-1)
            with pytest.raises(ValueError, match="an engine is"):
                ask(None, None, engine="steam")
            for request in (("BAD = 1", None), (None, "BAD")):
                with pytest.raises(CandidateError) as wanted:
                    match(Pool(candidates, key="NAME"), *request)
                with pytest.raises(CandidateError) as raised:
                    ask(*request)
                assert (raised.value.key, raised.value.attribute) == ("n50", "BAD")
                assert str(raised.value) == str(wanted.value)
        with pytest.raises(CandidateError) as raised:
            pool.match('BAD = 1 & NAME = "n1[0-9][0-9]"')
        batch = pool.match_many([("CPU > 3", None), ("BAD = 1", None), ("CPU > 3", None)])
        assert len(next(batch)) == len(match(candidates, "CPU > 3"))
        with pytest.raises(CandidateError):
            next(batch)
        assert list(pool.match_many([])) == []


def test_bad_pools(client: Client) -> None:
    for candidates, key in (([{"A": 1}, {"A": 1}], "A"), ([{"A": 1}, {}], "A"), ([{"A": 1}, 5], None)):
        with pytest.raises(MatchmakerError) as wanted:
            Pool(candidates, key=key)
        with pytest.raises(type(wanted.value)) as raised:
            DaskPool(client, candidates, key=key)
        assert str(raised.value) == str(wanted.value)
    with pytest.raises(ValueError, match="at least 1 shard, not 0"):
        DaskPool(client, [], shards=0)
    for nothing in (None, "tcp://127.0.0.1:8786"):
        with pytest.raises(PoolError, match="synchronous"):
            DaskPool(nothing, [])  # type: ignore[arg-type]


def held(client: Client, name: str) -> list[int]:
    return sorted(number for found in client.run(worker.held).values() for pool, number in found if pool == name)


def test_closing(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME", shards=4) as pool:
        name = pool._shards.name
        ranking = pool.match()
        batch = pool.match_many(REQUESTS * 10)
        next(batch)
        assert held(client, name) == [0, 1, 2, 3]
    assert held(client, name) == []
    for ask in (lambda: ranking[0], lambda: list(batch), pool.match, lambda: pool.update("n1", {}), lambda: list(pool)):
        with pytest.raises(PoolError, match="the pool is closed"):
            ask()
    pool.close()
    assert held(client, name) == []


def test_pools_that_nobody_uses_leave_the_workers(client: Client) -> None:
    pool = DaskPool(client, rows(), key="NAME")
    name = pool._shards.name
    ranking = pool.match()
    del pool
    gc.collect()
    assert list(ranking) == list(match(Pool(rows(), key="NAME")))
    assert held(client, name) == [0, 1]
    del ranking
    gc.collect()
    end = time.monotonic() + 10
    while held(client, name) and time.monotonic() < end:
        time.sleep(0.02)
    assert held(client, name) == []


# When workers die.


def test_a_worker_dies_before_a_match(client: Client) -> None:
    with DaskPool(client, rows(), key="NAME") as pool:
        one = Pool(rows(), key="NAME")
        old, wanted = pool.match(None, "CPU"), match(one, None, "CPU")
        assert old[0] == wanted[0]
        for changes in CHANGES:
            apply_both(pool, one, changes)
        for shard in range(2):
            settled(client)
            dead(client, home(pool, shard))
            same(pool, one)
        assert list(old) == list(wanted)  # the version before the changes is made again, too
        settled(client)
        kill(client, home(pool))
        pool.update("n7", {"CPU": 300})
        assert pool.match(None, "CPU")[0].key == "n7"


@pytest.mark.parametrize("limit", [4, None])
def test_a_worker_dies_in_the_middle_of_a_batch(client: Client, limit: int | None) -> None:
    with DaskPool(client, rows(), key="NAME") as pool:
        one = Pool(rows(), key="NAME")
        found = []
        for number, ranking in enumerate(pool.match_many(REQUESTS * 10, limit=limit)):
            if number == 20:
                pool.update("n1", {"CPU": 70})  # after the batch began, so that it does not see that
                assert pool.match(None, "CPU")[0].key == "n1"
            if number == 21 or (number == 50 and limit):
                settled(client)
                kill(client, home(pool, number % 2))
            found.append(list(ranking) if number % 5 == 0 else ranking[:3])
        for number, (request, matches) in enumerate(zip(REQUESTS * 10, found, strict=True)):
            wanted = match(one, *request, limit=limit)
            assert matches == (list(wanted) if number % 5 == 0 else wanted[:3])


def test_a_worker_dies_while_it_is_matching(client: Client) -> None:
    candidates = [Slow(A=number) for number in range(100)]
    with DaskPool(client, candidates) as pool:
        os_pid = client.run(os.getpid)[home(pool, 1)]
        timer = threading.Timer(0.2, os.kill, (os_pid, signal.SIGKILL))
        timer.start()
        found = pool.match("A > 10", "A", limit=3)
        timer.join()
        assert [match.key for match in found] == [99, 98, 97]
        assert os_pid not in client.run(os.getpid).values()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Poison(Slow):
    """A candidate that kills who reads it."""

    def __getitem__(self, name: str) -> Any:
        die()


def test_a_shard_that_kills_its_workers() -> None:
    with started(3, nannies=False) as client, DaskPool(client, [Poison(A=1)], patience=0.1) as pool:
        with pytest.raises(PoolError) as raised:
            pool.match("A = 1")
        assert "shard 1 of 1 lost its worker 3 times in one call, last tcp://127.0.0.1:" in str(raised.value)


def test_workers_that_nobody_starts_again() -> None:
    with started(2, nannies=False) as alone, DaskPool(alone, rows(), key="NAME", patience=0.5) as pool:
        one = Pool(rows(), key="NAME")
        ranking = pool.match(None, "CPU")
        dead(alone, home(pool))
        same(pool, one)
        assert len(alone.nthreads()) == 1
        apply_both(pool, one, CHANGES[0])
        dead(alone, home(pool))
        for ask in (lambda: pool.match(limit=1), lambda: pool.update("n1", {"CPU": 1}), lambda: list(ranking)):
            with pytest.raises(PoolError) as raised:
                ask()
            assert "was lost with the worker tcp://127.0.0.1:" in str(raised.value)
            assert "the cluster has no worker; start one, and ask again" in str(raised.value)
        with pytest.raises(PoolError, match="the cluster has no worker"):
            DaskPool(alone, rows(), patience=0.1)
        with pytest.raises(PoolError, match="the cluster has no worker"):
            DaskPool.from_parquet(alone, "nothing.parquet", patience=0.1)
        assert pool.version == 1
    with pytest.raises(PoolError, match="the client is closed"):
        DaskPool(alone, rows())


# Parquet.


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., list[Path]]:
    """Writes rows into several files of row groups."""

    def write(candidates: list[dict[str, Any]], files: int = 3, group: int = 20) -> list[Path]:
        paths = [tmp_path / f"part-{number}.parquet" for number in range(files)]
        for number, path in enumerate(paths):
            part = candidates[len(candidates) * number // files : len(candidates) * (number + 1) // files]
            pq.write_table(pa.Table.from_pylist(part), path, row_group_size=group)
        return paths

    return write


@pytest.mark.parametrize(
    "key", ["NAME", None, lambda candidate: candidate["NAME"]], ids=["name", "position", "function"]
)
@pytest.mark.parametrize("shards", [None, 5])
def test_parquet(client: Client, parquet: Callable[..., list[Path]], key: Any, shards: int | None) -> None:
    paths = parquet(rows())
    one = Pool(rows(), key=key)
    with DaskPool.from_parquet(client, paths, key=key, shards=shards) as pool:
        assert len(pool._shards) == (shards or 2)
        same(pool, one)
        keys = list(one.keys)
        for changes in ([("update", keys[3], {"CPU": 50})], [("remove", keys[150]), ("add", keys[150], rows()[150])]):
            apply_both(pool, one, changes)
        same(pool, one)
        if shards and key == "NAME":
            settled(client)
            kill(client, home(pool))
            same(pool, one)


def test_one_file_is_split_by_row_groups(client: Client, parquet: Callable[..., list[Path]]) -> None:
    (path,) = parquet(rows(), files=1)
    with DaskPool.from_parquet(client, str(path), key="NAME") as pool:
        counts = [pool._shards.start(shard, 0, "load").result() for shard in range(2)]
        assert counts == [100, 100]
        same(pool, Pool(rows(), key="NAME"))


def test_files_without_rows_and_with_other_columns(client: Client, tmp_path: Path) -> None:
    tables = [
        pa.table({"NAME": pa.array([], pa.string()), "A": pa.array([], pa.int64())}),
        pa.table({"NAME": ["a", "b"], "A": [1, 2]}),
        pa.table({"NAME": ["c"], "B": [3]}),
    ]
    paths = [tmp_path / f"{number}.parquet" for number in range(3)]
    for table, path in zip(tables, paths, strict=True):
        pq.write_table(table, path)
    for shards in (1, 2, 3):
        with DaskPool.from_parquet(client, paths, key="NAME", shards=shards) as pool:
            assert len(pool) == 3
            assert [found.key for found in pool.match("B > 2 | A > 1")] == ["b", "c"]
    with DaskPool.from_parquet(client, paths[0], key="NAME") as pool:
        assert len(pool) == 0
        pool.add("a", {"A": 1})
        assert [found.key for found in pool.match("A = 1")] == ["a"]
    pq.write_table(pa.table({"NAME": ["d"], "A": ["text"]}), paths[2])
    with pytest.raises(PoolError, match="do not fit together"):
        DaskPool.from_parquet(client, paths, shards=1)


@pytest.mark.parametrize("buckets", [1, 3])
def test_keys_that_are_in_several_files(
    client: Client, parquet: Callable[..., list[Path]], buckets: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "_BUCKET", 200 // buckets + 1)
    twice = rows()
    for first, second in ((3, 190), (60, 150), (70, 170)):
        twice[second]["NAME"] = twice[first]["NAME"]
    with pytest.raises(PoolError) as raised:
        DaskPool.from_parquet(client, parquet(twice), key="NAME")
    assert str(raised.value) == "two candidates have the key 'n60': those at positions 60 and 150"
    twice[160]["NAME"] = twice[140]["NAME"]
    with pytest.raises(PoolError) as raised:
        DaskPool.from_parquet(client, parquet(twice), key="NAME")
    assert str(raised.value) == "two candidates have the key 'n140': those at positions 140 and 160"
    del twice[180]["NAME"]
    with pytest.raises(PoolError) as raised:
        DaskPool.from_parquet(client, parquet([twice[0], *twice[161:]]), key="NAME")
    assert str(raised.value) == "the candidate at position 20 has no key: `NAME` is missing"
    with pytest.raises(PoolError):
        DaskPool.from_parquet(client, parquet(rows()), key="NOTHING")


def test_sources_that_are_gone(client: Client, parquet: Callable[..., list[Path]]) -> None:
    paths = parquet(rows())
    with pytest.raises(PoolError, match=r"nothing\.parquet` cannot be read: "):
        DaskPool.from_parquet(client, [paths[0], paths[0].with_name("nothing.parquet")])
    with pytest.raises(PoolError, match="at least one path"):
        DaskPool.from_parquet(client, [])
    one = Pool(rows(), key="NAME")
    with DaskPool.from_parquet(client, paths, key="NAME") as pool:
        apply_both(pool, one, CHANGES[0])
        content = paths[2].read_bytes()
        paths[2].unlink()
        same(pool, one)
        dead(client, home(pool, 1))
        for _ in range(2):
            with pytest.raises(PoolError) as raised:
                pool.match("CPU > 3", limit=1)
            assert str(raised.value).startswith("shard 2 of 2 cannot be made of its source: `")
            assert "part-2.parquet` cannot be read: " in str(raised.value)
        pq.write_table(pa.Table.from_pylist(rows(60, seed=2)), paths[2], row_group_size=20)
        with pytest.raises(PoolError, match=r"part-2\.parquet` is not the file any more that the pool was made of"):
            pool.match("CPU > 3", limit=1)
        paths[2].write_bytes(content)
        same(pool, one)


def test_importing_it_without_dask_names_the_extra() -> None:
    script = """
import sys
sys.modules["distributed"] = None
from matchmaker import ExtraMissing
try:
    import matchmaker.distributed
except ExtraMissing as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    assert (
        done.stdout == "`matchmaker.distributed` needs an extra: pip install 'matchmaking-expressions[distributed]'\n"
    )
