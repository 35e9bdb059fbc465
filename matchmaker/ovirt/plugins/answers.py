"""What the server answers when a plug-in asks for hosts and virtual machines."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

from matchmaker.ovirt.cloud import Snapshot
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.plugins.matchmaker_worker.fields import HOST_ATTRIBUTES, VM_ATTRIBUTES

_log = logging.getLogger("matchmaker.ovirt")


def answer(question: Mapping[str, Any], snapshot: Snapshot) -> bytes:
    """Return what to send for a question.

    Parameters
    ----------
    question : mapping
        `{"ask": "hosts"}`, `{"ask": "vms"}` or `{"ask": "vm", "id": ...}`.
    snapshot : Snapshot
        What is known of the cloud.
    """
    try:
        found = _answer(question, snapshot)
    except InventoryError as error:
        return json.dumps({"error": str(error)}).encode()
    except Exception as error:  # the call fails, the server goes on
        _log.exception("the inventory failed while a plug-in asked for %s", question.get("ask"))
        return json.dumps({"error": f"the inventory failed: {type(error).__name__}"}).encode()
    # What is neither text nor number, such as an id that is an object, goes as its text.
    return json.dumps({"answer": found}, default=str).encode()


def _answer(question: Mapping[str, Any], snapshot: Snapshot) -> object:
    match question:
        case {"ask": "hosts"}:
            return [_of(host, HOST_ATTRIBUTES) for host in snapshot.hosts()]
        case {"ask": "vms"}:
            return [_of(vm, VM_ATTRIBUTES) for vm in snapshot.vms()]
        case {"ask": "vm", "id": str() as identifier}:
            vm = snapshot.vm(identifier)
            return None if vm is None else _of(vm, VM_ATTRIBUTES)
    return None


def _of(attributes: Mapping[str, Any], wanted: frozenset[str]) -> dict[str, Any]:
    return {name: attributes[name] for name in wanted & attributes.keys()}
