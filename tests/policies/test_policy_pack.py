"""The harness against a pack that knows nothing of the free tier."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from paidsw.core.values import UNKNOWN, SecretValue
from tests.support.policy_pack import Declared, HarnessError, Pack, Provider, urn_of

PACKS = Path(__file__).with_name("packs")


@pytest.fixture(scope="module")
def pack() -> Iterator[Pack]:
    with Pack.start(PACKS / "echo", project="shop", stack="test") as started:
        yield started


@pytest.fixture(autouse=True)
def _reset(pack: Pack) -> None:
    pack.configure({})


def _seen(pack: Pack, resource: Declared) -> dict[str, Any]:
    (found,) = [one for one in pack.analyze(resource) if one.policy == "look"]
    seen: dict[str, Any] = json.loads(found.text)
    return seen


def test_it_asks_a_pack_who_it_is(pack: Pack) -> None:
    assert pack.info.name == "echo"
    assert [policy.name for policy in pack.info.policies] == ["look", "read", "fix", "stack"]


def test_numbers_arrive_as_floats_and_properties_as_proxies(pack: Pack) -> None:
    seen = _seen(pack, Declared("a:b:C", {"number": 100}))
    assert (seen["number"], seen["kind"]) == ("100.0", "_DictProxy")


def test_secrets_arrive_in_clear(pack: Pack) -> None:
    assert _seen(pack, Declared("a:b:C", {"secret": SecretValue("open")}))["secret"] == "open"


def test_internal_keys_are_left_out_of_an_analysis(pack: Pack) -> None:
    assert _seen(pack, Declared("a:b:C", {"__defaults": [], "x": 1}))["keys"] == ["x"]


def test_internal_keys_stay_in_a_remediation(pack: Pack) -> None:
    pack.configure({"fix": "remediate"})
    (fixed,) = pack.remediate(Declared("a:b:C", {"__defaults": [], "x": 1}))
    assert fixed.properties == {"__defaults": [], "x": 1.0, "fixed": True}
    assert fixed.diagnostic == ""


def test_nothing_is_remediated_unless_asked_for(pack: Pack) -> None:
    assert pack.remediate(Declared("a:b:C", {"x": 1})) == []


def test_an_unknown_value_ends_the_rule_that_reads_it_with_an_advisory(pack: Pack) -> None:
    found = [
        one for one in pack.analyze(Declared("a:b:C", {"later": UNKNOWN}, name="n")) if one.policy == "read"
    ]
    assert [one.level for one in found] == ["mandatory", "advisory"]
    assert found[0].text == "before n"
    assert "can't be known during preview" in found[1].message


def test_a_mistake_in_the_pack_is_reported_with_its_words(pack: Pack) -> None:
    with pytest.raises(HarnessError, match="a mistake in the pack"):
        pack.analyze(Declared("a:b:C", {"boom": True}))


def test_options_arrive(pack: Pack) -> None:
    resource = Declared(
        "a:b:C",
        name="n",
        parent="urn:pulumi:test::shop::a:b:P::p",
        protect=True,
        ignore_changes=["x"],
        aliases=["urn:old"],
        additional_secret_outputs=["token"],
        delete_before_replace=True,
        timeouts=(60.0, 0.0, 0.0),
    )
    seen = _seen(pack, resource)
    assert seen["urn"] == "urn:pulumi:test::shop::a:b:C::n"
    assert (seen["protect"], seen["ignore"], seen["aliases"]) == (True, ["x"], ["urn:old"])
    assert (seen["secretOutputs"], seen["beforeReplace"], seen["create"]) == (["token"], True, 60.0)
    assert seen["parent"] == "urn:pulumi:test::shop::a:b:P::p"


def test_defaults_of_options_are_those_of_the_engine(pack: Pack) -> None:
    seen = _seen(pack, Declared("a:b:C"))
    assert (seen["protect"], seen["beforeReplace"], seen["parent"]) == (False, None, None)


def test_a_provider_arrives_with_its_properties_and_a_component_has_none(pack: Pack) -> None:
    provider = Provider("paidsw", "explicit", {"region": "cn-beijing", "size": 5})
    seen = _seen(pack, Declared("a:b:C", provider=provider))
    assert seen["provider"] == ["pulumi:providers:paidsw", "explicit", {"region": "cn-beijing", "size": 5.0}]
    assert _seen(pack, Declared("a:b:Component", provider=None))["provider"] is None


def test_a_stack_arrives_with_parents_and_dependencies(pack: Pack) -> None:
    parent = Declared("a:b:P", name="parent")
    source = Declared("a:b:S", name="source")
    child = Declared(
        "a:b:C",
        name="child",
        parent=urn_of(parent, "shop", "test"),
        dependencies=[urn_of(source, "shop", "test")],
        property_dependencies={"x": [urn_of(source, "shop", "test")], "y": []},
    )
    found = pack.analyze_stack([parent, source, child])
    assert json.loads(found[2].text) == ["child", "parent", ["source"], {"x": ["source"], "y": []}]
    assert found[2].urn == urn_of(child, "shop", "test")


def test_all_sets_every_level_and_an_entry_overrides_it(pack: Pack) -> None:
    pack.configure({"all": "disabled", "look": {"enforcementLevel": "mandatory", "limit": 4}})
    found = pack.analyze(Declared("a:b:C", {"later": 1}))
    assert [(one.policy, one.level) for one in found] == [("look", "mandatory")]
    assert json.loads(found[0].text)["config"] == {"limit": 4.0}


def test_an_entry_without_a_level_keeps_the_general_one(pack: Pack) -> None:
    pack.configure({"all": "mandatory", "look": {"limit": 1}})
    assert {one.level for one in pack.analyze(Declared("a:b:C", {"later": 1}))} == {"mandatory"}


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"look": {"limit": 6}}, "look: .*limit.*6"),
        ({"look": "strict"}, "'strict' is not an enforcement level"),
    ],
)
def test_a_configuration_is_refused_as_the_engine_refuses_it(
    pack: Pack, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        pack.configure(config)


def test_a_pack_that_does_not_start_is_reported_with_its_reason() -> None:
    with pytest.raises(HarnessError, match="the reason is on stderr"):
        Pack.start(PACKS / "broken")


def test_a_pack_that_is_not_there_is_reported() -> None:
    with pytest.raises(HarnessError, match="did not print a port number"):
        Pack.start(PACKS / "absent")


def test_closing_ends_the_process() -> None:
    with Pack.start(PACKS / "echo") as started:
        process = started._process
        assert process.poll() is None
    assert process.poll() is not None
