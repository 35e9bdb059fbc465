"""A changed document reads as the texts that its new values stand for, and as it did where nothing was changed."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from matchmaker import CandidateError, Rank, Requirement
from matchmaker.attributes.values import texts
from matchmaker.opennebula import HOST, Document, candidate
from matchmaker.opennebula.xpath import in_brief
from matchmaker.testing import ranks, requirements
from matchmaker.testing.strategies import values

NAMES = ("A", "B", "C")
changes = st.dictionaries(st.sampled_from(NAMES), values, max_size=3)


@st.composite
def documents(draw: DrawFn) -> Document:
    """Draw hosts with attributes in all search places and elsewhere, in any order, with texts around them."""
    elements = st.builds(
        "<{0}>{1}</{0}>{2}".format, st.sampled_from(NAMES), st.sampled_from(("", "5", "kvm", "<B>7</B>")), st.sampled_from(("", "\n", "x"))
    )  # fmt: skip
    pieces = []
    for place in draw(st.lists(st.sampled_from((*HOST.places, "OTHER", "HOST_SHARE/OTHER")), max_size=5)):
        tags = list(filter(None, place.split("/")))
        inside = "".join(draw(st.lists(elements, max_size=3)))
        pieces.append("".join(f"<{tag}>" for tag in tags) + inside + "".join(f"</{tag}>" for tag in reversed(tags)))
    return candidate(f"<HOST><ID>1</ID>{''.join(pieces)}</HOST>")


def values_of(document: Document, names: Any = NAMES) -> dict[str, Any]:
    return {name: document.attributes[name] for name in names}


@given(documents(), changes)
def test_a_changed_document_reads_as_its_texts(document: Document, attributes: dict[str, Any]) -> None:
    before = values_of(document)
    try:
        after = document.with_attributes(attributes)
    except CandidateError:  # a value that has no text, or none that XML can hold
        assert values_of(document) == before
        return
    wanted = {name: in_brief(list(texts(value, name))) for name, value in attributes.items()}
    assert values_of(after) == before | wanted
    assert values_of(pickle.loads(pickle.dumps(after))) == before | wanted
    assert values_of(candidate(document.element)) == before
    assert after.attributes["OTHER"] == document.attributes["OTHER"]


@given(documents(), changes, requirements(names=NAMES, max_depth=2), ranks(names=NAMES, max_depth=2))
def test_a_changed_document_answers_as_a_mapping_that_was_changed(
    document: Document, attributes: dict[str, Any], requirement: Requirement, rank: Rank
) -> None:
    plain = values_of(document) | attributes
    try:
        after = document.with_attributes(attributes)
        expected = requirement.matches(plain), rank.score(plain)
    except CandidateError:  # a whole number has too many digits for a text
        return
    assert (requirement.matches(after), rank.score(after)) == expected
