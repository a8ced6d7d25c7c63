"""Runs an operation: settles the clock, applies faults, checks permission, calls the handler, commits and records."""

from __future__ import annotations

import json
import sys
import traceback
import uuid
from dataclasses import dataclass, field, replace

from .account import OWNER, Account, CallRecord
from .clock import http_date
from .dsw import lifecycle
from .dsw.models import Step
from .errors import ApiError, no_permission
from .faults import REFUSING, Fault
from .request import Call, Fields, Json
from .routing import Operation
from .state import State


@dataclass
class Answer:
    """What goes back: ``cut`` breaks the connection instead, ``hold_ms`` delays the answer in real time."""

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


class Gateway:
    """Carries out operations on an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def perform(
        self,
        operation: Operation,
        region: str,
        params: dict[str, str] | None = None,
        *,
        query: str = "",
        body: bytes = b"",
        host: str = "",
    ) -> Answer:
        """Run an operation and return its answer; errors are answers too.

        ``params`` are those of the path, decoded; ``query`` and ``body`` are as they came.
        """
        request_id = new_request_id()
        call = Call(self.account, operation.name, region, self.account.now(), params or {})
        struck = _Struck(self.account.faults.strike(operation.name, region))
        try:
            answer = self._perform(operation, call, struck, (query, body), request_id)
            outcome = "ok"
        except ApiError as error:
            answer, outcome = self.refuse(error, host, request_id), error.code
        except (
            Exception
        ) as error:  # a bug in the emulator itself goes to its log, but not what its text may quote
            traceback.print_tb(error.__traceback__)
            print(type(error).__name__, file=sys.stderr)
            failed = ApiError(500, "InternalError", "The emulator itself has failed: its log says where")
            answer, outcome = self.refuse(failed, host, request_id), "emulator-failed"
        answer = _spoil(answer, struck)
        self.record(operation.name, region, call.target, answer.status, outcome, struck.names)
        return answer

    def refuse(self, error: ApiError, host: str, request_id: str = "") -> Answer:
        """Turn an error into an answer."""
        answer = self._answer(error.status, error.body(request_id or new_request_id(), host))
        answer.headers |= error.headers
        return answer

    def record(self, name: str, region: str, target: str, status: int, outcome: str, fault: str = "") -> None:
        """Remember a call."""
        call = CallRecord(self.account.now(), name, region, target, status, outcome, fault)
        self.account.calls.append(call)

    def _perform(
        self, operation: Operation, call: Call, struck: _Struck, sent: tuple[str, bytes], request_id: str
    ) -> Answer:
        if slow := struck.get("slow"):
            self.account.clock.move(round(slow.seconds * 1000))
        # Time passes for a refused call as well.
        changed = self.account.settle() or slow is not None
        if changed:
            self._commit()
        call.now = self.account.now()
        if struck.get("cut-before"):
            return Answer(0, b"", cut=True)
        if fault := struck.get(*REFUSING, "error"):
            raise fault.error(operation.name, call.region)
        if self.account.state.settings.denies(operation.name, *operation.actions):
            raise no_permission(operation.actions[0], call.region, OWNER)
        if fault := struck.get("success-false"):
            return self._answer(200, fault.unsuccessful() | {"RequestId": request_id})
        # Permission comes first: a caller without it learns nothing about the body.
        call.query, call.body = Fields.of_query(sent[0]), Fields.of_body(sent[1])
        result = operation.handler(call) if operation.reads else self._change(operation, call, struck)
        return self._answer(200, _envelope(operation) | result | {"RequestId": request_id})

    def _change(self, operation: Operation, call: Call, struck: _Struck) -> Json:
        """Run a write: all of it is on disk afterwards, or nothing."""
        self.account.checkpoint()
        fault = struck.get("stale", "unlisted")
        before = self.account.before() if fault else State()
        try:
            result = operation.handler(call)
            # What was made counts as the call's target too.
            for key in ("InstanceId", "WorkspaceId"):
                if key in result:
                    call.params[key] = str(result[key])
            _bend(self.account.state, call.target, struck)
        except BaseException:
            # Handlers check and change in turns, so an error may come after a change.
            self.account.rollback()
            raise
        self._commit()
        if fault:
            self.account.remember(
                call.target,
                before,
                reads=fault.reads,
                seconds=fault.seconds,
                lists_only=fault.kind == "unlisted",
            )
        return result

    def _commit(self) -> None:
        try:
            self.account.commit()
        except OSError as error:
            raise ApiError(
                500,
                "InternalError",
                f"The emulator cannot write its state ({error.strerror}): nothing was changed.",
            ) from error

    def _answer(self, status: int, members: Json) -> Answer:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": http_date(self.account.now()),
            "x-acs-request-id": str(members["RequestId"]),
        }
        return Answer(status, json.dumps(members, ensure_ascii=False).encode(), headers)


def new_request_id() -> str:
    """An id in the services' form."""
    return str(uuid.uuid4()).upper()


def _envelope(operation: Operation) -> Json:
    members = {"Code": "null", "HttpStatusCode": 200, "Message": "", "Success": True}
    return {name: members[name] for name in operation.envelope}


def _bend(state: State, target: str, struck: _Struck) -> None:
    """Apply the faults that change what happens to an instance after the call."""
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
