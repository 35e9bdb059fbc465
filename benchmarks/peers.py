"""Each peer's way to say `R2`, used as well as its interface allows.

Every expression is compiled once, and the hosts are brought into the form that the peer evaluates fastest before anything is
timed, where its interface has such a form. Patterns are what is fastest in the peer's language and gives the same answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from struct import Struct
from typing import Any

from benchmarks.data import Host

Verdict = Callable[[Any], object]

_GOLD = re.compile(r"gold.*", re.DOTALL).fullmatch
_R1 = re.compile(r"r1.", re.DOTALL).fullmatch

lambda_requirement: Callable[[Host], object] = lambda h: (  # noqa: E731  what it stands for
    ((h["HYPERVISOR"] == "kvm" and h["CLUSTER_ID"] == 3) or _GOLD(h["QOS"]))
    and h["FREE_MEM"] > 4000000
    and not _R1(h["RACK"])
    and h["RUNNING_VMS"] < 20
)
"""`R2` by hand, with precompiled regular expressions: what every case is compared with."""

lambda_rank: Callable[[Host], float] = lambda h: (  # noqa: E731  what it stands for
    -(h["RUNNING_VMS"] * 50 + h["FREE_CPU"]) + h["FREE_MEM"] / 1024
)
"""`K2` by hand; in doubles, where the language computes with float32."""

_SINGLE = Struct("f")


def single(number: float) -> float:
    """Return the float32 that is nearest to a number."""
    return float(_SINGLE.unpack(_SINGLE.pack(number))[0])


def exact_rank(host: Host, weight: int = 50, divisor: int = 1024) -> int:
    """Return `K2`'s score as the language computes it, each step a float32; or with other constants than 50 and 1024."""
    vms, cpu, memory = single(host["RUNNING_VMS"]), single(host["FREE_CPU"]), single(host["FREE_MEM"])
    busy = -single(single(vms * single(weight)) + cpu)
    return int(single(busy + single(memory / single(divisor))))


@dataclass(frozen=True)
class Peer:
    """One way to evaluate `R2` with another library.

    Parameters
    ----------
    name : str
        What reports call it.
    package : str
        The distribution.
    module : str
        What to import.
    expression : str
        `R2` in its language.
    compile : callable
        Takes the module and the expression, and returns a function of one prepared host.
    prepare : callable
        Takes the module and a host, and returns the form to evaluate; untimed.
    hosts : int
        How many hosts to evaluate in a run: fewer for slow peers.
    note : str
        How it is used.
    """

    name: str
    package: str
    module: str
    expression: str
    compile: Callable[[Any, str], Verdict]
    prepare: Callable[[Any, Host], Any]
    hosts: int = 10_000
    note: str = ""

    def load(self) -> Any:
        """Return the module, or None when it is not installed."""
        try:
            return import_module(self.module)
        except ImportError:
            return None

    def ready(self, module: Any, hosts: Sequence[Host]) -> tuple[Verdict, list[Any]]:
        """Return the compiled expression and the prepared hosts."""
        verdict = self.compile(module, self.expression)
        return verdict, [self.prepare(module, host) for host in hosts[: self.hosts]]


def _simpleeval(module: Any, expression: str) -> Verdict:
    evaluator = module.SimpleEval(functions={"gold": _GOLD, "r1": _R1})
    parsed = evaluator.parse(expression)
    evaluate = evaluator.eval

    def verdict(host: Host) -> object:
        evaluator.names = host
        return evaluate(expression, parsed)

    return verdict


def _celpy(module: Any, expression: str) -> Verdict:
    environment = module.Environment(runner_class=module.CompiledRunner)
    return environment.program(environment.compile(expression)).evaluate  # type: ignore[no-any-return]


_NAMES = ("HYPERVISOR", "CLUSTER_ID", "QOS", "FREE_MEM", "RACK", "RUNNING_VMS")

_CEL = (
    '(HYPERVISOR == "kvm" && CLUSTER_ID == 3 || QOS.startsWith("gold")) && FREE_MEM > 4000000'
    ' && !(RACK.size() == 3 && RACK.startsWith("r1")) && RUNNING_VMS < 20'
)
_ZEN = (
    '(HYPERVISOR == "kvm" and CLUSTER_ID == 3 or startsWith(QOS, "gold")) and FREE_MEM > 4000000'
    ' and not (len(RACK) == 3 and startsWith(RACK, "r1")) and RUNNING_VMS < 20'
)

PEERS = [
    Peer(
        name="classad2, regexp",
        package="htcondor",
        module="classad2",
        expression=(
            '(HYPERVISOR =?= "kvm" && CLUSTER_ID =?= 3 || regexp("^gold", QOS)) && FREE_MEM > 4000000'
            ' && !regexp("^r1.$", RACK) && RUNNING_VMS < 20'
        ),
        compile=lambda module, expression: module.ExprTree(expression).eval,
        prepare=lambda module, host: module.ClassAd(host),
        note="`ExprTree.eval` on ClassAds made in advance; patterns as regular expressions",
    ),
    Peer(
        name="classad2, substr",
        package="htcondor",
        module="classad2",
        expression=(
            '(HYPERVISOR =?= "kvm" && CLUSTER_ID =?= 3 || substr(QOS, 0, 4) =?= "gold") && FREE_MEM > 4000000'
            ' && !(size(RACK) == 3 && substr(RACK, 0, 2) =?= "r1") && RUNNING_VMS < 20'
        ),
        compile=lambda module, expression: module.ExprTree(expression).eval,
        prepare=lambda module, host: module.ClassAd(host),
        note="the same without regular expressions: the fastest way found for these two patterns",
    ),
    Peer(
        name="zen-engine",
        package="zen-engine",
        module="zen",
        expression=_ZEN,
        compile=lambda module, expression: module.compile_expression(expression).evaluate,
        prepare=lambda module, host: json.dumps(host),
        hosts=5_000,
        note="a compiled expression on hosts as JSON texts, which it reads faster than dicts; `startsWith`",
    ),
    Peer(
        name="zen-engine, six attributes",
        package="zen-engine",
        module="zen",
        expression=_ZEN,
        compile=lambda module, expression: module.compile_expression(expression).evaluate,
        prepare=lambda module, host: json.dumps({name: host[name] for name in _NAMES}),
        note="the same on hosts that were cut in advance to the six attributes R2 names",
    ),
    Peer(
        name="common-expression-language",
        package="common-expression-language",
        module="cel",
        expression=_CEL,
        compile=lambda module, expression: module.compile(expression).execute,
        prepare=lambda module, host: module.Context(host),
        note="a compiled program on `Context` objects made in advance; `startsWith`",
    ),
    Peer(
        name="simpleeval",
        package="simpleeval",
        module="simpleeval",
        expression=(
            '(HYPERVISOR == "kvm" and CLUSTER_ID == 3 or gold(QOS)) and FREE_MEM > 4000000'
            " and not r1(RACK) and RUNNING_VMS < 20"
        ),
        compile=_simpleeval,
        prepare=lambda module, host: host,
        hosts=2_000,
        note="parsed once, on dicts; patterns as functions, the lambda's regular expressions",
    ),
    Peer(
        name="rule-engine",
        package="rule-engine",
        module="rule_engine",
        expression=(
            '(HYPERVISOR == "kvm" and CLUSTER_ID == 3 or QOS =~ "gold.*") and FREE_MEM > 4000000'
            ' and RACK !~ "r1." and RUNNING_VMS < 20'
        ),
        compile=lambda module, expression: module.Rule(expression).matches,
        prepare=lambda module, host: host,
        hosts=1_000,
        note="`Rule.matches` on dicts; its regular expression operators",
    ),
    Peer(
        name="cel-python",
        package="cel-python",
        module="celpy",
        expression=_CEL,
        compile=_celpy,
        prepare=lambda module, host: module.json_to_cel(host),
        hosts=200,
        note="a program of its compiling runner on hosts converted in advance; `startsWith`",
    ),
]
