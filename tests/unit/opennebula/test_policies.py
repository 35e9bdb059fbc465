"""OpenNebula's default policies."""

import pickle
import subprocess
import sys

import pytest

import matchmaker
from matchmaker import MatchmakerError, Rank
from matchmaker.opennebula import policies

EXPECTED = {
    "packing": ("RUNNING_VMS", "- FREE_MB", "USED_LEASES"),
    "striping": ("- RUNNING_VMS", "FREE_MB", "- USED_LEASES"),
    "load-aware": ("FREE_CPU", None, None),
    "fixed": ("PRIORITY", "PRIORITY", "PRIORITY"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_ranks(name: str) -> None:
    policy = policies.policy(name)
    ranks = (policy.host, policy.datastore, policy.network)
    assert ranks == tuple(text and Rank(text) for text in EXPECTED[name])
    assert policy.name == name
    assert repr(policy) == f"<Policy {name}>"


def test_constants() -> None:
    assert matchmaker.policies is policies
    found = (policies.PACKING, policies.STRIPING, policies.LOAD_AWARE, policies.FIXED)
    assert found == tuple(map(policies.policy, EXPECTED))


def test_they_do_not_change() -> None:
    for name in ("name", "host", "host_rank"):
        with pytest.raises(AttributeError):
            setattr(policies.PACKING, name, None)
    assert pickle.loads(pickle.dumps(policies.PACKING)) == policies.PACKING
    assert hash(policies.FIXED) == hash(policies.policy("fixed"))


@pytest.mark.parametrize("name", ["Packing", "", "custom", None, [], "load_aware"])
def test_unknown(name: object) -> None:
    with pytest.raises(MatchmakerError, match="packing, striping, load-aware, fixed"):
        policies.policy(name)  # type: ignore[arg-type]


def test_nothing_is_parsed_early() -> None:
    program = "import sys, matchmaker; from matchmaker.language import grammar; sys.exit(grammar.parser.cache_info().currsize)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
