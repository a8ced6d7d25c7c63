"""A rehearsal with a `pulumi` that does nothing, and what stands in its state and its emulator."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from paidsw.cloud import Connection, DswClient
from paidsw.setup import layout
from paidsw.setup.engine import own_host
from tests.support.cloud import A10, HOME, image
from tests.support.command import Project

OUTPUTS = {
    "instanceId": "dsw-1",
    "jupyterlabUrl": "https://x/lab?token=t",
    "webIdeUrl": "https://x/ide?token=t",
    "terminalUrl": "https://x/tty?token=t",
    "shutdownTime": "2026-11-24T12:00:00Z",
}
# Writes down what it was called with, and prints outputs when asked for them.
SCRIPT = """
with open(os.path.join({log!r}), "a") as log:
    log.write(json.dumps([sys.argv[1:], os.environ["PULUMI_HOME"], os.getcwd()]) + "\\n")
if sys.argv[1:3] == ["stack", "output"]:
    print({outputs!r})
sys.exit({codes!r}.get(verb, 0))
"""


class Calls:
    """A `pulumi` that does nothing, and what it was asked for."""

    def __init__(self, project: Project, outputs: object = OUTPUTS, **codes: int) -> None:
        self._project, self._log = project, project.root / "calls"
        text = json.dumps(outputs)
        project.pulumi(SCRIPT.format(log=str(self._log), outputs=text, codes=codes))

    def beside_our_host(self) -> None:
        """Move it to where the set-up puts a CLI that comes without a language host."""
        host = own_host(self._project.root)
        host.parent.mkdir(parents=True)
        host.touch()
        moved = (self._project.root / "pulumi").rename(host.with_name("pulumi"))
        layout.tools(self._project.root).joinpath("pulumi.json").write_text(
            json.dumps({"pulumi": str(moved)})
        )

    def made(self) -> list[tuple[list[str], str, str]]:
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [tuple(json.loads(line)) for line in lines]

    def verbs(self) -> list[str]:
        return [
            " ".join(arguments[:2]) if arguments[0] == "stack" else arguments[0]
            for arguments, *_ in self.made()
        ]


def notebook(project: Project, marks: dict[str, str], name: str = "notebook") -> str:
    """One that runs in the rehearsal's emulator; its id."""
    project.dsw("emulator", "start")
    request = {
        "WorkspaceId": project.control().default_workspace(HOME),
        "InstanceName": name,
        "EcsSpec": A10,
        "ImageUrl": image(),
        "Accessibility": "PRIVATE",
        "Labels": [{"Key": key, "Value": value} for key, value in marks.items()],
    }
    client = DswClient(Connection(str(project.emulator.resolve())), HOME)
    return asyncio.run(client.create_instance(request))


def stack_exists(project: Project, *resources: object) -> Path:
    path = project.state / ".pulumi" / "stacks" / "dsw-free-tier" / "dev.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 3, "checkpoint": {"latest": {"resources": resources}}}))
    return path
