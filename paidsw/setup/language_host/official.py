"""What only Pulumi's own language host does: each such call is one sentence that says where to get that host."""

import os
import signal
from contextlib import suppress
from typing import NoReturn

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc

from ..messages import Text, needs_official

# The engine's own name for the source that `pulumi state promote` has code made of.
_PROMOTED = "promote.pp"
_PATIENCE = 5.0


class OfficialOnly(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls that make code or packages."""

    def GenerateProgram(
        self, request: language_pb2.GenerateProgramRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """The code of an import, which the state has by then, or of a promoted snippet."""
        promoted = _PROMOTED in request.source
        refuse(
            context,
            needs_official(Text.STATE_PROMOTE())
            if promoted
            else needs_official(Text.IMPORT_CODE(), Text.IMPORTED()),
        )

    def GenerateProject(
        self, request: language_pb2.GenerateProjectRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """`pulumi convert`."""
        del request
        refuse(context, needs_official(Text.CONVERT()))

    def GeneratePackage(
        self, request: language_pb2.GeneratePackageRequest, context: grpc.ServicerContext
    ) -> NoReturn:
        """`pulumi package add` and `gen-sdk`, and `pulumi install` of a project with packages."""
        del request
        refuse(context, needs_official(Text.GENERATE_SDK()))

    def Link(self, request: language_pb2.LinkRequest, context: grpc.ServicerContext) -> NoReturn:
        """The end of `pulumi package add`."""
        del request
        refuse(context, needs_official(Text.ADD_PACKAGE()))

    def Pack(self, request: language_pb2.PackRequest, context: grpc.ServicerContext) -> NoReturn:
        """`pulumi package pack-sdk`."""
        del request
        refuse(context, needs_official(Text.PACK_SDK()))


def refuse(context: grpc.ServicerContext, text: str) -> NoReturn:
    """End a call with a sentence."""
    context.abort(grpc.StatusCode.UNIMPLEMENTED, text)


def refuse_import(engine: str) -> None:
    """Show an error through the engine at an address, and cancel its import as Ctrl-C does.

    The engine asks for the code once the import is recorded, and no answer of a language host ends it before.
    """
    text = needs_official(Text.IMPORT_CODE(), Text.LEAVE_CODE_OUT())
    message = engine_pb2.LogRequest(severity=engine_pb2.ERROR, message=text)
    with suppress(grpc.RpcError, ProcessLookupError), grpc.insecure_channel(engine) as channel:
        engine_pb2_grpc.EngineStub(channel).Log(message, timeout=_PATIENCE)
        os.kill(os.getppid(), signal.SIGTERM)
