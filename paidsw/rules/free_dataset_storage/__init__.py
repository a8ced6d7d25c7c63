"""No dataset is mounted from storage that bills."""

from collections.abc import Iterator

from paidsw.rules.references import TRIAL
from paidsw.rules.rule import Finding, Level, Resource, Rule, Severity
from paidsw.rules.settings import NoSettings
from paidsw.rules.values import Node
from paidsw.trial.terms import Terms

_STORAGE = ("oss", "nas", "cpfs")


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds every mounted dataset, and says on which storage it lies as far as its URI tells."""
    datasets = instance["datasets"]
    for dataset in datasets.entries:
        what = f"a dataset on {_storage(dataset)} is not paid for by the free trial"
        yield Finding(
            dataset.path, what, "no datasets", "work on the system disk or know the storage's price"
        )


def _storage(dataset: Node) -> str:
    scheme = (dataset["uri"].text or "").partition("://")[0].lower()
    kind = next((name for name in _STORAGE if scheme.endswith(name)), None)
    return kind.upper() if kind else "OSS, NAS or CPFS"


RULE = Rule(
    id="free-dataset-storage",
    title="No dataset on billed storage",
    description="No dataset is mounted from storage that bills.",
    why="OSS, NAS and CPFS bill for what they hold and for requests, and go on after the instance is deleted.",
    steps="Remove `datasets` and keep data on the system disk, or watch the storage's own bill.",
    severity=Severity.MEDIUM,
    reference=TRIAL,
    level=Level.ADVISORY,
    properties=("datasets",),
    settings=NoSettings,
    check=check,
)
