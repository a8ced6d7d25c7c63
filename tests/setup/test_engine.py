"""The ways to a Pulumi CLI, with stand-ins for `pulumi`: which is taken, what is put beside it, what is remembered."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from paidsw.setup import build, engine, layout, release
from paidsw.setup.console import SetupError
from paidsw.setup.versions import OLDEST, PINNED


def program(folder: Path, name: str = "pulumi", *, told: str = f"v{PINNED}", code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {told}\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in which neither a download nor a build can succeed unless a test says so."""

    def refuse(text: str) -> Callable[..., Path]:
        def install(*_arguments: object) -> Path:
            raise SetupError(text)

        return install

    root = tmp_path / "project"
    (root / ".venv" / "bin").mkdir(parents=True)
    monkeypatch.setattr(release, "install", refuse("no host answered"))
    monkeypatch.setattr(build, "install", refuse("no Go"))
    return root


def path(*folders: Path, **more: str) -> dict[str, str]:
    return {"PATH": os.pathsep.join(map(str, folders)), **more}


def prepare(root: Path, environ: dict[str, str]) -> engine.Engine:
    chosen = engine.prepare(root, environ)
    engine.link(root, environ)
    return chosen


def links(root: Path) -> dict[str, str]:
    return {link.name: os.readlink(link) for link in (root / ".venv" / "bin").iterdir()}


def test_a_complete_pulumi_on_path_is_used_as_it_is(root: Path, tmp_path: Path) -> None:
    found = program(tmp_path / "bin")
    program(tmp_path / "bin", "pulumi-language-python")
    chosen = prepare(root, path(tmp_path / "bin"))
    assert chosen == engine.Engine(str(found), PINNED, "path", own_host=False)
    assert links(root) == {}
    assert layout.find_pulumi(root, {}) == found


def test_a_pulumi_linked_into_path_has_its_host_beside_the_real_one(root: Path, tmp_path: Path) -> None:
    found = program(tmp_path / "cellar")
    program(tmp_path / "cellar", "pulumi-language-python")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(found)
    assert not prepare(root, path(tmp_path / "bin")).own_host


def test_a_pulumi_without_language_host_gets_ours_beside_a_copy(root: Path, tmp_path: Path) -> None:
    found = program(tmp_path / "bin")
    chosen = prepare(root, path(tmp_path / "bin"))
    copy = root / ".tools" / "bin" / "pulumi"
    assert chosen == engine.Engine(str(copy), PINNED, "path", own_host=True)
    assert copy.read_bytes() == found.read_bytes()
    assert copy.stat().st_ino != found.stat().st_ino
    host = copy.with_name("pulumi-language-python")
    assert os.access(host, os.X_OK)
    assert links(root) == {"pulumi": str(copy), "pulumi-language-python": str(host)}


def test_our_host_script_runs_though_the_path_has_spaces(tmp_path: Path) -> None:
    root = tmp_path / "it's a folder"
    program(root / ".venv" / "bin", "python", told='"$@"')
    (root / ".tools" / "bin").mkdir(parents=True)
    engine.beside_own_host(root, program(tmp_path / "bin"))
    host = engine.own_host(root)
    told = subprocess.run([host, "127.0.0.1:1"], capture_output=True, text=True, check=True)
    assert told.stdout == f"{host} 127.0.0.1:1\n"
    compile(host.read_text(), str(host), "exec")


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        ("v3.100.0", 0, f"older than {OLDEST}"),
        ("nonsense", 0, "does not run"),
        (f"v{PINNED}", 1, "does not run"),
    ],
)
def test_a_pulumi_that_will_not_do(root: Path, tmp_path: Path, told: str, code: int, said: str) -> None:
    program(tmp_path / "bin", told=told, code=code)
    with pytest.raises(SetupError, match=said) as error:
        prepare(root, path(tmp_path / "bin"))
    assert "official download: no host answered" in str(error.value)
    assert "build from the Go module proxy: no Go" in str(error.value)
    assert "\n" not in str(error.value)


def test_no_way_at_all_names_the_three(root: Path) -> None:
    with pytest.raises(SetupError) as error:
        prepare(root, path())
    for part in ("on PATH: no pulumi there", "official download:", "build from", "pulumi.com/docs/install"):
        assert part in str(error.value)


def test_a_release_brings_its_own_host(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = program(root / ".tools" / "pulumi-x")
    host = program(root / ".tools" / "pulumi-x", "pulumi-language-python")
    monkeypatch.setattr(release, "install", lambda root, mirror: found)
    assert prepare(root, path()) == engine.Engine(str(found), PINNED, "release", own_host=False)
    assert links(root) == {"pulumi": str(found), "pulumi-language-python": str(host)}


def test_a_build_gets_our_host(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = program(tmp_path / "cache")
    monkeypatch.setattr(build, "install", lambda root, environ: found)
    chosen = prepare(root, path())
    assert chosen == engine.Engine(str(root / ".tools" / "bin" / "pulumi"), PINNED, "build", own_host=True)


def test_the_ways_can_be_chosen(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "bin")
    with pytest.raises(SetupError) as error:
        prepare(root, path(tmp_path / "bin", DSW_PULUMI_FROM="build"))
    assert "PATH" not in str(error.value)
    assert "download" not in str(error.value)
    with pytest.raises(SetupError, match="DSW_PULUMI_FROM=brew names no way"):
        prepare(root, path(DSW_PULUMI_FROM="path, brew"))
    assert prepare(root, path(tmp_path / "bin", DSW_PULUMI_FROM="release,path")).way == "path"


def test_a_choice_is_remembered_without_running_anything(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin")
    chosen = prepare(root, path(tmp_path / "bin"))
    monkeypatch.setattr(engine, "version", lambda *_: pytest.fail("nothing is to be run"))
    assert engine.ready(root, path(tmp_path / "bin")) == chosen
    assert prepare(root, path(tmp_path / "bin")) == chosen


def test_a_choice_is_made_again_when_what_it_depends_on_changes(root: Path, tmp_path: Path) -> None:
    environ = path(tmp_path / "bin")
    found = program(tmp_path / "bin", told=OLDEST)
    assert prepare(root, environ).version == OLDEST
    program(tmp_path / "bin", told=f"v{PINNED}-dev")
    assert engine.ready(root, environ) is None
    assert prepare(root, environ).version == PINNED
    program(tmp_path / "bin", "pulumi-language-python")
    assert prepare(root, environ) == engine.Engine(str(found), PINNED, "path", own_host=False)
    assert links(root) == {}


@pytest.mark.parametrize(
    "lost", [".tools/bin/pulumi", ".tools/bin/pulumi-language-python", ".tools/pulumi.json"]
)
def test_what_was_removed_is_made_again(root: Path, tmp_path: Path, lost: str) -> None:
    program(tmp_path / "bin")
    chosen = prepare(root, path(tmp_path / "bin"))
    (root / lost).unlink()
    assert prepare(root, path(tmp_path / "bin")) == chosen
    assert (root / lost).exists()


def test_a_removed_link_is_made_again(root: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin")
    prepare(root, path(tmp_path / "bin"))
    before = links(root)
    (root / ".venv" / "bin" / "pulumi").unlink()
    prepare(root, path(tmp_path / "bin"))
    assert links(root) == before


def test_our_copy_stays_when_path_loses_the_original(root: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin")
    chosen = prepare(root, path(tmp_path / "bin"))
    assert prepare(root, path()) == chosen
    assert engine.ready(root, path()) == chosen


def test_our_copy_does_not_stay_when_it_no_longer_runs(root: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin")
    chosen = prepare(root, path(tmp_path / "bin"))
    program(Path(chosen.pulumi).parent, code=1)
    with pytest.raises(
        SetupError, match=r"^no Pulumi CLI: .*; correct one of these, or install Pulumi yourself"
    ):
        prepare(root, path())


def test_the_projects_own_commands_are_not_taken_for_the_users(root: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin")
    prepare(root, path(tmp_path / "bin"))
    activated = path(root / ".venv" / "bin", root / ".tools" / "bin", tmp_path / "bin")
    assert engine.on_path(root, activated, "pulumi") == tmp_path / "bin" / "pulumi"
    assert engine.on_path(root, activated, "pulumi-language-python") is None


def test_a_pulumi_that_cannot_be_copied_is_one_sentence(root: Path, tmp_path: Path) -> None:
    program(tmp_path / "bin")
    (root / ".tools").mkdir()
    (root / ".tools" / "bin").mkdir()
    (root / ".tools" / "bin" / "pulumi").mkdir()
    with pytest.raises(SetupError, match="could not be copied"):
        prepare(root, path(tmp_path / "bin"))


def test_asking_for_a_version_leaves_the_users_home_alone(root: Path, tmp_path: Path) -> None:
    found = program(tmp_path / "bin", told=f'"v{PINNED} $PULUMI_HOME" | tee {tmp_path}/told')
    assert engine.version(root, found) == PINNED
    assert (tmp_path / "told").read_text() == f"v{PINNED} {root}/.tools/home\n"
