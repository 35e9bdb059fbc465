"""Where a quoted name may lead is found out without XPath, and changes no answer."""

from hypothesis import given
from hypothesis import strategies as st

from matchmaker.opennebula import candidate
from matchmaker.opennebula.kinds import HOST
from matchmaker.opennebula.xpath import joined, value_of

TAGS = ["ID", "A", "DS", "TEMPLATE", "HOST_SHARE", "DATASTORES", "MONITORING", "CAPACITY"]
steps = st.tuples(
    st.sampled_from(TAGS), st.sampled_from(["", "", "[1]", "[2]", "[ID=1]", "[A='x']", "[last()]", "[../A]"])
).map("".join)
names = st.lists(steps, min_size=1, max_size=3).map("/".join) | st.sampled_from(
    ["A|DS", "../A", "//A", "A[", "A/..", "A//ID"]
)
trees = st.recursive(
    st.sampled_from(["", "1", "x"]),
    lambda inside: st.lists(st.tuples(st.sampled_from(TAGS), inside), max_size=4).map(
        lambda children: "".join(f"<{tag}>{content}</{tag}>" for tag, content in children)
    ),
    max_leaves=12,
)


@given(trees, names)
def test_a_quoted_name_means_what_all_search_places_together_say(content: str, name: str) -> None:
    host = candidate(f"<HOST>{content}</HOST>")
    assert repr(host.attributes[f"{name} "]) == repr(value_of(joined(f"{name} ", "HOST", HOST.places), host.element))
    if not name.isalnum():
        assert repr(host.attributes[name]) == repr(value_of(joined(name, "HOST", HOST.places), host.element))
