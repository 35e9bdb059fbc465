"""What to say when oVirt's engine does not answer as it should: what was wrong, where, and what to do."""

from __future__ import annotations

import json
import ssl
from http import HTTPStatus

from matchmaker.diagnostics import shorten
from matchmaker.ovirt.errors import InventoryError
from matchmaker.ovirt.inventory.engine_settings import EXAMPLE

_ADDRESS_HINT = f"the url is that of the API, such as `{EXAMPLE}`"


class PassingFailure(Exception):
    """The engine does not answer now; it may when it is asked again."""


def untrusted(error: BaseException) -> ssl.SSLCertVerificationError | None:
    """Return the error about a certificate that another one came from, if there is one."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause


def untrusted_message(address: str, error: ssl.SSLCertVerificationError) -> str:
    """Say that the engine's certificate is not trusted."""
    return (
        f"the certificate of {address} is not trusted: {error.verify_message}; `ca_file` names the file of its authority, "
        "which an engine gives at /ovirt-engine/services/pki-resource?resource=ca-certificate&format=X509-PEM-CA"
    )


def refusal(address: str, status: int, location: str, body: bytes) -> InventoryError | PassingFailure:
    """Return the error that an HTTP status stands for.

    Parameters
    ----------
    address : str
        What was asked for.
    status : int
        The status, other than 200.
    location : str
        Where it redirects to.
    body : bytes
        The beginning of what came with it.
    """
    said = f"{address} answers with HTTP status {status}{_phrase(status)}"
    if 300 <= status < 400:
        return InventoryError(
            f"{address} redirects to `{shorten(location, 100)}`, which is not followed; {_ADDRESS_HINT}"
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return InventoryError(
            f"{address} refuses the credentials; is the password right, and is the user name complete, such as `admin@internal`, "
            "or `admin@ovirt@internalsso` where the engine uses Keycloak?"
        )
    if status == HTTPStatus.FORBIDDEN:
        return InventoryError(f"{said}; the user needs a role that may see all hosts, such as ReadOnlyAdmin")
    if status == HTTPStatus.NOT_FOUND:
        return InventoryError(f"{said}; {_ADDRESS_HINT}")
    if status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        return PassingFailure(f"{said}; is the service ovirt-engine running?")
    return InventoryError(said + _fault(body))


def not_json(address: str, body: bytes) -> InventoryError:
    """Return the error for an answer that cannot be read."""
    if body.lstrip()[:1] == b"<":
        return InventoryError(f"{address} answers with HTML or XML, not with JSON; {_ADDRESS_HINT}")
    return InventoryError(f"{address} answers with something that is not JSON; {_ADDRESS_HINT}")


def not_ovirt(address: str, key: str) -> InventoryError:
    """Return the error for JSON without what was asked for."""
    return InventoryError(f"{address} answers with JSON that has no `{key}`; {_ADDRESS_HINT}")


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


def _fault(body: bytes) -> str:
    """Return the engine's own words, `{"reason": ..., "detail": ...}`."""
    try:
        fault = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    detail = fault.get("detail") if isinstance(fault, dict) else None
    return f": `{shorten(detail.strip('[] '), 200)}`" if isinstance(detail, str) else ""
