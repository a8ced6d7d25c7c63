"""Settings of the providers: each that there is, classified; what is refused, and in which words."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pulumi_alicloud as alicloud
import pytest

from paidsw.core.emulator_name import REHEARSAL
from paidsw.core.problems import Problem
from paidsw.core.provider_settings import (
    ACCEPTED,
    ALICLOUD,
    ENDPOINTS_FILE,
    PAIDSW,
    REFUSED,
    VARIABLES,
    in_environment,
    in_file,
    in_folder,
    in_program,
    is_rehearsal,
    rehearsal,
)
from paidsw.core.text import camel_case
from paidsw.provider import config

PROJECT = "dsw-free-tier"
OF_ENGINE = {"version", "pluginDownloadURL", "__internal"}
# Once or nowhere in the plugin's schema, and all the more refused.
OF_NO_VERSION = {"insecure"}


def one(found: list[Problem]) -> str:
    (problem,) = found
    sentence = str(problem.message)
    assert sentence.startswith(problem.name)
    assert "\n" not in sentence
    return sentence


class TestClassification:
    """A new version of a provider may bring a setting that nobody has judged."""

    def test_every_setting_of_alicloud_is_accepted_or_refused(self) -> None:
        given = set(inspect.signature(alicloud.ProviderArgs.__init__).parameters) - {"__self__"}
        names = {camel_case(name) for name in given}
        assert len(names) > 20
        judged = ACCEPTED[ALICLOUD] | REFUSED[ALICLOUD].keys()
        assert judged - OF_ENGINE - OF_NO_VERSION == names

    def test_every_setting_of_our_own_provider_is_accepted_or_refused(self) -> None:
        assert ACCEPTED[PAIDSW] | REFUSED[PAIDSW].keys() - OF_ENGINE == set(config.KEYS)

    @pytest.mark.parametrize("package", list(ACCEPTED))
    def test_none_is_both(self, package: str) -> None:
        assert not ACCEPTED[package] & REFUSED[package].keys()


class TestRefused:
    """One sentence each, with the setting as it is written."""

    @pytest.mark.parametrize(
        ("key", "words"),
        [
            ("alicloud:endpoints", "can send signed requests to a host that isn't Alibaba Cloud's"),
            ("alicloud:skipRegionValidation", "can send signed requests to a host"),
            ("alicloud:protocol", "can send signed requests without TLS"),
            ("alicloud:insecure", "can send signed requests without TLS"),
            ("alicloud:assumeRole", "can have requests signed as somebody else"),
            ("alicloud:accountType", "decides which site of Alibaba Cloud is asked"),
            ("alicloud:sourceIp", "can claim that a request came over TLS or from another address"),
            ("alicloud:signVersion", "can have requests signed in an older, weaker way"),
            ("alicloud:credentialsUri", "can have requests signed as somebody else"),
            ("alicloud:pluginDownloadURL", "decides which plugin Pulumi downloads and runs"),
            ("paidsw:pluginDownloadURL", "decides which plugin Pulumi downloads and runs"),
            ("paidsw:emulator", "together with alicloud:endpoints, alicloud:protocol, alicloud:accountType"),
            (
                "alicloud:httpProxy",
                "is not a setting that is known to be safe; allowed of alicloud: accessKey",
            ),
        ],
    )
    def test_it_says_what_the_setting_can_do_and_what_removes_it(self, key: str, words: str) -> None:
        for found in (in_program({key: "x"}), in_file({key: "x"}, PROJECT)):
            sentence = one(found)
            assert sentence.startswith(f"{key} ")
            assert words in sentence
            assert f"pulumi config rm {key}" in sentence

    @pytest.mark.parametrize(
        "key",
        [f"{package}:{name}" for package, names in REFUSED.items() for name in names],
    )
    def test_each_whatever_its_value(self, key: str) -> None:
        values: tuple[Any, ...] = ("", "HTTPS", None, [], {"secure": "v1:x"})
        for value in values:
            assert one(in_program({key: value}) or in_file({key: value}, PROJECT)).startswith(key)
            assert len(in_file({key: value}, PROJECT)) == 1

    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("alicloud:regoin", "alicloud:region"),
            ("alicloud:access_key", "alicloud:accessKey"),
            ("paidsw:caBundel", "paidsw:caBundle"),
            ("pulumi:tag", "pulumi:tags"),
        ],
    )
    def test_a_misspelt_one_names_the_nearest(self, key: str, meant: str) -> None:
        package = key.partition(":")[0]
        sentence = one(in_file({key: "x"}, PROJECT))
        assert sentence.startswith(f"{key} is not a setting of {package}, did you mean {meant}?")

    @pytest.mark.parametrize(
        "key", ["alicloud:endpoint", "alicloud:Protocol", "alicloud:insecur", "paidsw:emulater"]
    )
    def test_no_name_is_advised_that_is_refused_too(self, key: str) -> None:
        sentence = one(in_file({key: "x"}, PROJECT))
        assert "did you mean" not in sentence
        assert f"pulumi config rm {key}" in sentence

    def test_the_older_form_of_a_key_is_the_same_setting(self) -> None:
        assert "without TLS" in one(in_file({"alicloud:config:protocol": "HTTP"}, PROJECT))
        assert in_file({"alicloud:config:region": "cn-beijing"}, PROJECT) == []

    def test_certificates_do_not_come_with_a_branch(self) -> None:
        key, advice = "paidsw:caBundle", "give an absolute path, or set SSL_CERT_FILE"
        for file in ("ca.pem", "./ca.pem", "../ca.pem", ""):
            for found in (in_file({key: file}, PROJECT), in_program({key: file})):
                assert one(found).startswith(f'{key} is "{file}", which may come with the branch')
                assert one(found).endswith(advice)
        assert in_file({key: "/etc/ca.pem"}, PROJECT) == in_program({key: "/etc/ca.pem"}) == []

    def test_no_value_is_shown(self) -> None:
        for key in ("alicloud:assumeRole", "alicloud:secretKye", "paidsw:emulator"):
            assert "planted" not in one(in_program({key: "planted"}))

    @pytest.mark.parametrize("key", ["alicloud:a\x1b[31mb", "alicloud:x; rm -rf ~", f"alicloud:{'x' * 5000}"])
    def test_a_hostile_name_is_neither_printed_as_it_is_nor_a_command(self, key: str) -> None:
        (problem,) = in_file({key: ""}, PROJECT)
        sentence = str(problem.message)
        assert sentence.isprintable()
        assert len(sentence) < 500
        assert "rm alicloud:x; rm" not in sentence


class TestAccepted:
    """What says who signs, or how long to wait."""

    @pytest.mark.parametrize(
        "key", [f"{package}:{name}" for package in ACCEPTED for name in sorted(ACCEPTED[package])]
    )
    def test_each(self, key: str) -> None:
        assert in_program({key: "/x"}) == in_file({key: "/x"}, PROJECT) == []

    def test_the_projects_own_are_no_providers(self) -> None:
        own = {f"{PROJECT}:endpoints": "x", "image": "y"}
        assert in_program(own) == in_file(own, PROJECT) == []

    def test_of_other_packages_a_program_may_have_some_and_the_file_none(self) -> None:
        assert in_program({"random:seed": "1", "pulumi:whatever": "x"}) == []
        assert "a package that this stack doesn't have" in one(in_file({"random:seed": "1"}, PROJECT))

    @pytest.mark.parametrize(
        ("key", "meant"),
        [
            ("dsw_free_tier:sessionHours", f"{PROJECT}:sessionHours"),
            ("Alicloud:region", "alicloud:region"),
            ("paisdw:caBundle", "paidsw:caBundle"),
        ],
    )
    def test_of_a_misspelt_package_in_the_file_the_right_one_is_named(self, key: str, meant: str) -> None:
        assert f"did you mean {meant}? correct it, or remove it: pulumi config rm {key}" in one(
            in_file({key: "x"}, PROJECT)
        )


class TestRehearsal:
    """The settings of a rehearsal: together, and towards this machine."""

    @pytest.mark.parametrize("emulator", [REHEARSAL, "http://127.0.0.1:8790", "http://[::1]:1", "/tmp/e"])
    def test_it_is_accepted_where_a_program_runs(self, emulator: str) -> None:
        settings = rehearsal(emulator)
        as_text = {key: one if isinstance(one, str) else json.dumps(one) for key, one in settings.items()}
        assert in_program(settings) == in_program(as_text) == []
        assert len(in_file(settings, PROJECT)) == 4

    @pytest.mark.parametrize("missing", list(rehearsal(REHEARSAL)))
    def test_all_or_none(self, missing: str) -> None:
        settings = {key: value for key, value in rehearsal(REHEARSAL).items() if key != missing}
        assert {problem.name for problem in in_program(settings)} == settings.keys()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("paidsw:emulator", "http://10.0.0.1:1"),
            ("paidsw:emulator", "emulator.example"),
            ("paidsw:emulator", 5),
            ("alicloud:protocol", "HTTPS"),
            ("alicloud:accountType", "x"),
            ("alicloud:endpoints", []),
            ("alicloud:endpoints", [{}]),
            ("alicloud:endpoints", "not JSON"),
            ("alicloud:endpoints", "[" * 100_000),
            ("alicloud:endpoints", [{"aiworkspace": "evil.example"}]),
            ("alicloud:endpoints", [{"aiworkspace": "127.0.0.1@evil.example"}]),
            ("alicloud:endpoints", [{"aiworkspace": "http://127.0.0.1:1"}]),
            ("alicloud:endpoints", [{"aiworkspace": "127.0.0.1:1", "sts": "evil.example"}]),
            ("alicloud:endpoints", [{"aiworkspace": "127.0.0.1:1"}, {"location": "evil.example"}]),
            ("alicloud:endpoints", [{"aiworkspace": "127.0.0.1:1"}, "evil.example"]),
            ("alicloud:endpoints", {"aiworkspace": "127.0.0.1:1"}),
        ],
    )
    def test_none_towards_anywhere_else(self, key: str, value: Any) -> None:
        settings = rehearsal(REHEARSAL) | {key: value}
        assert not is_rehearsal(settings)
        assert len(in_program(settings)) == 4

    def test_it_excuses_nothing_else(self) -> None:
        assert "signed as somebody" in one(in_program({**rehearsal(REHEARSAL), "alicloud:assumeRole": "{}"}))


class TestAround:
    """What does the same from outside the configuration."""

    @pytest.mark.parametrize("name", VARIABLES)
    def test_a_variable_that_names_a_host(self, name: str) -> None:
        sentence = one(
            [
                Problem(f"the environment variable {name}", each.message)
                for each in in_environment({name: "x"})
            ]
        )
        assert sentence.endswith(f"unset {name}")

    def test_an_empty_one_and_credentials_are_left_alone(self) -> None:
        assert (
            in_environment({VARIABLES[0]: "", "ALIBABA_CLOUD_ACCESS_KEY_ID": "x", "OSS_ENDPOINT": "y"}) == []
        )

    def test_a_file_that_names_hosts(self, tmp_path: Path) -> None:
        assert in_folder(tmp_path) == []
        (tmp_path / ENDPOINTS_FILE).symlink_to("elsewhere")
        assert one(in_folder(tmp_path)).startswith("endpoints.xml can send")
