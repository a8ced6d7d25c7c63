"""Errors as data, and their way to the Pulumi engine: a gRPC code and one sentence, never a traceback or a secret."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar

import grpc
from google.protobuf import any_pb2, struct_pb2

from paidsw.cloud import CloudError, CredentialsMissing, NotFound, NotSent, Throttled
from paidsw.cloud.polling import is_transient
from paidsw.core.messages import Message, UserError
from paidsw.core.redaction import keeping
from paidsw.provider.messages import Text
from paidsw.provider.outgoing import outgoing
from paidsw.provider.values import encode

Response = TypeVar("Response")
Handler = Callable[[Any, Any, "grpc.aio.ServicerContext[Any, Any]"], Awaitable[Response]]


class ProviderError(UserError):
    """Ends an operation with a gRPC code; the advice, if there is one, is what to do with `pulumi`."""

    def __init__(
        self,
        cause: Message | str,
        advice: Message | str = "",
        *,
        code: grpc.StatusCode = grpc.StatusCode.FAILED_PRECONDITION,
    ) -> None:
        super().__init__(cause, advice)
        self.code = code


class PartialFailure(Exception):
    """The resource exists but isn't as declared. Carries what the engine must not lose: its id.

    The engine then keeps the resource in the state, marked with `reasons`; the next `pulumi up` updates it and
    `pulumi destroy` deletes it.
    """

    def __init__(
        self,
        resource_id: str,
        state: Mapping[str, Any],
        reasons: Iterable[Message | UserError | str],
        *,
        secrets: Iterable[str] = (),
        inputs: Mapping[str, Any] | None = None,
        refresh_before_update: bool = True,
    ) -> None:
        self.resource_id = resource_id
        self.state = dict(state)
        # For a read only: the engine takes the inputs of a create or update from the program.
        self.inputs = dict(inputs or {})
        self.reasons = [outgoing(reason) for reason in reasons]
        self.secrets = frozenset(secrets)
        self.refresh_before_update = refresh_before_update
        super().__init__("; ".join(self.reasons))

    def status_details(self) -> bytes:
        """The value of grpc-status-details-bin: a google.rpc.Status that holds ErrorResourceInitFailed."""
        # Only a provider answers the engine; most of `dsw` starts without its SDK, in two thirds of the time.
        from pulumi.runtime.proto import provider_pb2, status_pb2

        detail = any_pb2.Any()
        detail.Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=self.resource_id,
                properties=self._encoded(self.state),
                inputs=self._encoded(self.inputs),
                reasons=self.reasons,
                refresh_before_update=self.refresh_before_update,
            )
        )
        status = status_pb2.Status(
            code=int(grpc.StatusCode.UNKNOWN.value[0]), message=str(self), details=[detail]
        )
        return status.SerializeToString()

    def _encoded(self, values: Mapping[str, Any]) -> struct_pb2.Struct:
        try:
            return encode(values, self.secrets)
        except Exception:
            # The id must arrive, whatever is wrong with the rest; a refresh fills it in.
            return struct_pb2.Struct()


def clean_errors(handler: Handler[Response]) -> Handler[Response]:
    """Turns whatever a handler raises into an answer that the engine shows as one sentence."""

    @wraps(handler)
    async def wrapper(servicer: Any, request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Response:
        with keeping(servicer.secrets_after(request)):
            try:
                return await handler(servicer, request, context)
            except PartialFailure as failure:
                # The engine looks for the id in the details of this one code only.
                details = (("grpc-status-details-bin", failure.status_details()),)
                await context.abort(grpc.StatusCode.UNKNOWN, str(failure), details)
            except (ProviderError, CloudError) as error:
                await context.abort(code_of(error), outgoing(error))
            except (grpc.RpcError, grpc.aio.AbortError):
                raise
            except Exception as error:
                await context.abort(grpc.StatusCode.INTERNAL, outgoing(bug_sentence(handler.__name__, error)))
            raise AssertionError("abort always raises")

    return wrapper


def code_of(error: ProviderError | CloudError) -> grpc.StatusCode:
    """The gRPC code that says best what happened."""
    if isinstance(error, ProviderError):
        return error.code
    if isinstance(error, CredentialsMissing):
        return grpc.StatusCode.UNAUTHENTICATED
    if isinstance(error, NotFound):
        return grpc.StatusCode.NOT_FOUND
    if isinstance(error, Throttled):
        return grpc.StatusCode.RESOURCE_EXHAUSTED
    if isinstance(error, NotSent):
        return grpc.StatusCode.UNAVAILABLE
    return grpc.StatusCode.FAILED_PRECONDITION


def sentence(error: Exception) -> UserError | Message:
    """An error in one sentence for the user; a bug of ours is named by its place instead of a traceback."""
    return error if isinstance(error, UserError) else bug_sentence("", error)


def cause(error: Exception) -> Message | str:
    """An error in one sentence, without its advice: for a sentence that ends in its own."""
    return error.cause if isinstance(error, UserError) else bug_sentence("", error)


def next_step(error: CloudError) -> Message | str:
    """What ends the trouble of a call that only asked."""
    return error.advice or (Text.RUN_UP_LATER() if is_transient(error) else Text.RUN_DOCTOR())


def bug_sentence(where: str, error: Exception) -> Message:
    """The sentence for a bug of ours: its kind and place, without values, which may be secret."""
    frames = traceback.extract_tb(sys.exc_info()[2] if error.__traceback__ is None else error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown place"
    return Text.BUG(where=f" in {where}" if where else "", kind=type(error).__name__, place=place)
