"""The rehearsal's configuration and its runs of `pulumi`."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.settings import parse
from paidsw.cli import stack
from paidsw.cli.errors import CliError, ExitCode
from paidsw.core.provider_settings import endpoints
from paidsw.core.redaction import Secrets
from paidsw.provider.instance.inputs import Backup, Dataset
from paidsw.provider.property_model import PropertyModel
from paidsw.setup.layout import ROOT
from tests.support.readings import MISLEADING, REFUSED

EMULATOR = ".rehearsal/emulator"
PROJECT = "dsw-free-tier"


def names(part: type[PropertyModel]) -> list[str]:
    return [field.alias or name for name, field in part.model_fields.items()]


class TestWriteConfig:
    """The stack's own configuration, with the emulator as its cloud."""

    def write(self, folder: Path, text: str | bytes, *, keep_salt: bool = False) -> dict[str, Any]:
        source, target = folder / "Pulumi.dev.yaml", folder / "out" / "Pulumi.dev.yaml"
        source.write_bytes(text if isinstance(text, bytes) else text.encode())
        stack.write_config(source, target, EMULATOR, keep_salt=keep_salt)
        document: dict[str, Any] = yaml.safe_load(target.read_text("utf-8"))
        return document

    def refusal(self, folder: Path, text: str | bytes) -> str:
        with pytest.raises(CliError) as error:
            self.write(folder, text)
        sentence = str(error.value)
        assert "\n" not in sentence
        return sentence

    def test_settings_stay_and_the_cloud_is_the_emulator(self, tmp_path: Path) -> None:
        config = self.write(
            tmp_path, f"config:\n  alicloud:region: cn-beijing\n  {PROJECT}:idleMinutes: 20\n"
        )["config"]
        assert config["alicloud:region"] == "cn-beijing"
        assert config[f"{PROJECT}:idleMinutes"] == 20
        assert config["paidsw:emulator"] == EMULATOR
        assert config["alicloud:endpoints"] == [{"aiworkspace": EMULATOR}]
        assert config["alicloud:protocol"] == "HTTP"
        # The real plugin asks the billing service for it otherwise.
        assert config["alicloud:accountType"] == "Domestic"

    @pytest.mark.parametrize(
        ("import_id", "kept"), [("dsw-0123456789abcdef", False), ("cn-beijing/dsw-1", True)]
    )
    def test_a_notebook_of_the_real_cloud_is_left_out_where_the_stack_is_only_judged(
        self, tmp_path: Path, import_id: str, kept: bool
    ) -> None:
        source, target = tmp_path / "Pulumi.dev.yaml", tmp_path / "judged.yaml"
        source.write_text(f"config:\n  {PROJECT}:importId: {import_id}\n  {PROJECT}:idleMinutes: 20\n")
        stack.write_config(source, target, EMULATOR, keep_salt=False, import_real=False)
        config = yaml.safe_load(target.read_text("utf-8"))["config"]
        assert (f"{PROJECT}:importId" in config) is kept
        assert config[f"{PROJECT}:idleMinutes"] == 20
        assert self.write(tmp_path, source.read_text())["config"][f"{PROJECT}:importId"] == import_id

    def test_an_emulator_at_an_address_is_an_endpoint_too(self) -> None:
        assert endpoints("http://127.0.0.1:8790") == [{"aiworkspace": "127.0.0.1:8790"}]

    @pytest.mark.parametrize(
        ("setting", "part"),
        [("backup", name) for name in names(Backup)] + [("datasets", name) for name in names(Dataset)],
    )
    def test_a_secret_part_of_a_setting_has_a_stand_in_that_will_do(
        self, tmp_path: Path, setting: str, part: str
    ) -> None:
        whole = {
            "backup": {"snapshot": "s", "repository": "r.example.com/a"},
            "datasets": [
                {"uri": "oss://b/", "mountPath": "/mnt/a"},
                {
                    "datasetId": "d-1",
                    "mountPath": "/mnt/b",
                    "datasetVersion": "v2",
                    "mountAccess": "RW",
                    "options": "{}",
                },
            ],
        }[setting]
        hidden = [
            {name: {"secure": f"v1:{n}"} if name == part else value for name, value in one.items()}
            for n, one in enumerate(whole if isinstance(whole, list) else [whole])
        ]
        assert part in {name for one in hidden for name in one}
        given = {
            "alicloud:region": "cn-beijing",
            f"{PROJECT}:{setting}": hidden if setting == "datasets" else hidden[0],
        }
        config = self.write(tmp_path, yaml.safe_dump({"config": given}))["config"]
        assert "secure" not in str(config)
        settings = {
            key: json.dumps(one) if isinstance(one, dict | list) else one for key, one in config.items()
        }
        assert parse(settings, PROJECT).args.names()

    def test_what_stands_in_for_a_secret_hides_no_word_of_ours(self, tmp_path: Path) -> None:
        hidden = {"secure": "v1:x"}
        given = {
            "imageAuth": hidden,
            "environmentVariables": {"TOKEN": hidden},
            "datasets": [{"uri": hidden, "mountPath": hidden}],
            "backup": {"snapshot": hidden, "repository": hidden},
        }
        text = yaml.safe_dump({"config": {f"{PROJECT}:{key}": value for key, value in given.items()}})
        secrets = Secrets()
        config = self.write(tmp_path, text)["config"]
        secrets.add([value for key, value in config.items() if PROJECT in key])
        shown = f"Audit of {tmp_path}/.rehearsal/emulator, the rehearsal's, compared with stack {PROJECT}/dev"
        assert secrets.redact(shown) == shown

    def test_the_real_stacks_keys_are_overridden(self, tmp_path: Path) -> None:
        text = """
config:
  alicloud:region: cn-beijing
  alicloud:accessKey: {secure: "v1:real"}
  alicloud:secretKey: LTAIreal
"""
        document = self.write(tmp_path, text)
        assert "real" not in json.dumps(document).replace("rehearsal", "")
        assert document["config"]["paidsw:emulator"] == EMULATOR

    @pytest.mark.parametrize(
        ("setting", "words"),
        [
            (
                "alicloud:endpoints: [{aiworkspace: aiworkspace.cn-beijing.aliyuncs.com}]",
                "alicloud:endpoints can send",
            ),
            ("alicloud:protocol: HTTPS", "alicloud:protocol can send signed requests without TLS"),
            ("alicloud:accountType: International", "alicloud:accountType decides which site"),
            ("paidsw:emulator: http://localhost:1", "paidsw:emulator belongs to a rehearsal"),
        ],
    )
    def test_what_the_real_stack_refuses_does_not_hide_behind_the_emulators(
        self, tmp_path: Path, setting: str, words: str
    ) -> None:
        text = f"config:\n  alicloud:region: cn-beijing\n  {setting}\n"
        assert self.refusal(tmp_path, text).startswith(f"Pulumi.dev.yaml: {words}")
        (tmp_path / "Pulumi.dev.yaml").write_text(text)
        target = tmp_path / "judged.yaml"
        left_out = {setting.partition(": ")[0]}
        stack.write_config(tmp_path / "Pulumi.dev.yaml", target, EMULATOR, keep_salt=False, without=left_out)
        assert yaml.safe_load(target.read_text())["config"]["alicloud:protocol"] == "HTTP"

    def test_a_key_without_a_namespace_is_of_the_project(self, tmp_path: Path) -> None:
        source, target = tmp_path / "Pulumi.dev.yaml", tmp_path / "judged.yaml"
        source.write_text("config:\n  systemDiskGib: 200\n")
        stack.write_config(source, target, EMULATOR, keep_salt=False)
        assert yaml.safe_load(target.read_text())["config"][f"{PROJECT}:systemDiskGib"] == 200
        stack.write_config(source, target, EMULATOR, keep_salt=False, project="other")
        assert yaml.safe_load(target.read_text())["config"]["other:systemDiskGib"] == 200

    def test_secrets_of_the_real_stack_are_replaced_so_that_the_settings_hold(self, tmp_path: Path) -> None:
        text = f"""
secretsprovider: passphrase
encryptionsalt: v1:real
encryptedkey: real
config:
  alicloud:region: cn-beijing
  {PROJECT}:image: registry.example.com/a/b:1
  {PROJECT}:imageAuth:
    secure: v1:real
  {PROJECT}:systemDiskGib:
    secure: v1:real
  {PROJECT}:environmentVariables:
    secure: v1:real
  {PROJECT}:labels:
    course: llm
    hidden:
      secure: v1:real
  {PROJECT}:datasets:
    - mountPath: /mnt
      uri:
        secure: v1:real
"""
        document = self.write(tmp_path, text)
        assert set(document) == {"config"}
        assert "v1:real" not in json.dumps(document)
        config = document["config"]
        assert config[f"{PROJECT}:labels"]["course"] == "llm"
        assert isinstance(config[f"{PROJECT}:imageAuth"], str)
        assert f"{PROJECT}:systemDiskGib" not in config
        # As the engine hands them to the program: everything as text, structures as JSON.
        texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in config.items()}
        settings = parse(texts, PROJECT)
        assert settings.args.datasets[0].mount_path == "/mnt"

    def test_the_projects_own_settings_hold(self, tmp_path: Path) -> None:
        config = self.write(tmp_path, (ROOT / "Pulumi.dev.yaml").read_text("utf-8"))["config"]
        settings = parse(
            {key: one if isinstance(one, str) else json.dumps(one) for key, one in config.items()}, PROJECT
        )
        assert settings.region == "cn-wulanchabu"

    def test_what_is_written_stays_as_written(self, tmp_path: Path) -> None:
        written = f"{PROJECT}:environmentVariables: {{VER: 3.10, BUILD: 012, DAY: 2024-05-01, OK: '3.10', DEBUG: yes}}"
        self.write(
            tmp_path, f"config:\n  {written}\n  {PROJECT}:idleMinutes: 0o36\n  driver: &d 535.10\n  x: *d\n"
        )
        text = (tmp_path / "out" / "Pulumi.dev.yaml").read_text("utf-8")
        for line in ("VER: 3.10", "BUILD: 012", "DAY: 2024-05-01", 'OK: "3.10"', 'DEBUG: "yes"'):
            assert f"    {line}\n" in text
        for line in ("idleMinutes: 0o36", "driver: 535.10", "x: 535.10"):
            assert f"  {PROJECT}:{line}\n" in text

    def test_defaults_of_the_project_are_settings_too(self, tmp_path: Path) -> None:
        project, source, target = (tmp_path / name for name in ("Pulumi.yaml", "Pulumi.dev.yaml", "out.yaml"))
        project.write_text(f"name: {PROJECT}\nconfig:\n  driver: {{default: 535.10}}\n  idleMinutes: 20\n")
        source.write_text("config:\n  idleMinutes: 40\n")
        stack.write_config(source, target, EMULATOR, keep_salt=False, project=project)
        text = target.read_text("utf-8")
        assert f"  {PROJECT}:driver: 535.10\n" in text
        assert f"  {PROJECT}:idleMinutes: 40\n" in text
        project.write_text("name: [")
        with pytest.raises(CliError, match=r"Pulumi\.yaml line \d: this is not YAML"):
            stack.write_config(source, target, EMULATOR, keep_salt=False, project=project)

    @pytest.mark.parametrize(("text", "said"), [*REFUSED.items(), *MISLEADING.items()])
    def test_what_pulumi_refuses_or_reads_otherwise_is_refused(
        self, tmp_path: Path, text: str, said: str
    ) -> None:
        assert re.search(said, self.refusal(tmp_path, text))
        assert not (tmp_path / "out").exists()

    def test_chinese_text_stays_readable(self, tmp_path: Path) -> None:
        self.write(tmp_path, f"config:\n  {PROJECT}:labels: {{课程: 微调}}\n")
        assert "课程: 微调" in (tmp_path / "out" / "Pulumi.dev.yaml").read_text("utf-8")

    @pytest.mark.parametrize(("keep", "salt"), [(True, "v1:old"), (False, None)])
    def test_the_salt_stays_only_with_its_stack(self, tmp_path: Path, keep: bool, salt: str | None) -> None:
        target = tmp_path / "out" / "Pulumi.dev.yaml"
        target.parent.mkdir()
        target.write_text("encryptionsalt: v1:old\nsecretsprovider: passphrase\nconfig: {old: setting}\n")
        document = self.write(tmp_path, "config:\n  alicloud:region: cn-beijing\n", keep_salt=keep)
        assert document.get("encryptionsalt") == salt
        assert "old" not in document["config"]
        assert "secretsprovider" not in document

    def test_a_first_target_has_no_salt_to_keep(self, tmp_path: Path) -> None:
        assert "encryptionsalt" not in self.write(tmp_path, "config: {}\n", keep_salt=True)

    @pytest.mark.parametrize("text", ["", "config:\n", "# nothing\n"])
    def test_an_empty_file_is_an_empty_configuration(self, tmp_path: Path, text: str) -> None:
        assert self.write(tmp_path, text)["config"]["paidsw:emulator"] == EMULATOR

    def test_broken_yaml_names_file_and_line(self, tmp_path: Path) -> None:
        assert self.refusal(tmp_path, "config:\n  a: [1\n  b: 2\n").startswith(
            "Pulumi.dev.yaml line 3: this is not YAML"
        )

    @pytest.mark.parametrize("text", ["- a\n- b\n", "just text", "config: [1]", "config: text"])
    def test_what_is_no_map_is_a_sentence(self, tmp_path: Path, text: str) -> None:
        assert re.search("no map of settings|not a map of keys", self.refusal(tmp_path, text))

    def test_a_file_in_another_encoding_is_a_sentence(self, tmp_path: Path) -> None:
        assert "save it as UTF-8" in self.refusal(tmp_path, "config:\n  a: 课程\n".encode("gbk"))

    def test_a_missing_file_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CliError, match=r"there is no Pulumi\.dev\.yaml in .*; bring it back"):
            stack.write_config(tmp_path / "Pulumi.dev.yaml", tmp_path / "t.yaml", EMULATOR, keep_salt=False)

    def test_without_a_configuration_a_region_can_be_given(self, tmp_path: Path) -> None:
        with pytest.raises(
            CliError, match=r"there is no Pulumi\.dev\.yaml in .*; give --region, or run it in"
        ):
            stack.region_of(tmp_path)

    def test_an_unreadable_file_is_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "Pulumi.dev.yaml").mkdir()
        with pytest.raises(CliError, match=r"Pulumi\.dev\.yaml can't be read: Is a directory"):
            stack.write_config(tmp_path / "Pulumi.dev.yaml", tmp_path / "t.yaml", EMULATOR, keep_salt=False)

    def test_a_target_that_cannot_be_written_leaves_the_old_one(self, tmp_path: Path) -> None:
        source, target = tmp_path / "Pulumi.dev.yaml", tmp_path / "taken"
        source.write_text("config: {}\n")
        target.mkdir()
        with pytest.raises(CliError, match="can't be written"):
            stack.write_config(source, target, EMULATOR, keep_salt=False)
        assert target.is_dir()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["Pulumi.dev.yaml", "taken"]


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class TestSetting:
    """A setting that a command reads by itself."""

    def read(self, folder: Path, text: str, key: str = "backup") -> object:
        (folder / "Pulumi.dev.yaml").write_text(f"config:\n  {text}\n", encoding="utf-8")
        return stack.setting(folder, f"{PROJECT}:{key}")

    def test_its_key_may_have_no_namespace(self, tmp_path: Path) -> None:
        assert self.read(tmp_path, "backup: {snapshot: llm, repository: r/a}") == {
            "snapshot": "llm",
            "repository": "r/a",
        }

    @pytest.mark.parametrize("text", ["other: 1", "backup:", "backup: ~"])
    def test_none_is_set(self, tmp_path: Path, text: str) -> None:
        assert self.read(tmp_path, text) is None

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            (
                "backup: {snapshot: 3.10}",
                'backup.snapshot is written 3.10, which Pulumi reads as 3.1; put it in quotes: "3.10"',
            ),
            ("backup: {snapshot: 012}", 'put it in quotes: "012"'),
            ("backup: 012", 'put it in quotes: "012"'),
            ("backup: {snapshot: {secure: x}}", "is encrypted in Pulumi.dev.yaml"),
            ("backup: &r [*r]", "is part of what it repeats"),
        ],
    )
    def test_what_is_not_what_was_written_is_refused(self, tmp_path: Path, text: str, said: str) -> None:
        with pytest.raises(CliError) as error:
            self.read(tmp_path, text)
        assert said in str(error.value)

    def test_a_region_is_a_text(self, tmp_path: Path) -> None:
        (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  alicloud:region: 1_0\n", encoding="utf-8")
        with pytest.raises(CliError, match='put it in quotes: "1_0"'):
            stack.region_of(tmp_path)


class TestRun:
    """`pulumi` in the foreground."""

    def test_the_exit_code_environment_and_folder(self, tmp_path: Path) -> None:
        code = "import os, sys; sys.exit(int(os.environ['CODE']) if os.path.isfile('here') else 1)"
        (tmp_path / "here").touch()
        assert stack.run(python(code), {"CODE": "7"}, tmp_path) == 7

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows interrupts by console events")
    def test_an_interrupt_is_left_to_the_child(self, tmp_path: Path) -> None:
        before = signal.getsignal(signal.SIGINT)
        code = "import os, signal, sys; os.kill(os.getppid(), signal.SIGINT); sys.exit({})"
        assert stack.run(python(code.format(7)), os.environ, tmp_path) == ExitCode.INTERRUPTED
        assert stack.run(python(code.format(0)), os.environ, tmp_path) == 0, "it was done before"
        assert signal.getsignal(signal.SIGINT) is before

    def test_the_child_hears_an_interrupt(self, tmp_path: Path) -> None:
        code = "import signal, sys; sys.exit(signal.getsignal(signal.SIGINT) is signal.SIG_IGN)"
        assert stack.run(python(code), os.environ, tmp_path) == 0

    def test_a_program_that_is_gone_is_a_sentence_and_the_handler_is_restored(self, tmp_path: Path) -> None:
        before = signal.getsignal(signal.SIGINT)
        with pytest.raises(CliError, match="can't be run: No such file or directory; run make setup"):
            stack.run([str(tmp_path / "pulumi")], {}, tmp_path)
        assert signal.getsignal(signal.SIGINT) is before


class TestAsk:
    """`pulumi` for its output."""

    def test_what_it_printed(self, tmp_path: Path) -> None:
        assert stack.ask(python("print('{}')"), os.environ, tmp_path) == "{}\n"

    @pytest.mark.parametrize(
        ("printed", "said"),
        [
            ("warning: old\nerror: no stack named 'dev' found\n\n", "failed: no stack named 'dev' found"),
            ("", "failed: no output"),
        ],
    )
    def test_a_failure_is_its_last_words(self, tmp_path: Path, printed: str, said: str) -> None:
        code = f"import sys; sys.stderr.write({printed!r}); sys.exit(255)"
        with pytest.raises(CliError) as error:
            stack.ask(python(code), os.environ, tmp_path)
        assert str(error.value).endswith(said)
        assert "\n" not in str(error.value).replace(code, "")

    def test_a_program_that_is_gone_is_a_sentence(self, tmp_path: Path) -> None:
        with pytest.raises(CliError, match="can't be run"):
            stack.ask([str(tmp_path / "pulumi"), "stack"], {}, tmp_path)
