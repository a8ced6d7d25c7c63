"""Which uv is used, how one is got where none is, and what its failures mean."""

import importlib.util
import os
import subprocess
from pathlib import Path

import pytest

from paidsw.setup import layout, lockfile, network, uv
from paidsw.setup.console import SetupError

LOCK = """
[[package]]
name = "uv"
version = "{version}"
source = {{ registry = "https://pypi.org/simple" }}
wheels = [{{ url = "https://files.example.org/packages/uv.whl", hash = "{digest}" }}]
"""


def program(folder: Path, version: str, *, code: int = 0) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "uv"
    path.write_text(f"#!/bin/sh\necho uv {version}\nexit {code}\n")
    path.chmod(0o755)
    return path


def lock(root: Path, version: str = "9.8.7", digest: str = "sha256:" + "0" * 64) -> None:
    (root / "uv.lock").write_text(LOCK.format(version=version, digest=digest))


def environ(*folders: Path, **more: str) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([*map(str, folders), "/usr/bin", "/bin"]),
        "PIP_CONFIG_FILE": os.devnull,
        **more,
    }


def test_the_one_on_path_is_used(tmp_path: Path) -> None:
    found = program(tmp_path / "bin", uv.OLDEST)
    assert uv.obtain(tmp_path, environ(tmp_path / "bin")).program == found


@pytest.mark.parametrize(("version", "code"), [("0.7.22", 0), ("nonsense", 0), (uv.OLDEST, 1)])
def test_one_that_will_not_do_is_passed_over(tmp_path: Path, version: str, code: int) -> None:
    program(tmp_path / "bin", version, code=code)
    lock(tmp_path)
    own = program(layout.tools(tmp_path) / "uv-9.8.7" / "bin", "9.8.7")
    assert uv.obtain(tmp_path, environ(tmp_path / "bin")).program == own


@pytest.mark.parametrize(
    "said",
    [
        "error: unexpected argument '--no-annotate' found",
        "error: Failed to parse `uv.lock`",
        "error: some trouble of its own",
        "",
    ],
)
def test_one_that_fails_for_no_known_reason_is_replaced(tmp_path: Path, said: str) -> None:
    lock(tmp_path)
    newer = program(tmp_path / "bin", "99.0.0")
    newer.write_text(
        f'#!/bin/sh\n[ "$1" = --version ] && echo uv 99.0.0 && exit\ncat <<"END"\n{said}\nEND\nexit 2\n'
    )
    own = program(layout.tools(tmp_path) / "uv-9.8.7" / "bin", "9.8.7")
    tool = uv.obtain(tmp_path, environ(tmp_path / "bin"))
    assert tool.program == newer
    assert tool.run("export") == ["uv 9.8.7"]
    assert tool.program == own


@pytest.mark.parametrize("said", ["error: The lockfile at `uv.lock` needs to be updated", "error: dns error"])
def test_one_that_fails_for_a_known_reason_is_kept(tmp_path: Path, said: str) -> None:
    found = program(tmp_path / "bin", "99.0.0")
    found.write_text(f"#!/bin/sh\n[ $1 = --version ] && echo uv 99.0.0 && exit\necho '{said}'\nexit 2\n")
    tool = uv.obtain(tmp_path, environ(tmp_path / "bin"))
    with pytest.raises(SetupError) as caught:
        tool.run("lock", "--check")
    assert not isinstance(caught.value, uv.Unexplained)
    assert tool.program == found


def test_an_older_one_of_ours_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(tmp_path)
    old = program(layout.tools(tmp_path) / "uv-1.0.0" / "bin", "1.0.0")
    monkeypatch.setattr(uv, "find_pip", lambda: None)
    with pytest.raises(SetupError, match="neither pip nor ensurepip"):
        uv.obtain(tmp_path, environ())
    assert not old.exists()


def test_where_there_is_none_pip_gets_the_locked_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(tmp_path)
    pip = tmp_path / "pip"
    pip.write_text(
        "#!/bin/sh\n[ $1 = install ] || exit 0\n"
        'for word in "$@"; do\n'
        '  case "$before" in --target) target="$word";; --requirement) cat "$word";; esac\n'
        '  before="$word"\n'
        f"done > {tmp_path}/asked\n"
        f'echo "$@" >> {tmp_path}/asked\n'
        'mkdir -p "$target/bin" && printf "#!/bin/sh\\n" > "$target/bin/uv" && chmod +x "$target/bin/uv"\n'
    )
    pip.chmod(0o755)
    monkeypatch.setattr(uv, "find_pip", lambda: ([str(pip)], {}))
    found = uv.obtain(tmp_path, environ()).program
    assert found == layout.tools(tmp_path) / "uv-9.8.7" / "bin" / "uv"
    requirement, options = (tmp_path / "asked").read_text().splitlines()
    assert requirement == f"uv==9.8.7 --hash=sha256:{'0' * 64}"
    assert {"--require-hashes", "--no-deps", "--only-binary"} <= set(options.split())
    assert not list(layout.tools(tmp_path).glob("*.partial"))


def test_another_file_than_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.support.wheels import wheel

    (tmp_path / "wheels").mkdir()
    wheel(tmp_path / "wheels", "uv", "9.8.7")
    lock(tmp_path)
    given = environ(PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path / "wheels"))
    with pytest.raises(SetupError, match=r"could not be had .* is not the one that uv\.lock names"):
        uv.obtain(tmp_path, given)
    assert not list(layout.tools(tmp_path).glob("uv-*"))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            {"HTTPS_PROXY": "http://me:secret@127.0.0.1:9"},
            r"no package index .*through HTTPS_PROXY=http://\*\*\*@127",
        ),
        ({"PIP_CERT": "/missing.pem"}, r"PIP_CERT=/missing\.pem is not there; correct it, or unset it$"),
    ],
)
def test_a_wrong_setting_of_the_network_is_named(tmp_path: Path, given: dict[str, str], reason: str) -> None:
    lock(tmp_path)
    with pytest.raises(SetupError, match=f"could not be had .*{reason}"):
        uv.obtain(tmp_path, environ(PIP_RETRIES="1", PIP_INDEX_URL="https://index.example/simple", **given))


def test_neither_uv_nor_pip_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(tmp_path)
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in ("pip", "ensurepip") else find(name)
    )
    with pytest.raises(SetupError, match=r"neither pip nor ensurepip.*apt install python3\.\d+-venv"):
        uv.obtain(tmp_path, environ())


def test_the_pip_that_comes_with_python_runs_from_its_wheel() -> None:
    """The oldest pip that can be met: nothing needs to be installed for it."""
    [*_, wheel] = uv.bundled_wheels()
    told = subprocess.run(
        [layout.base_python(), "-m", "pip", "--version"],
        env={"PYTHONPATH": str(wheel), "PATH": "/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert wheel.name.split("-")[1] in told.stdout


@pytest.mark.parametrize(
    ("lines", "reason", "last"),
    [
        (
            ["error: Failed to fetch: `https://x/simple/`", "  Caused by: dns error: no such host"],
            "no package index answered",
            "dns error",
        ),
        (
            ["error: Failed to fetch", "  cause: invalid peer certificate: UnknownIssuer"],
            "set SSL_CERT_FILE to its certificate: export SSL_CERT_FILE=/path/to/ca.pem",
            "UnknownIssuer",
        ),
        (
            ["error: Hash mismatch for `x==1`", "Expected: a"],
            r"is not the one that uv.lock names",
            "Hash mismatch",
        ),
        (
            ["ERROR: THESE PACKAGES DO NOT MATCH THE HASHES"],
            r"not the one that uv.lock names",
            "DO NOT MATCH",
        ),
        (
            ["error: write", "  cause: No space left on device (os error 28)"],
            "the disk is full",
            "os error 28",
        ),
        (["something", "strange"], "uv failed", "strange"),
        (["error: https://me:secret@index/simple"], "uv failed", "https://***@index/simple"),
        ([], "uv failed", "no reason given"),
    ],
)
def test_failures_in_one_sentence(lines: list[str], reason: str, last: str) -> None:
    sentence = uv.explain(lines, "uv")
    assert reason in sentence
    assert last in sentence
    assert "secret" not in sentence
    assert "\n" not in sentence


def test_an_unknown_certificate_is_looked_for_in_the_machines_own_store(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "uv"
    path.write_text(
        '#!/bin/sh\n[ "$1" = pip ] || { echo uv 99.0.0; exit; }\n'
        '[ "$UV_SYSTEM_CERTS" ] || { echo "error: invalid peer certificate: UnknownIssuer"; exit 2; }\n'
    )
    path.chmod(0o755)
    uv.obtain(tmp_path, environ(tmp_path / "bin")).install(["sync"], lambda _: None)
    own = tmp_path / "own.pem"
    given = environ(tmp_path / "bin", SSL_CERT_FILE=str(own))
    with pytest.raises(SetupError, match=f"SSL_CERT_FILE={own} is not there; correct it, or unset it"):
        uv.obtain(tmp_path, given).install(["sync"], lambda _: None)
    own.touch()
    with pytest.raises(SetupError, match="export SSL_CERT_FILE="):
        uv.obtain(tmp_path, given).install(["sync"], lambda _: None)


def test_a_read_only_home_leaves_the_cache_to_the_project(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "uv"
    path.write_text('#!/bin/sh\n[ "$1" = pip ] || { echo uv 99.0.0; exit; }\necho "$UV_CACHE_DIR"\n')
    path.chmod(0o755)
    heard: list[str] = []
    given = environ(tmp_path / "bin", XDG_CACHE_HOME=str(tmp_path / "file"))
    uv.obtain(tmp_path, given).install(["sync"], heard.append)
    assert heard == [str(layout.tools(tmp_path) / "cache" / "uv")]


def test_of_the_users_file_uv_gets_only_what_is_about_the_network(tmp_path: Path) -> None:
    home = tmp_path / "home" / ".config" / "uv"
    home.mkdir(parents=True)
    (home / "uv.toml").write_text(
        'exclude-newer = "2020-01-01"\nfind-links = ["wheels"]\n[pip]\ntarget = "/x"\n'
    )
    (tmp_path / "bin").mkdir()
    path = tmp_path / "bin" / "uv"
    path.write_text(
        '#!/bin/sh\n[ "$1" = pip ] || { echo uv 99.0.0; exit; }\n'
        'cat "$UV_CONFIG_FILE"; ls -l "$UV_CONFIG_FILE" | cut -c1-10\n'
    )
    path.chmod(0o755)
    heard: list[str] = []
    given = environ(tmp_path / "bin", HOME=str(tmp_path / "home"), XDG_CONFIG_DIRS=str(tmp_path / "etc"))
    uv.obtain(tmp_path, given).install(["sync"], heard.append)
    assert heard == [f'find-links = ["{home}/wheels"]', "-rw-------"]
    assert not (layout.tools(tmp_path) / "uv.toml").exists(), "it may hold the password of an index"


@pytest.mark.parametrize("text", ["", "[", "[[package]]\nname = 1\n", 'package = "x"'])
def test_a_broken_lock_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "uv.lock").write_text(text)
    with pytest.raises(SetupError, match=r"uv\.lock can't be read .*git checkout uv\.lock"):
        lockfile.pin(tmp_path, "uv")


def test_a_package_that_the_lock_lacks(tmp_path: Path) -> None:
    lock(tmp_path)
    with pytest.raises(SetupError, match=r"uv\.lock has no setuptools; run make lock"):
        lockfile.pin(tmp_path, "setuptools")


def test_a_folder_named_pip_where_the_set_up_is_started_is_not_pip(tmp_path: Path) -> None:
    (tmp_path / "pip").mkdir()
    for name in ("__init__.py", "__main__.py"):
        (tmp_path / "pip" / name).write_text("raise SystemExit('the wrong pip')\n")
    found = uv.find_pip()
    assert found is not None
    command, path = found
    environment = {**network.for_pip(dict(os.environ)), **path}
    told = subprocess.run(
        [*command, "--version"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert told.stdout.startswith("pip "), told.stderr
