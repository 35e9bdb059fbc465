"""From requests to a plan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

from matchmaker.attributes.numbers import float32
from matchmaker.expressions import Rank
from matchmaker.limits import Budget
from matchmaker.matching.pool import Pool
from matchmaker.placement.dispatching import Dispatcher
from matchmaker.placement.groups import Group, affined_sets, lead_affined, restrict, united_sets
from matchmaker.placement.ledger import Ledger
from matchmaker.placement.needs import Need
from matchmaker.placement.orders import Orders
from matchmaker.placement.plans import Action, Plan, Refusal
from matchmaker.placement.requests import Request, as_rank
from matchmaker.placement.resources import Datastore, HostLike, ImageDatastore, Network, resources_of
from matchmaker.placement.screening import Screened, Screening

PATIENCE = 0.2
PER_HOST = 0.001
"""How long the search for one request's place may take, in seconds of CPU time."""

Input = TypeVar("Input")
Outcome = TypeVar("Outcome")


def place(
    requests: Iterable[Request],
    hosts: Iterable[HostLike] | Pool,
    datastores: Iterable[Datastore | ImageDatastore] | Pool,
    networks: Iterable[Network] | Pool = (),
    *,
    images: Mapping[int, int] = MappingProxyType({}),
    groups: Iterable[Group] = (),
    running: Mapping[int, int] = MappingProxyType({}),
    host_rank: Rank | str | None = None,
    datastore_rank: Rank | str | None = None,
    network_rank: Rank | str | None = None,
    max_host: int = 0,
    different_vnets: bool = True,
    compatibility: bool = True,
    budgets: Mapping[int, Budget] = MappingProxyType({}),
) -> Plan:
    """Place requests on hosts, system datastores and virtual networks, as OpenNebula's rank scheduler does.

    Requests are screened by ascending id: which candidates has each by itself? Then they take their places, the one of the
    highest priority first, and what each takes is booked at once.

    Parameters
    ----------
    requests : iterable of Request
        What is to be placed.
    hosts : iterable of Host, or Pool
        Where to. A pool of OpenNebula's documents will do, here and below.
    datastores : iterable of Datastore and ImageDatastore, or Pool
        The system datastores, and those that images lie on.
    networks : iterable of Network, or Pool
        The virtual networks.
    images : mapping of int to int
        The free space in MB of image datastores that are not among the datastores.
    groups : iterable of Group
        The VM groups.
    running : mapping of int to int
        The host of each member of a group that runs. With compatibility this is for affinity alone, as OpenNebula has it: to
        be kept apart from, a member has to be among its host's `vms`.
    host_rank, datastore_rank, network_rank : Rank, str or None
        What candidates are sorted by where a request has no rank of its own. Among equals, and so without any rank, the
        last in the list is the first.
    max_host : int
        How many requests one host may be given; 0 for any number.
    different_vnets : bool
        Whether the interfaces of one request need different networks.
    compatibility : bool
        Whether OpenNebula's defects are reproduced. Without, an affined set lands together, PCI devices go first to requests
        that few devices suit, and NUMA nodes are never overcommitted.
    budgets : mapping of int to Budget
        The time that a request's expressions may take, by the request's id. For those that are there, looking for a place
        is limited too: to a fifth of a second, and a millisecond for each host.

    Raises
    ------
    PoolError
        If two resources of a sort have one id, or a pool holds plain mappings.
    CandidateError
        If a resource's candidate is neither a mapping nor a document.

    Returns
    -------
    Plan
        Each request is in one of its actions, or in one of its refusals. The same input gives the same plan.

    Notes
    -----
    The rules were observed on OpenNebula 7.4.
    """
    places = resources_of(hosts, compatibility=compatibility)
    stores = resources_of(datastores, compatibility=compatibility)
    vnets = resources_of(networks, compatibility=compatibility)
    systems = [each for each in stores if not isinstance(each, ImageDatastore)]
    free = {**images, **{each.id: each.free for each in stores if isinstance(each, ImageDatastore)}}
    ledger = Ledger(places, systems, vnets, free, compatibility=compatibility, running=running)
    screening = Screening(
        ledger,
        systems,
        vnets,
        Orders(places, as_rank(host_rank)),
        Orders(systems, as_rank(datastore_rank)),
        Orders(vnets, as_rank(network_rank)),
    )
    dispatcher = Dispatcher(ledger, systems, vnets, max_host=max_host, different_vnets=different_vnets)

    def screen(need: Need) -> list[Screened | Refusal]:
        with need.patience:
            return [screening.screen(need)]

    refusals: list[Refusal] = []
    needs = _needs(requests, budgets, refusals, hosts=len(places), compatibility=compatibility)
    together = _apply_groups(groups, needs, running, compatibility=compatibility)
    screened: dict[int, Screened] = {}
    for key in sorted(needs):
        for found in _attempt(screen, needs[key], [needs[key].request]):
            if isinstance(found, Screened):
                screened[key] = found
            else:
                refusals.append(found)

    actions: list[Action] = []
    for stays, others in _split(screened, needs, together):
        refusals += [Refusal(request=screened.pop(each).need.request, summary=_cannot_leave(stays)) for each in others]
    for members in _turns(screened, together):
        for placed in _attempt(dispatcher.dispatch, members, [member.need.request for member in members]):
            if isinstance(placed, Action):
                actions.append(placed)
            else:
                refusals.append(placed)
    return Plan(tuple(actions), tuple(refusals))


def _needs(
    requests: Iterable[Request],
    budgets: Mapping[int, Budget],
    refusals: list[Refusal],
    *,
    hosts: int,
    compatibility: bool,
) -> dict[int, Need]:
    """Return what each request needs by its id; refuse what has the id of another."""
    needs: dict[int, Need] = {}
    for request in requests:
        if request.id in needs:
            refusals.append(Refusal(request=request, summary="Another request has the same id"))
        else:
            needs[request.id] = Need(request, budgets.get(request.id), compatibility=compatibility)
            if request.id in budgets:
                needs[request.id].patience = Budget(PATIENCE + hosts * PER_HOST, what="finding a place takes")
    return needs


def _apply_groups(
    groups: Iterable[Group], needs: Mapping[int, Need], running: Mapping[int, int], *, compatibility: bool
) -> list[tuple[int, ...]]:
    """Add to the needs what groups ask for, and return the sets that are to land together."""
    sets: list[tuple[int, ...]] = []
    for group in sorted(groups, key=lambda group: group.id):
        try:
            affined = affined_sets(group)
            if compatibility:
                lead_affined(affined, needs, running)
            else:
                sets += affined
            restrict(group, needs)
        except Exception as error:  # as in `_attempt`: this costs the group's members their places, and nobody else
            for need in (needs[member] for role in group.roles for member in role.members if member in needs):
                need.error = error
    return united_sets(sets, needs, running)


def _split(
    screened: Mapping[int, Screened], needs: Mapping[int, Need], together: Iterable[Sequence[int]]
) -> Iterator[tuple[int, list[int]]]:
    """Yield who was to move away from the others of its set and cannot, and these others, who had no place with it then."""
    for members in together:
        stays = [each for each in members if each not in screened and needs[each].request.migrates]
        if stays:
            yield stays[0], [each for each in members if each in screened]


def _cannot_leave(stays: int) -> str:
    return f"VM {stays} of its affined set is to move, and cannot"


def _turns(screened: Mapping[int, Screened], together: Iterable[Sequence[int]]) -> list[list[Screened]]:
    """Return who is served when: the highest priority first, among equals the lowest id, and sets with their first."""
    largest = max((abs(each.need.request.priority) for each in screened.values()), default=0.0)

    def urgency(key: int) -> tuple[float, int]:
        priority = screened[key].need.request.priority
        return (-float32(priority / largest) if largest else 0.0), key

    order = sorted(screened, key=urgency)
    sets = {key: members for members in together for key in members}
    turns: dict[int, list[Screened]] = {}
    for key in order:
        members = sets.get(key, (key,))
        turns.setdefault(members[0], []).append(screened[key])
    return list(turns.values())


def _attempt(
    work: Callable[[Input], Sequence[Outcome]], given: Input, requests: Sequence[Request]
) -> Sequence[Outcome | Refusal]:
    """Do some requests' work; whatever fails, the others go on, and these are refused with the reason.

    A mistake in matchmaker, or in a candidate's own code, must not cost the others their places, either.
    """
    try:
        return work(given)
    except Exception as error:
        return [Refusal(request=request, error=error) for request in requests]
