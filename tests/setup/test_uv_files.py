"""Which settings of a user's uv.toml reach the set-up."""

import tomllib
from pathlib import Path

import pytest

from paidsw.setup import uv_files
from paidsw.setup.console import SetupError

MIRROR = "https://me:secret@mirror.example/simple"


def file(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def user(tmp_path: Path, text: str, everyone: str = "") -> dict[str, str]:
    file(tmp_path / "home" / "uv" / "uv.toml", text)
    file(tmp_path / "etc" / "uv" / "uv.toml", everyone)
    return {"XDG_CONFIG_HOME": str(tmp_path / "home"), "XDG_CONFIG_DIRS": str(tmp_path / "etc")}


def written(tmp_path: Path, environ: dict[str, str]) -> dict[str, object]:
    """What uv reads, as it reads it."""
    path = tmp_path / "tools" / "uv.toml"
    with uv_files.reduced(environ, path):
        return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line",
    [
        'exclude-newer = "7 days"',
        'required-version = "<0.5"',
        "no-build = true",
        'no-binary-package = ["grpcio"]',
        'resolution = "lowest"',
        'constraint-dependencies = ["grpcio<1"]',
        'python-preference = "only-managed"',
        '[pip]\ntarget = "/x"\nsystem = true\nrequire-hashes = true\npython = "3.8"',
    ],
)
def test_what_changes_the_packages_or_their_place_stays_out(tmp_path: Path, line: str) -> None:
    assert written(tmp_path, user(tmp_path, line)) == {}


def test_what_is_about_the_network_is_kept_as_it_is(tmp_path: Path) -> None:
    text = f"""
        offline = false
        concurrent-downloads = 2
        link-mode = "copy"
        allow-insecure-host = ["mirror.example", "ünder.example"]
        [[index]]
        name = "mirror"
        url = "{MIRROR}"
        default = true
        cache-control = {{ api = "max-age=600" }}
        [[index]]
        url = "https://quoted.example/a%20\\"b"
        format = "flat"
    """
    assert written(tmp_path, user(tmp_path, text)) == tomllib.loads(text)


def test_a_relative_path_still_starts_at_the_users_file(tmp_path: Path) -> None:
    text = 'find-links = ["wheels", "/abs", "https://x/y"]\ncache-dir = "cache"\n[[index]]\nurl = "./flat"\n'
    home = tmp_path / "home" / "uv"
    assert written(tmp_path, user(tmp_path, text)) == {
        "find-links": [f"{home}/wheels", "/abs", "https://x/y"],
        "cache-dir": f"{home}/cache",
        "index": [{"url": f"{home}/./flat"}],
    }


def test_the_users_file_wins_over_everyones(tmp_path: Path) -> None:
    everyone = 'index-url = "https://etc"\nextra-index-url = ["https://b"]\nnative-tls = true\n'
    environ = user(tmp_path, 'extra-index-url = ["https://a"]\n[pip]\nindex-url = "https://pip"\n', everyone)
    found = uv_files.settings(environ)
    assert found["index-url"] == "https://pip"
    assert found["extra-index-url"] == ["https://a", "https://b"]
    assert found["native-tls"] is True
    assert "native-tls" not in uv_files.settings({**environ, "UV_NO_SYSTEM_CONFIG": "1"})
    assert uv_files.settings({**environ, "UV_NO_CONFIG": "1"}) == {}
    assert uv_files.settings(
        {**environ, "UV_CONFIG_FILE": str(file(tmp_path / "own", "offline = true"))}
    ) == {"offline": True}


@pytest.mark.parametrize("text", [None, "index-url = "])
def test_a_named_file_that_can_not_be_read_is_an_error_and_another_is_passed_over(
    tmp_path: Path, text: str | None
) -> None:
    path = tmp_path / "own.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SetupError, match=rf"UV_CONFIG_FILE={path} can't be read .*unset it"):
        uv_files.settings({"UV_CONFIG_FILE": str(path)})
    assert uv_files.settings(user(tmp_path, "index-url = ")) == {}
