"""Sets of candidates as Python's integers: bit `slot` tells whether the candidate in that slot is in the set.

Both engines hand over what they found in this form, so that all that is counted afterwards is counted once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_SET_BITS = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def of_flags(flags: Iterable[bool]) -> int:
    """Return the set of the places where a flag is true."""
    digits = "".join(["1" if flag else "0" for flag in flags])
    return int(digits[::-1], 2) if digits else 0


def of_slots(slots: Iterable[int]) -> int:
    """Return the set of some slots."""
    octets = bytearray()
    for slot in slots:
        if slot >> 3 >= len(octets):
            octets.extend(bytes((slot >> 3) + 1 - len(octets)))
        octets[slot >> 3] |= 1 << (slot & 7)
    return int.from_bytes(octets, "little")


def slots_of(members: int) -> Iterator[int]:
    """Yield the slots of a set, in order."""
    for place, octet in enumerate(octets_of(members)):
        if octet:
            for bit in _SET_BITS[octet]:
                yield place * 8 + bit


def octets_of(members: int) -> bytes:
    """Return a set as bytes, of which one can be looked at without the others."""
    return members.to_bytes((members.bit_length() + 7) // 8, "little")


def holds(octets: bytes, slot: int) -> bool:
    """Tell whether a slot is in a set given as bytes."""
    return slot >> 3 < len(octets) and bool(octets[slot >> 3] >> (slot & 7) & 1)
