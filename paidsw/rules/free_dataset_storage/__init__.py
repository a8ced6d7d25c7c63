"""No dataset is mounted from storage that bills."""

from collections.abc import Iterator

from paidsw.core.messages import Message, message
from paidsw.core.values import Node
from paidsw.rules.rule import Finding, Level, NoSettings, Reference, Resource, Rule, Severity, Wording
from paidsw.trial.terms import Terms

_STORAGE = ("oss", "nas", "cpfs")

_BILLED = Wording(
    what="the free trial doesn't pay for a dataset on {storage}",
    allowed="no datasets",
    fix="keep data on the system disk, or check the price of the storage",
)


def check(instance: Resource, _settings: NoSettings, _terms: Terms) -> Iterator[Finding]:
    """Finds every mounted dataset, and says on which storage it lies as far as its URI tells."""
    datasets = instance["datasets"]
    for dataset in datasets.entries:
        yield _BILLED.at(dataset.path, storage=_storage(dataset))


def _storage(dataset: Node) -> str | Message:
    scheme = (dataset["uri"].text or "").partition("://")[0].lower()
    kind = next((name for name in _STORAGE if scheme.endswith(name)), None)
    return kind.upper() if kind else message("OSS, NAS or CPFS")


RULE = Rule(
    id="free-dataset-storage",
    title="No dataset on billed storage",
    description="No dataset is mounted from storage that bills.",
    why="OSS, NAS and CPFS bill for what they hold and for requests, and keep billing after the instance is deleted.",
    steps="Remove `datasets` and keep data on the system disk, or watch the storage's own bill.",
    severity=Severity.MEDIUM,
    reference=Reference.TRIAL,
    level=Level.ADVISORY,
    properties=("datasets",),
    settings=NoSettings,
    check=check,
)
