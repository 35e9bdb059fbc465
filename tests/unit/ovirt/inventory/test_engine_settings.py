"""Where oVirt's engine is, and whom to trust there: what is refused before anything is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory import Credentials, EngineInventory

URL = "https://engine.example.org/ovirt-engine/api"
CREDENTIALS = Credentials("admin@internal", "s3cret")
WANTED = f"the url of oVirt's engine is an address such as `{URL}`"


def failure(**options: Any) -> str:
    with pytest.raises(InventoryError) as caught:
        EngineInventory(**{"url": URL, "credentials": CREDENTIALS, **options})
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


def shown(url: str) -> str:
    inventory = EngineInventory(url=url, credentials=CREDENTIALS)
    inventory.close()
    return repr(inventory)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://engine.example.org:8443/ovirt-engine/api",
        "https://[2001:db8::7]/ovirt-engine/api",
        "http://localhost:8080/ovirt-engine/api",
        "http://127.0.0.1/ovirt-engine/api",
        "http://[::1]:8080/ovirt-engine/api",
    ],
)
def test_addresses(url: str) -> None:
    assert shown(url) == shown(url + "/") == f"<EngineInventory of {url}>"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "engine.example.org",
        "ftp://engine.example.org/api",
        "file:///etc/passwd",
        "https://",
        "https:///api",
        "https://[half/api",
        "https://engine:port/api",
        "https://engine:99999/api",
        "https://engine .example.org/api",
        "https://engine.example.org/a pi",
        "https://engine.example.org/\napi",
        "https://\u0435ngine.example.org/api",
    ],
)
def test_what_is_no_address(url: str) -> None:
    assert failure(url=url) == WANTED


@pytest.mark.parametrize("url", ["https://admin:s3cret@engine.example.org/api", "http://s3cret@localhost/api"])
def test_credentials_are_not_part_of_the_address(url: str) -> None:
    assert failure(url=url) == f"{WANTED}, without a user name and a password: these are the credentials"


@pytest.mark.parametrize("url", [f"{URL}?follow=nics", f"{URL}#top"])
def test_an_address_is_that_of_the_api(url: str) -> None:
    assert failure(url=url) == f"{WANTED}, without `?` and `#`"


@pytest.mark.parametrize(
    "host", ["engine.example.org", "127.0.0.1.example.org", "localhost.example.org", "10.0.0.1", "0.0.0.0", "[::]"]
)
def test_the_password_is_never_sent_to_another_machine_without_encryption(host: str) -> None:
    assert failure(url=f"http://{host}/api") == (
        f"the url `http://{host}/api` is not encrypted, and anybody on the way could read the password: write https"
    )


def test_a_file_of_authorities_that_is_none(tmp_path: Path) -> None:
    place = tmp_path / "ca.pem"
    assert failure(ca_file=place) == f"cannot read {place}: No such file or directory"
    place.write_text("-----BEGIN NOTHING-----")
    assert failure(ca_file=place) == f"{place} holds no certificate in PEM"


@pytest.mark.parametrize("name", ["connect_timeout", "timeout", "deadline"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf"), "5", True, None])
def test_times_that_are_none(name: str, value: object) -> None:
    assert failure(**{name: value}) == f"`{name}` is a positive number of seconds"


@pytest.mark.parametrize("value", [-1, 1.5, "2", True, None])
def test_numbers_that_are_none(value: object) -> None:
    assert failure(retries=value) == "`retries` is a whole number, at least 0"
    assert failure(largest=value) == "`largest` is a number of bytes, at least 1"
