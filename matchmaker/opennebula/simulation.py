"""A dry run: where OpenNebula's waiting virtual machines would go, and why the others would not, without a cloud.

It takes the two steps of OpenNebula 7. Its core selects what each VM may use (`selection`); what it finds is listed for the
scheduler, which places the VMs (`placement`), a VM without anything of a kind being listed with nothing. Both steps are done
here by the code that does them elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain

from matchmaker.errors import MatchmakerError
from matchmaker.limits import Budget, Limits
from matchmaker.matching.pool import Pool
from matchmaker.opennebula.cloud import Cloud, Source
from matchmaker.opennebula.parsing import Element, text_of
from matchmaker.opennebula.rank_conf import Configuration
from matchmaker.opennebula.readers import integer_at
from matchmaker.opennebula.requests import Listed, is_scheduled, request_of, running_members
from matchmaker.opennebula.scheduler_action import SchedulerAction
from matchmaker.opennebula.selection import Selection, Selector
from matchmaker.opennebula.vm_expressions import VmExpressions
from matchmaker.placement import Action, Plan, Reason, Refusal, Request
from matchmaker.placement.reasons import Failures, of_error

SHORT = (
    "the short list of `onevm list -x` holds neither automatic requirements nor disk sizes, PCI devices, NUMA nodes and "
    "VM groups, so they do not count: `onevm list --extended -x` has them"
)
"""What is said of a VM that OpenNebula printed in short."""
NOWHERE = "the history of the VM does not say which datastore it is in, and it is to keep it"
"""What is said of a VM that is to be rescheduled and has no datastore."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What becomes of one virtual machine that waits.

    Parameters
    ----------
    vm : int
        Its id; -1 when it has none.
    name : str
        Its name.
    action : Action or None
        Where it goes.
    score : int or None
        What its rank, or the scheduler's, gives for its host; None when it has no place, or the rank cannot be evaluated.
    messages : tuple of str
        Why it goes nowhere, one line each: those of OpenNebula's core, else that of the scheduler. Empty when it has a place.
    reasons : tuple of Reason
        What candidates failed at, those that the core had left out too.
    notes : tuple of str
        What its owner should know besides.
    request : Request or None
        What it was read as, with the candidates that were selected.
    """

    vm: int
    name: str
    action: Action | None = None
    score: int | None = None
    messages: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    notes: tuple[str, ...] = ()
    request: Request | None = None

    @property
    def message(self) -> str:
        """Why it goes nowhere, in one line."""
        return "; ".join(self.messages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """What a run of OpenNebula's scheduler would come to.

    Parameters
    ----------
    outcomes : tuple of Outcome
        One for each virtual machine that waits, by ascending id.
    plan : Plan
        The plan they come from, its actions in the order in which they were decided.
    others : int
        How many virtual machines do not wait.
    hosts, datastores, networks : Pool
        The candidates: the hosts that are enabled, with the attributes of their clusters, and all datastores and networks.
    notes : tuple of str
        What was met in the documents that does not count, one line each.
    """

    outcomes: tuple[Outcome, ...]
    plan: Plan
    others: int
    hosts: Pool
    datastores: Pool
    networks: Pool
    notes: tuple[str, ...] = ()

    @property
    def placed(self) -> int:
        """How many virtual machines get a place."""
        return sum(outcome.action is not None for outcome in self.outcomes)


def simulate(
    vms: Source,
    hosts: Source,
    datastores: Source,
    networks: Source,
    *,
    groups: Source | None = None,
    clusters: Source | None = None,
    configuration: Configuration | None = None,
) -> Simulation:
    """Tell where waiting virtual machines would go.

    Parameters
    ----------
    vms : str, bytes or Element
        What `onevm list --extended -x` prints: a VM_POOL, or a VM. Of the short list, that without `--extended`, each VM's
        notes say what it lacks.
    hosts, datastores, networks : str, bytes or Element
        What `onehost list -x`, `onedatastore list -x` and `onevnet list -x` print.
    groups, clusters : str, bytes, Element or None
        What `onevmgroup list -x` and `onecluster list -x` print; None for none. Without clusters, hosts do not have their
        attributes, unless they hold them already.
    configuration : Configuration or None
        The scheduler's configuration; None for upstream's defaults.

    Returns
    -------
    Simulation
        Each VM that waits is in it, whatever is wrong with it or with others.

    Raises
    ------
    DocumentError
        If a document cannot be read, or is one of something else.
    ExtraMissing
        If lxml is not installed.

    Examples
    --------
    >>> found = simulate(
    ...     "<VM><ID>7</ID><STATE>1</STATE><TEMPLATE><CPU>1</CPU><MEMORY>64</MEMORY></TEMPLATE></VM>",
    ...     "<HOST_POOL/>",
    ...     "<DATASTORE_POOL/>",
    ...     "<VNET_POOL/>",
    ... )
    >>> found.outcomes[0].message
    'No hosts enabled to run VMs'
    """
    used = configuration or Configuration()
    cloud = Cloud(hosts, datastores, networks, groups=groups, clusters=clusters, compatibility=used.compatibility)
    selector = Selector(cloud.hosts, cloud.datastores, cloud.networks, limits=Limits(length=used.expression_length))
    listed = cloud.elements(vms, "VM")
    scheduled = [vm for vm in listed if is_scheduled(vm)]
    for host in cloud.places if scheduled else ():
        host.candidate.attributes.read_ahead()
    waiting = [_Waiting(vm, selector, used) for vm in scheduled]
    first: dict[int, _Waiting] = {}
    for each in waiting:
        first.setdefault(each.vm, each)
    plan = SchedulerAction(
        requests=tuple(each.request for each in first.values() if each.request is not None),
        hosts=tuple(cloud.places),
        datastores=tuple(cloud.system),
        images=cloud.images,
        networks=tuple(cloud.nets),
        groups=tuple(cloud.groups),
        running=running_members(listed),
        budgets={each.vm: each.budget for each in first.values()},
    ).plan(used)
    decided: dict[int, Action | Refusal] = {refusal.request.id: refusal for refusal in plan.refusals}
    decided |= {action.request.id: action for action in plan.actions}
    return Simulation(
        outcomes=tuple(
            each.outcome(decided.get(each.vm), cloud, used) if first[each.vm] is each else each.second()
            for each in sorted(waiting, key=lambda each: each.vm)
        ),
        plan=plan,
        others=len(listed) - len(waiting),
        hosts=cloud.hosts,
        datastores=cloud.datastores,
        networks=cloud.networks,
        notes=tuple(cloud.notes),
    )


class _Waiting:
    """A virtual machine that waits: what the core selects for it, and the request that the scheduler gets."""

    def __init__(self, vm: Element, selector: Selector, configuration: Configuration) -> None:
        self.vm = integer_at(vm, "ID", -1)
        self.name = next((text_of(each) for each in vm.iterchildren("NAME")), "")
        self.budget = Budget(configuration.expression_time)
        self.selection = Selection((), (), {})
        self.request: Request | None = None
        self._failure = ""
        self._own_host = integer_at(vm, "HISTORY_RECORDS/HISTORY/HID", -1)
        self._is_short = _is_short(vm)
        try:
            with Budget(configuration.expression_time):
                self.selection = selector.select(vm)
            listed = Listed(*self.selection[:3]) if self.selection.complete else Listed()
            self.request = _request(
                vm, VmExpressions(configuration.expression_length, self.budget), listed, configuration
            )
        except Exception as error:  # whatever is wrong with one VM, the others go on
            self._failure = of_error(error)

    def second(self) -> Outcome:
        """Return what becomes of it when another has its id."""
        why = f"another VM that waits has the id {self.vm}" if self.vm >= 0 else "another VM has no id either"
        return Outcome(vm=self.vm, name=self.name, messages=(why,))

    def outcome(self, decided: Action | Refusal | None, cloud: Cloud, configuration: Configuration) -> Outcome:
        """Return what becomes of it."""
        notes = (() if self.request is None else self.request.notes) + ((SHORT,) if self._is_short else ())
        told = Outcome(vm=self.vm, name=self.name, notes=notes, request=self.request)
        if isinstance(decided, Action):
            return replace(told, action=decided, score=self._score(decided, cloud, configuration))
        if decided is None:
            return replace(told, messages=(self._failure,))
        if not self.selection.complete:
            return replace(told, messages=self.selection.messages or (NOWHERE,), reasons=self._unselected(cloud))
        return replace(told, messages=(decided.message,), reasons=self._refused(decided, cloud))

    def _score(self, action: Action, cloud: Cloud, configuration: Configuration) -> int | None:
        rank = configuration.host_rank if action.request.rank is None else action.request.rank
        if rank is None:
            return None
        try:
            with Budget(configuration.expression_time):
                return int(rank.score(cloud.hosts[action.host]))
        except MatchmakerError:
            return None

    def _unselected(self, cloud: Cloud) -> tuple[Reason, ...]:
        """Return what the core found against each candidate of the first kind of which it selected none."""
        selected = self.selection
        if any(message.startswith("Error in") for message in selected.messages):
            return ()
        if not selected.hosts:
            return cloud.left_out("HOST", {self._own_host})
        return cloud.left_out("VNET" if selected.datastores else "DS", frozenset())

    def _refused(self, refusal: Refusal, cloud: Cloud) -> tuple[Reason, ...]:
        """Return what candidates failed at, those that the core had left out too."""
        hosts, datastores, networks, _ = self.selection
        sorts = {sort for sort, _ in refusal.by_candidate}
        reasons = [*refusal.reasons, *refusal.screened_out]
        if "HOST" in sorts:
            reasons += cloud.left_out("HOST", {*hosts, self._own_host})
        if not refusal.request.migrates:
            if "DS" in sorts:
                reasons += cloud.left_out("DS", {*datastores})
            if "VNET" in sorts:
                reasons += cloud.left_out("VNET", {*chain(*networks.values())})
        failures = Failures()
        for reason in reasons:
            failures.extend(reason.cause, reason.candidates)
        return failures.reasons()


def _request(vm: Element, expressions: VmExpressions, listed: Listed, configuration: Configuration) -> Request:
    """Return what the scheduler gets, with the requirements that led to the lists too, unless those play no part."""
    migrates = integer_at(vm, "RESCHED", 0) == 1
    scale = configuration.memory_system_ds_scale
    request = request_of(vm, expressions, listed=listed if migrates else None, scale=scale)
    nics = tuple(replace(nic, networks=listed.networks.get(nic.id, ())) for nic in request.nics)
    return replace(request, hosts=listed.hosts, datastores=listed.datastores, nics=nics)


def _is_short(vm: Element) -> bool:
    """Tell whether OpenNebula printed a VM in short; what others wrote, and may be short, has no time of a last poll."""
    return vm.find("LAST_POLL") is not None and vm.find("PERMISSIONS") is None and vm.find("PREV_STATE") is None
