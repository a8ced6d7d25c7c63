"""A program that takes the notebook from the component package, as one in another language does."""

import pulumi

settings = pulumi.Config("lab")
OUTPUTS = ("instanceId", "status", "jupyterlabUrl", "quotaHours")


class Notebook(pulumi.ComponentResource):
    """What a generated SDK would hold."""

    def __init__(self, name: str, args: pulumi.Inputs) -> None:
        inputs = {**dict.fromkeys(OUTPUTS), **args}
        super().__init__("dsw-free-tier:index:FreeTierNotebook", name, inputs, remote=True)


notebook = Notebook(
    "notebook",
    {
        "region": "cn-wulanchabu",
        "instanceName": settings.get("name") or "from_a_package",
        "idleMinutes": 20,
        "environmentVariables": {"A": "b"},
        "labels": {"team": pulumi.Output.secret("planted")},
    },
)
for output in OUTPUTS:
    pulumi.export(output, getattr(notebook, output))
