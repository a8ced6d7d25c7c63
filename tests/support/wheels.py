"""Wheels and a lock made for tests: a package index on disk."""

import base64
import hashlib
import importlib.metadata
import zipfile
from dataclasses import dataclass
from pathlib import Path

PYPROJECT = """
[build-system]
requires = ["uv_build>=0.8"]
build-backend = "uv_build"
[project]
name = "pulumi-paidsw"
version = "1.0"
requires-python = ">=3.11"
dependencies = [{run}]
[project.scripts]
tiny = "room:main"
[dependency-groups]
environment = ["setuptools"]
dev = ["setuptools", {dev}]
[tool.uv.build-backend]
module-name = "room"
module-root = ""
"""


@dataclass(frozen=True)
class Wheel:
    """A wheel on disk, as a lock names it."""

    name: str
    version: str
    path: Path

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.path.read_bytes()).hexdigest()}"


def wheel(folder: Path, name: str, version: str) -> Wheel:
    """A wheel of one module that tells its version."""
    # Two versions made within a second must differ in size: Python knows compiled files by time and size of the source.
    padding = "#" * int(version.partition(".")[0])
    files = {
        f"{name}.py": f"VERSION = {version!r}  {padding}\n",
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    return pack(folder, name, version, {path: text.encode() for path, text in files.items()})


def setuptools(folder: Path) -> Wheel:
    """The installed setuptools as a wheel again, so that nothing is fetched."""
    found = importlib.metadata.distribution("setuptools")
    dropped = ("RECORD", "INSTALLER", "REQUESTED", ".pyc")
    files = {
        str(path): Path(str(path.locate())).read_bytes()
        for path in found.files or []
        if not str(path).endswith(dropped)
    }
    return pack(folder, "setuptools", found.version, files)


def pack(folder: Path, name: str, version: str, files: dict[str, bytes]) -> Wheel:
    rows = []
    for path, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        rows.append(f"{path},sha256={digest},{len(content)}")
    record = f"{name}-{version}.dist-info/RECORD"
    target = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(target, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
        archive.writestr(record, "\n".join([*rows, f"{record},,"]) + "\n")
    return Wheel(name, version, target)


def lock(run: list[Wheel], dev: list[Wheel], *, digests: dict[str, str] | None = None) -> str:
    """A `uv.lock` of the public index for `PYPROJECT`; `digests` replaces the hashes of some packages."""
    given = digests or {}
    entries = [_entry(found, given.get(found.name, found.digest)) for found in {*run, *dev}]
    dependencies = ", ".join(f'{{ name = "{found.name}" }}' for found in run if found.name != "setuptools")
    extra = ", ".join(f'{{ name = "{found.name}" }}' for found in dev if found not in run)
    base = '{ name = "setuptools" }'
    return "\n".join(
        [
            'version = 1\nrevision = 3\nrequires-python = ">=3.11"\n',
            *sorted(entries),
            '[[package]]\nname = "pulumi-paidsw"\nversion = "1.0"\nsource = { editable = "." }',
            f"dependencies = [{dependencies}]",
            f"[package.dev-dependencies]\nenvironment = [{base}]\ndev = [{', '.join(filter(None, [extra, base]))}]",
            f"[package.metadata]\nrequires-dist = [{dependencies}]",
            f"[package.metadata.requires-dev]\nenvironment = [{base}]",
            f"dev = [{', '.join(filter(None, [extra, base]))}]\n",
        ]
    )


def _entry(found: Wheel, digest: str) -> str:
    hashed = f', hash = "{digest}"' if digest else ""
    return (
        f'[[package]]\nname = "{found.name}"\nversion = "{found.version}"\n'
        'source = { registry = "https://pypi.org/simple" }\n'
        f'wheels = [{{ url = "https://files.example.org/packages/{found.path.name}"{hashed} }}]\n'
    )


def project(root: Path, run: list[Wheel], dev: list[Wheel], *, digests: dict[str, str] | None = None) -> None:
    """Write a small project and its lock."""
    root.mkdir(parents=True, exist_ok=True)
    without = [found for found in run if found.name != "setuptools"]
    extra = [found for found in dev if found not in run]
    names = [", ".join(f'"{found.name}"' for found in wanted) for wanted in (without, extra)]
    (root / "pyproject.toml").write_text(PYPROJECT.format(run=names[0], dev=names[1]))
    (root / "uv.lock").write_text(lock(run, dev, digests=digests))
    (root / "room").mkdir(exist_ok=True)
    (root / "room" / "__init__.py").write_text("import thing\ndef main(): print(thing.VERSION)\n")
