"""Schemas: what they hold, how they are read and joined, and what is said about names that they do not know."""

from __future__ import annotations

import importlib.util
import pickle
from pathlib import Path

import pytest

from matchmaker.checking import DATASTORES, HOSTS, NETWORKS, AttributeInfo, Schema, check
from matchmaker.errors import DocumentError
from matchmaker.opennebula import read_pool

EXAMPLES = Path(__file__).parents[3] / "examples"
OWN = {"DATACENTER", "GPU", "RACK", "TIER", "MODE", "TRAFFIC_TYPE"}
"""What the administrator of the examples added."""
STRUCTURE = {"AR_POOL", "CLUSTERS", "CLUSTER_TEMPLATE", "DATASTORES", "DS", "ERROR_VMS", "HOST_SHARE", "IMAGES", "MONITORING",
             "NUMA_NODES", "OUTDATED_VMS", "PCI_DEVICES", "PERMISSIONS", "TEMPLATE", "UPDATED_VMS", "UPDATING_VMS", "VMS", "VROUTERS"}  # fmt: skip
"""Elements that hold others, whose text nobody compares."""


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("host_pool.xml", HOSTS),
        ("host_pool_4.6.xml", HOSTS),
        ("datastore_pool.xml", DATASTORES),
        ("vnet_pool.xml", NETWORKS),
    ],
)
def test_the_shipped_schemas_know_what_documents_have(name: str, schema: Schema) -> None:
    pool = read_pool(EXAMPLES / name)
    tags = {
        child.tag
        for candidate in pool
        for place in pool.kind.places  # type: ignore[attr-defined]
        for child in candidate.element.findall(f"{place}/*" if place else "*")
    }
    assert tags - OWN - STRUCTURE <= set(schema)


def test_units() -> None:
    assert HOSTS["FREE_CPU"].unit == "hundredths of a core"
    assert HOSTS["FREE_MEMORY"].unit == HOSTS["MAX_MEM"].unit == "KiB"
    assert HOSTS["FREE_DISK"].unit == DATASTORES["FREE_MB"].unit == "MB"
    assert all(
        each.type == "number" for schema in (HOSTS, DATASTORES, NETWORKS) for each in schema.values() if each.unit
    )
    assert all(each.description for schema in (HOSTS, DATASTORES, NETWORKS) for each in schema.values())


def test_joining() -> None:
    mine = Schema({"GPU": AttributeInfo("number", "", "GPUs"), "NAME": AttributeInfo("text", "", "mine")})
    both = HOSTS | mine
    assert set(both) == set(HOSTS) | {"GPU"}
    assert both["NAME"].description == "mine"
    assert (mine | HOSTS)["NAME"] == HOSTS["NAME"]
    assert "GPU" not in HOSTS
    assert Schema(["A", "B"]) == {"A": AttributeInfo(), "B": AttributeInfo()}
    with pytest.raises(TypeError):
        HOSTS | {"GPU": 1}


def test_a_schema_is_immutable() -> None:
    with pytest.raises(AttributeError):
        HOSTS._attributes = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        HOSTS["X"] = AttributeInfo()  # type: ignore[index]
    with pytest.raises(TypeError):
        HOSTS._attributes["X"] = AttributeInfo()  # type: ignore[index]
    again = pickle.loads(pickle.dumps(HOSTS))
    assert again == HOSTS
    assert hash(again) == hash(HOSTS)
    assert repr(Schema(["A"])) == "<Schema of 1 attributes>"


@pytest.mark.parametrize("attributes", [{"A": 1}, {1: AttributeInfo()}, [1]])
def test_what_is_no_schema(attributes: object) -> None:
    with pytest.raises(TypeError):
        Schema(attributes)  # type: ignore[arg-type]


def test_what_is_no_attribute() -> None:
    with pytest.raises(ValueError, match="`integer`"):
        AttributeInfo("integer")
    with pytest.raises(TypeError):
        AttributeInfo("text", 5)  # type: ignore[arg-type]


def test_reading(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(
        '\ufeff{"GPU": {}, "GPU_MEMORY": {"type": "number", "unit": "MB", "description": "of all"}}', "utf-8"
    )
    assert Schema.from_json(path) == {"GPU": AttributeInfo(), "GPU_MEMORY": AttributeInfo("number", "MB", "of all")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[]", ": a schema is an object that has attributes as members"),
        ('{"A": 5}', ": `A`: an attribute is an object that may have type, unit, description"),
        ('{"A": {"typ": "text"}}', ": `typ` is none of type, unit, description"),
        ('{"A": {"type": "integer"}}', ": `A`: the type of an attribute is `number` or `text`, not `integer`"),
        ('{"A": {"unit": null}}', ": `A`: type, unit and description of an attribute are texts"),
        ('{"A": {}, "A": {}}', ": a name stands there twice"),
        ('{"A": {}', ":1:9: expecting ',' delimiter"),
        ("[" * 100_000, " is nested too deep"),
        (b"\xff", " is not UTF-8"),
    ],
)
def test_files_that_are_no_schemas(tmp_path: Path, content: str | bytes, message: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(DocumentError) as caught:
        Schema.from_json(path)
    assert str(caught.value).endswith(message)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"^cannot read .*: No such file or directory$"):
        Schema.from_json(tmp_path / "none.json")


def unknown(text: str, schema: Schema = HOSTS, expression: str = "requirement") -> list[tuple[str, tuple[str, ...]]]:
    return [
        (text[slice(*each.span)], each.hints)
        for each in check(text, schema=schema, expression=expression)
        if each.code == "MM219"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('HYPERVISOR = "kvm" & FREE_CPU > 50 & CURRENT_VMS = 7', []),
        ('HYPERVISR = "kvm"', [("HYPERVISR", ("did you mean `HYPERVISOR`?",))]),
        ("FREE_MEMRY > 4096", [("FREE_MEMRY", ("did you mean `FREE_MEMORY`, in KiB?",))]),
        ("free_cpu > 50", [("free_cpu", ("did you mean `FREE_CPU`, in hundredths of a core?",))]),
        ("QUITE_SOMETHING_ELSE = 5", [("QUITE_SOMETHING_ELSE", ())]),
        ('"DS[ID=100]/FREE_MB" > 4 & "CLUSTERS/ID" @> 3', []),
        ('"RACKS" = 1', [('"RACKS"', ())]),
        (f"{'A' * 100} = 1", [("A" * 100, ())]),
        ("RACK = 1 & RACK = 2", [("RACK", ()), ("RACK", ())]),
    ],
)
def test_unknown_attributes(text: str, expected: list[tuple[str, tuple[str, ...]]]) -> None:
    assert unknown(text) == expected


def test_unknown_attributes_of_a_rank() -> None:
    assert unknown("FREE_CPU - RUNING_VMS", expression="rank") == [("RUNING_VMS", ("did you mean `RUNNING_VMS`?",))]


def test_without_a_schema_nothing_is_said() -> None:
    assert check("ANYTHING = 5") == ()
    assert unknown("ANYTHING = 5", Schema(["ANYTHING"])) == []
    assert unknown("ANYTHING = 5", Schema()) == [("ANYTHING", ())]


def test_the_page_is_up_to_date() -> None:
    path = EXAMPLES.parent / "docs" / "generate_schema.py"
    specification = importlib.util.spec_from_file_location("generate_schema", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    assert module.PAGE.read_text("utf-8") == module.page(), f"run docs/{path.name}"
