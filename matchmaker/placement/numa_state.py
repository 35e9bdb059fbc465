"""What is free on a NUMA node of a host while a plan grows."""

from __future__ import annotations

from dataclasses import replace

from matchmaker.placement.topology import Core, HostNode, HugePages, VirtualNode

_UNSIGNED = 2**64


class CoreState:
    """A core, with the CPUs of it that are taken.

    Parameters
    ----------
    core : Core
        The core as the host has it.
    vms_thread : int
        How many virtual machines may share a CPU.
    """

    __slots__ = ("core", "free", "mine", "uses", "whole", "whole_taken")

    def __init__(self, core: Core, *, vms_thread: int) -> None:
        usable = sum(not cpu.reserved for cpu in core.cpus)
        taken = sum(cpu.uses for cpu in core.cpus)
        self.core = core
        self.uses = [cpu.uses for cpu in core.cpus]
        self.free = 0 if core.dedicated else max(0, usable * vms_thread - taken)
        """How many more uses of its CPUs there can be."""
        self.whole = usable > 0 and taken == 0 and not core.dedicated
        """Whether it can be taken as a whole."""
        self.whole_taken = False
        """Whether it was taken as a whole."""
        self.mine: set[int] = set()
        """The CPUs that the virtual machine has which is being laid out."""

    def copy(self) -> CoreState:
        """Return a state that goes its own way from here."""
        other = object.__new__(CoreState)
        other.core, other.free, other.whole, other.whole_taken = self.core, self.free, self.whole, self.whole_taken
        other.uses, other.mine = self.uses[:], set(self.mine)
        return other

    def now(self) -> Core:
        """Return the core with what is taken of it."""
        cpus = tuple(replace(cpu, uses=uses) for cpu, uses in zip(self.core.cpus, self.uses, strict=True))
        return replace(self.core, cpus=cpus, dedicated=self.core.dedicated or self.whole_taken)

    def open(self, vms_thread: int) -> list[int]:
        """Return which of its CPUs, by position, the virtual machine that is being laid out can still take."""
        return [
            which
            for which, cpu in enumerate(self.core.cpus)
            if not cpu.reserved and self.uses[which] < vms_thread and which not in self.mine
        ]

    def take(self, which: list[int]) -> None:
        """Take CPUs, by position."""
        for each in which:
            self.uses[each] += 1
        self.free -= len(which)
        self.whole = self.whole and not which

    def take_whole(self) -> None:
        """Take all of it."""
        self.free = 0
        self.whole, self.whole_taken = False, True


class NodeState:
    """A NUMA node, with what is taken of it.

    Parameters
    ----------
    node : HostNode
        The node as the host has it.
    vms_thread : int
        How many virtual machines may share a CPU.
    compatibility : bool
        Whether to count as OpenNebula 7.4 does: pages as unsigned numbers, and free uses of CPUs even where one virtual node
        cannot have them all, as it takes no CPU twice.
    """

    __slots__ = ("_compatibility", "_cores", "_groups", "_vms_thread", "free", "node", "pages")

    def __init__(self, node: HostNode, *, vms_thread: int, compatibility: bool) -> None:
        self.node = node
        self.free = node.memory - node.usage
        """Free memory in KiB."""
        self.pages = {each.size: each.pages - each.usage for each in node.pages}
        """Free pages by size."""
        self._cores: list[CoreState] | None = None
        self._vms_thread = vms_thread
        self._compatibility = compatibility
        self._groups: dict[int, int] = {}

    def copy(self) -> NodeState:
        """Return a state that goes its own way from here."""
        other = object.__new__(NodeState)
        other.node, other.free, other.pages = self.node, self.free, dict(self.pages)
        other._cores = None if self._cores is None else [core.copy() for core in self._cores]
        other._vms_thread, other._compatibility = self._vms_thread, self._compatibility
        other._groups = dict(self._groups)
        return other

    def now(self) -> HostNode:
        """Return the node with what is taken of it."""
        return replace(
            self.node,
            usage=self.node.memory - self.free,
            cores=tuple(core.now() for core in self.cores),
            pages=tuple(
                HugePages(size=each.size, pages=each.pages, usage=each.pages - self.pages[each.size])
                for each in self.node.pages
            ),
        )

    @property
    def cores(self) -> list[CoreState]:
        """Its cores by ascending id."""
        if self._cores is None:
            cores = sorted(self.node.cores, key=lambda core: core.id)
            self._cores = [CoreState(core, vms_thread=self._vms_thread) for core in cores]
        return self._cores

    def groups(self, threads: int) -> int:
        """Return how many groups of so many threads there are; with 0, how many whole cores."""
        found = self._groups.get(threads)
        if found is None:
            if threads == 0:
                found = sum(core.whole for core in self.cores)
            else:
                found = sum(self._available(core) // threads for core in self.cores)
            self._groups[threads] = found
        return found

    def has_memory(self, memory: int, page: int, *, tallied: tuple[int, int] = (0, 0)) -> bool:
        """Tell whether memory, in KiB and in pages of that many KiB, is there beside what is set aside.

        Parameters
        ----------
        memory, page : int
            In KiB; a page of 0 means ordinary memory.
        tallied : tuple of int
            KiB and pages that are set aside already.
        """
        if self.free - tallied[0] < memory:
            return False
        if page == 0:
            return True
        free = self.free_pages(page, tallied[1])
        return free > 0 and free >= pages_of(memory, page)

    def has_all(self, memory: int, page: int) -> bool:
        """Tell whether all of a virtual machine's memory is there; more pages used than there are leave none, here."""
        return self.free >= memory and (page == 0 or self.pages.get(page, 0) >= max(1, pages_of(memory, page)))

    def free_pages(self, page: int, tallied: int = 0) -> int:
        """Return how many pages of a size are free beside those set aside; as OpenNebula counts, fewer than 0 are plenty."""
        if page not in self.pages:
            return 0
        free = self.pages[page] - tallied
        return free % _UNSIGNED if self._compatibility else free

    def take_memory(self, memory: int, page: int) -> None:
        """Take memory, in KiB and in pages of that many KiB."""
        self.free -= memory
        if page and page in self.pages:
            self.pages[page] -= pages_of(memory, page)

    def take_cpus(self, virtual: VirtualNode, threads: int) -> None:
        """Take the CPUs of a virtual node in groups of so many threads, or as whole cores with 0; cores by ascending id."""
        left = virtual.cpus
        for core in self.cores:
            if left <= 0:
                break
            if threads == 0:
                if core.whole:
                    core.take_whole()
                    left -= 1
                continue
            together = min(left, self._available(core) // threads * threads)
            if together > 0:
                which = core.open(self._vms_thread)[:together]
                core.take(which)
                left -= len(which)
                if not self._compatibility:
                    core.mine.update(which)
        self._groups.clear()

    def settle(self) -> None:
        """Forget which CPUs the virtual machine has that was laid out last."""
        for core in self.cores:
            core.mine.clear()
        self._groups.clear()

    def _available(self, core: CoreState) -> int:
        """Return how many uses of a core's CPUs a virtual node is offered."""
        if self._compatibility or core.free == 0:
            return core.free
        return min(core.free, len(core.open(self._vms_thread)))


def pages_of(memory: int, page: int) -> int:
    """Return how many pages of a size make up memory, both in KiB; less than a page needs none (OpenNebula 7.4, observed)."""
    return memory % _UNSIGNED // page
