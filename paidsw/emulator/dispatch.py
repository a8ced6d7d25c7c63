"""One call from request to answer: settle the clock, meet the faults, do it, commit, record it."""

from __future__ import annotations

import json
import traceback
import uuid
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from . import aiworkspace, billing, dlc, dsw, eas, lifecycle, regions, routing, signature
from .clock import http_date, system_time
from .cloud import CallRecord, Cloud
from .errors import ApiError
from .faults import REFUSING, Fault
from .models import Json, State, Step
from .routing import Call, Operation
from .wire import Request

SERVICES = (aiworkspace, billing, dlc, dsw, eas)  # imported for their routes

KEPT_NONCES = 10_000


@dataclass
class Answer:
    """What goes back; ``cut`` breaks the connection instead, ``hold_ms`` waits in real time first."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    hold_ms: int = 0


@dataclass
class _Struck:
    faults: list[Fault]

    def get(self, *kinds: str) -> Fault | None:
        return next((fault for fault in self.faults if fault.kind in kinds), None)

    @property
    def names(self) -> str:
        return ",".join(fault.kind for fault in self.faults)


class Dispatcher:
    """Answers the requests to the emulated services."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._nonces: dict[str, None] = {}

    def answer(self, request: Request) -> Answer:
        """The answer to any request whatever; errors are answers too."""
        request_id = str(uuid.uuid4()).upper()
        try:
            op, call = self._accept(request)
        except ApiError as error:
            self._record("-", "-", request.raw_path, error.status, error.code)
            return self._error(error, request_id, request.host)
        struck = _Struck(self.cloud.faults.strike(op.name, call.region))
        try:
            answer = self._perform(op, call, request, struck, request_id)
            outcome = "ok"
        except ApiError as error:
            if not op.reads:
                self.cloud.rollback()
            answer, outcome = self._error(error, request_id, request.host), error.code
        except Exception:  # a fault of the emulator itself: for its log, and never half done
            traceback.print_exc()
            self.cloud.rollback()
            failed = ApiError(500, "InternalError", "The emulator itself has failed: its log says where")
            answer, outcome = self._error(failed, request_id, request.host), "emulator-failed"
        answer = _spoil(answer, struck)
        target = call.params.get("InstanceId") or call.params.get("WorkspaceId", "")
        self._record(op.name, call.region, target, answer.status, outcome, struck.names)
        return answer

    def _accept(self, request: Request) -> tuple[Operation, Call]:
        product, region = self._locate(request)
        settings = self.cloud.state.settings
        signature.check(request, system_time(), settings.skew_seconds * 1000)
        self._once(request.header("x-acs-signature-nonce"))
        found = routing.match(product, request.method, request.raw_path, request.header("x-acs-action"))
        if found is None:
            raise ApiError(404, "InvalidAction.NotFound", f"No action at {request.method} {request.raw_path}")
        op, params = found
        version = request.header("x-acs-version")
        if version != regions.VERSIONS[op.product]:
            raise ApiError(
                400, "InvalidVersion", f"{op.name} belongs to version {regions.VERSIONS[op.product]}"
            )
        return op, Call(self.cloud, op.name, region, routing.OWNER, self.cloud.now(), params)

    def _once(self, nonce: str) -> None:
        """A transport that sends a request again, after it lost the answer, is not to do the thing twice."""
        if nonce in self._nonces:
            raise ApiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        self._nonces[nonce] = None
        if len(self._nonces) > KEPT_NONCES:
            del self._nonces[next(iter(self._nonces))]

    def _locate(self, request: Request) -> tuple[str | None, str]:
        if regions.is_loopback(request.host):
            return None, self.cloud.state.settings.home_region
        place = regions.locate(request.host)
        if place is None:
            raise ApiError(
                404,
                "InvalidRegionId.NotFound",
                f"The emulator serves no host {request.host!r}, and passes nothing on: it knows"
                f" {', '.join(f'{name}.<region>.aliyuncs.com' for name in regions.PRODUCTS)}"
                f" in {len(regions.REGIONS)} regions, and {', '.join(regions.CENTRAL)}.",
            )
        return place

    def _perform(
        self, op: Operation, call: Call, request: Request, struck: _Struck, request_id: str
    ) -> Answer:
        if slow := struck.get("slow"):
            self.cloud.clock.move(round(slow.seconds * 1000))
        changed = self.cloud.settle() or slow is not None
        if changed:
            self._commit()
        call.now = self.cloud.now()
        if fault := struck.get("cut-before"):
            return Answer(0, b"", cut=True)
        if fault := struck.get(*REFUSING, "error"):
            raise fault.error(op.name, call.region)
        if _denied(op, self.cloud.state.settings.denied):
            raise _no_permission(op, call.region)
        if fault := struck.get("success-false"):
            return self._success_false(fault, request_id)
        call.query, call.body = request.query(), request.json()
        result = self._change(op, call, struck) if not op.reads else op.handler(call)
        members = _envelope(op) | result | {"RequestId": request_id}
        return self._json(200, members)

    def _change(self, op: Operation, call: Call, struck: _Struck) -> Json:
        """Do a write; all of it, on disk, or nothing."""
        before = self.cloud.checkpoint(next(iter(call.params.values()), ""))
        result = op.handler(call)
        # What was made counts as the call's target too.
        for key in ("InstanceId", "WorkspaceId"):
            if key in result:
                call.params[key] = str(result[key])
        target = call.params.get("InstanceId") or call.params.get("WorkspaceId", "")
        _bend(self.cloud.state, target, struck)
        self._commit()
        if fault := struck.get("stale"):
            self.cloud.remember(target, fault.reads, before)
        return result

    def _commit(self) -> None:
        try:
            self.cloud.commit()
        except OSError as error:
            raise ApiError(
                500,
                "InternalError",
                f"The emulator cannot write its state ({error.strerror}): nothing was changed.",
            ) from error

    def _success_false(self, fault: Fault, request_id: str) -> Answer:
        members = {
            "Code": fault.code or "InternalError",
            "HttpStatusCode": 200,
            "Message": fault.message or "The operation has failed.",
            "RequestId": request_id,
            "Success": False,
        }
        return self._json(200, members)

    def _error(self, error: ApiError, request_id: str, host: str) -> Answer:
        answer = self._json(error.status, error.body(request_id, regions.host_only(host)))
        answer.headers |= error.headers
        return answer

    def _json(self, status: int, members: Json) -> Answer:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": http_date(self.cloud.now()),
            "x-acs-request-id": str(members["RequestId"]),
        }
        return Answer(status, json.dumps(members, ensure_ascii=False).encode(), headers)

    def _record(
        self, name: str, region: str, target: str, status: int, outcome: str, fault: str = ""
    ) -> None:
        record = CallRecord(self.cloud.now(), name, region, target, status, outcome, fault)
        self.cloud.calls.append(record)


def _denied(op: Operation, patterns: list[str]) -> bool:
    """Whether a pattern of the settings is one of the operation's name or of a RAM action that it needs."""
    names = [name.lower() for name in (op.name, *op.actions)]
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in names)


def _no_permission(op: Operation, region: str) -> ApiError:
    code, _, name = op.actions[0].partition(":")
    resource = f"acs:{code}:{region}:{routing.OWNER}:*"
    return ApiError(403, "NoPermissionError", f"No permission {name} for resource: {resource}")


def _envelope(op: Operation) -> Json:
    members = {"Code": "null", "HttpStatusCode": 200, "Message": "", "Success": True}
    return {name: members[name] for name in op.envelope}


def _bend(state: State, target: str, struck: _Struck) -> None:
    """Let an instance take another course than the call meant."""
    instance = state.instances.get(target)
    if instance is None:
        return
    for fault in struck.faults:
        if fault.kind == "stuck":
            lifecycle.stick(instance, fault.status)
        elif fault.kind == "failed":
            lifecycle.fail(instance, fault.code or "InternalError", fault.message or "Internal Error")
        elif fault.kind == "sold-out":
            instance.pending = [Step("Queuing", instance.pending[0].at)] if instance.pending else []


def _spoil(answer: Answer, struck: _Struck) -> Answer:
    """Damage an answer on its way."""
    if slow := struck.get("slow"):
        answer = replace(answer, hold_ms=slow.hold_ms)
    if struck.get("cut-after"):
        return replace(answer, cut=True)
    if bad := struck.get("bad-body"):
        bodies = {
            "truncated": answer.body[: len(answer.body) // 2],
            "html": b"<html><body><h1>502 Bad Gateway</h1></body></html>",
            "empty": b"",
        }
        return replace(answer, body=bodies[bad.body])
    return answer
