"""Credentials for oVirt's engine: where they come from, and that the password stays where it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory import Credentials, read_credentials

PASSWORD = "s3cret = word"


def write(folder: Path, content: str | bytes, mode: int = 0o600) -> Path:
    path = folder / "credentials"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def failure(path: Path | None = None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(InventoryError) as caught:
        read_credentials(path, environment=environment or {})
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert "s3cret" not in repr(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        f"username=admin@internal\npassword={PASSWORD}\n",
        f"# of the engine\n\n password = {PASSWORD} \r\nusername = admin@internal",
    ],
)
@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_from_a_file(tmp_path: Path, content: str, mode: int) -> None:
    found = read_credentials(write(tmp_path, content, mode), environment={"MATCHMAKER_OVIRT_PASSWORD": "other"})
    assert found == Credentials("admin@internal", PASSWORD)
    assert found.password == PASSWORD


def test_from_the_environment() -> None:
    environment = {"MATCHMAKER_OVIRT_USERNAME": "admin@internal", "MATCHMAKER_OVIRT_PASSWORD": PASSWORD}
    assert read_credentials(environment=environment) == Credentials("admin@internal", PASSWORD)


@pytest.mark.parametrize(
    "environment", [{}, {"MATCHMAKER_OVIRT_USERNAME": "a"}, {"MATCHMAKER_OVIRT_PASSWORD": "s3cret"}]
)
def test_an_environment_that_has_none(environment: dict[str, str]) -> None:
    assert failure(environment=environment) == (
        "there are no credentials for oVirt's engine: set MATCHMAKER_OVIRT_USERNAME and MATCHMAKER_OVIRT_PASSWORD, or name a file"
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601, 0o660])
def test_a_file_that_others_may_open(tmp_path: Path, mode: int) -> None:
    path = write(tmp_path, f"username=a\npassword={PASSWORD}", mode)
    assert failure(path) == f"{path} holds a password, and others than its owner may open it: run chmod 600 on it"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", ": expected the lines `username=...` and `password=...`"),
        ("username=a", ": expected the lines `username=...` and `password=...`"),
        ("a\ns3cret", ", line 1: expected `username=...` and `password=...`, once each"),
        ("username=a\npasswort=s3cret", ", line 2: expected `username=...` and `password=...`, once each"),
        ("username=a\nusername=s3cret", ", line 2: expected `username=...` and `password=...`, once each"),
        ("username=a\n=s3cret", ", line 2: expected `username=...` and `password=...`, once each"),
        (b"username=a\npassword=s3cret\xff", " is not in UTF-8"),
    ],
)
def test_a_file_that_holds_something_else(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = write(tmp_path, content)
    assert failure(path) == f"{path}{message}"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert failure(tmp_path / "absent") == f"cannot read {tmp_path / 'absent'}: No such file or directory"
    assert failure(tmp_path) == f"cannot read {tmp_path}: Is a directory"


@pytest.mark.parametrize(
    ("username", "password"), [("", "s3cret"), ("a\nb", "s3cret"), ("a", ""), ("a", "s3cret\r\nX: y")]
)
def test_credentials_that_are_none(username: str, password: str) -> None:
    with pytest.raises(InventoryError) as caught:
        Credentials(username, password)
    assert "s3cret" not in str(caught.value)
    assert "is empty, or holds characters that do not print" in str(caught.value)


def test_a_name_that_cannot_be_sent() -> None:
    with pytest.raises(InventoryError, match=r"^the user name for oVirt's engine has a `:`"):
        Credentials("admin:s3cret", "x")


def test_the_password_is_not_shown() -> None:
    credentials = Credentials("admin@internal", PASSWORD)
    assert repr(credentials) == str(credentials) == f"{credentials}" == "Credentials(username='admin@internal')"
