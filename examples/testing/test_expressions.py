from pathlib import Path

import pytest
from hypothesis import given, settings

import matchmaker as mm
from matchmaker.opennebula import read_pool
from matchmaker.testing import assert_matches, assert_ranking, candidates, ranks, requirements


@pytest.fixture(scope="module")
def hosts():
    return mm.Pool(read_pool(Path("examples/scheduling/hosts.xml")), key="NAME")


def test_gold_machines_go_to_the_host_with_the_most_free_cpu(hosts):
    assert_ranking(hosts, "QOS = GOLD", "FREE_CPU", ["host02", "host01"])


def test_batch_jobs_run_on_silver_hosts(hosts):
    assert_matches("QOS != GOLD & HYPERVISOR = kvm", hosts["host03"])


@pytest.mark.parametrize("requirement", ["QOS = GOLD", "QOS != GOLD & HYPERVISOR = kvm"])
def test_nothing_to_report(requirement):
    assert mm.check(requirement, kind="host") == ()


@settings(deadline=None)
@given(requirements(), ranks(), candidates())
def test_no_expression_breaks_the_scheduler(requirement, rank, candidate):
    ranking = mm.match([candidate], requirement, rank)
    assert ranking.considered == len(ranking) + ranking.rejected == 1
