"""The pack as a server: the SDK's own, with what that leaves out.

A configuration that names a rule that there isn't, or a setting that its rule hasn't, is refused when it arrives. What
can't be known during a preview is one line for a resource instead of one for each rule, with the pack's own version.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from typing import Any, cast

import grpc
from google.protobuf import json_format
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc
from pulumi_policy import EnforcementLevel, StackValidationPolicy
from pulumi_policy.policy import _PolicyAnalyzerServicer

from paidsw import __version__
from paidsw.core.properties import decode
from paidsw.core.values import UndecidedError
from paidsw.rules.policy_config import PolicyConfigError, refuse_unknown
from paidsw.rules.registry import Undecided, findings, not_known, rules
from paidsw.rules.rule import INSTANCE_TYPE, Resource, Severity
from paidsw.trial.terms import TERMS
from policies.pack import DESCRIPTION, NAME, policies, undecided

# That of the SDK; without it a large resource is refused.
_OPTIONS = [("grpc.max_receive_message_length", 400 * 1024 * 1024)]


class PackServicer(_PolicyAnalyzerServicer):
    """Answers the engine."""

    def __init__(self) -> None:
        self._policies = policies()
        # The URNs of resources, each with the rules that its line has named.
        self._told: dict[str, frozenset[str]] = {}
        super().__init__(
            NAME,
            __version__,
            self._policies,
            EnforcementLevel.MANDATORY,
            description=DESCRIPTION,
            display_name="PAI-DSW free tier",
            provider="alicloud",
            tags=["pai-dsw", "free-trial", "cost"],
        )

    def Configure(self, request: analyzer_pb2.ConfigureAnalyzerRequest, context: Any) -> Any:
        """Take levels and settings. The engine hands on every name that the file has."""
        sdk: Any = super()
        given = {
            name: json_format.MessageToDict(one.properties) for name, one in request.policyConfig.items()
        }
        try:
            refuse_unknown(given, rules())
        except PolicyConfigError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return sdk.Configure(request, context)

    def Analyze(self, request: analyzer_pb2.AnalyzeRequest, context: Any) -> analyzer_pb2.AnalyzeResponse:
        """Judge a resource by itself."""
        sdk: Any = super()
        with undecided([request]) as found:
            response: analyzer_pb2.AnalyzeResponse = sdk.Analyze(request, context)
        if found and request.type == INSTANCE_TYPE:
            found += self._of_stack(request)
        self._told[request.urn] = frozenset(one.rule for one in found)
        response.diagnostics.extend(_lines(found))
        return response

    def AnalyzeStack(
        self, request: analyzer_pb2.AnalyzeStackRequest, context: Any
    ) -> analyzer_pb2.AnalyzeResponse:
        """Judge all resources together."""
        sdk: Any = super()
        with undecided(request.resources) as found:
            response: analyzer_pb2.AnalyzeResponse = sdk.AnalyzeStack(request, context)
        response.diagnostics.extend(
            _lines([one for one in found if one.rule not in self._told.get(one.urn, ())])
        )
        return response

    def _of_stack(self, request: analyzer_pb2.AnalyzeRequest) -> Iterator[Undecided]:
        """What the rules about all resources can't decide either, because of this one."""
        props = cast("Mapping[str, object]", decode(json_format.MessageToDict(request.properties)))
        resource = Resource(request.type, props, request.name, request.urn)
        for policy in self._policies:
            level = self._get_enforcement_level(policy)
            if not isinstance(policy, StackValidationPolicy) or level is EnforcementLevel.DISABLED:
                continue
            rule = rules()[policy.name]
            try:
                deque(findings(rule, (resource,), rule.settings(), TERMS), maxlen=0)
            except UndecidedError as error:
                yield Undecided.of(rule.id, error, request.urn)


def _lines(found: Sequence[Undecided]) -> Iterator[analyzer_pb2.AnalyzeDiagnostic]:
    """One line for each resource about the rules that wait for a value of it, at the most severe of them."""
    for urn in dict.fromkeys(one.urn for one in found):
        own = sorted((one for one in found if one.urn == urn), key=_severest_first)
        yield analyzer_pb2.AnalyzeDiagnostic(
            policyName=own[0].rule,
            policyPackName=NAME,
            policyPackVersion=__version__,
            message=str(not_known(own)),
            urn=urn,
            description=rules()[own[0].rule].description,
            enforcementLevel=analyzer_pb2.ADVISORY,
        )


def _severest_first(one: Undecided) -> int:
    return -list(Severity).index(rules()[one.rule].severity)


def serve(servicer: PackServicer) -> None:
    """Serve until the engine ends this process; the port is the first line of standard output."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), options=_OPTIONS)
    analyzer_pb2_grpc.add_AnalyzerServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    server.wait_for_termination()
