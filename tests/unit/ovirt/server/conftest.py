from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchmaker.ovirt.server.http import RpcServer
from tests.unit.ovirt.server.wire import serving


@pytest.fixture
def server() -> Iterator[RpcServer]:
    """A server with the limits that it has when nothing else is said."""
    with serving() as running:
        yield running
