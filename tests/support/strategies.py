"""Values as a program may hand them over: any JSON value, unknowns and secrets at any depth."""

from typing import Any

from hypothesis import strategies as st

from paidsw.core.values import UNKNOWN, SecretValue
from paidsw.rules.registry import rules
from paidsw.trial.terms import TERMS

_WORDS = (
    "PRIVATE", "PUBLIC", "rootfs", "100Gi", "101Gi", "eth0", "eth1", "", "4", "LLM-Finetune-01", "oss://bucket/",
    *TERMS.regions, *TERMS.instance_types,
)  # fmt: skip
_KEYS = (
    "subType", "capacity", "maxIdleTimeInMinutes", "cpuPercentThreshold", "gpuPercentThreshold", "vpcId",
    "forwardInfos", "defaultRoute", "uri", "datasetId", "MY_TOKEN",
)  # fmt: skip
PROPERTIES = sorted({name for rule in rules().values() for name in rule.properties})

_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-10, 300),
    st.integers(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(0, 200),
    st.sampled_from(_WORDS),
    st.text(max_size=40),
    st.just(UNKNOWN),
)
_keys = st.sampled_from(_KEYS) | st.text(max_size=10)


def _extend(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(children, max_size=4),
        st.dictionaries(_keys, children, max_size=5),
        children.map(SecretValue),
    )


values = st.recursive(_leaves, _extend, max_leaves=12)
inputs = st.dictionaries(st.sampled_from(PROPERTIES) | st.text(max_size=8), values, max_size=10)
known_values = values.filter(lambda value: not has_unknown(value))
known_inputs = st.dictionaries(st.sampled_from(PROPERTIES), known_values, max_size=10)


def has_unknown(value: object) -> bool:
    """Whether UNKNOWN is anywhere in a value."""
    if isinstance(value, SecretValue):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    return value is UNKNOWN or (isinstance(value, list) and any(has_unknown(item) for item in value))
