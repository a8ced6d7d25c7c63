"""The `pulumirpc.LanguageRuntime` service."""

import json
import os
import platform
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from google.protobuf import json_format
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from ..messages import Text, needs_official
from . import official
from .children import Child, Children
from .command import engine_command, imports_with_code
from .official import OfficialOnly
from .options import Environment, OptionError, environment, to_be_made
from .packages import PluginPackage, dependencies, required_plugins

VERSION = "1.0.0"
PROGRAM = Path(__file__).with_name("program.py")
# The exit code by which program.py says: the reason is on the screen, add nothing.
REASON_SHOWN = 32
# Every running plugin keeps one thread; the engine never stops waiting if none is free.
WORKERS = 100
_MESSAGE_LIMIT = 400 * 1024 * 1024

Info = language_pb2.ProgramInfo


class LanguageHost(OfficialOnly):
    """Runs programs and plugins as processes of their project's virtual environment."""

    def __init__(self, children: Children, engine_address: str) -> None:
        self._children = children
        self._engine = engine_address
        self._refused = False

    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Learns the engine's address, which older engines give on the command line only."""
        del context
        self._engine = request.engine_address or self._engine
        return language_pb2.LanguageHandshakeResponse()

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        """Stops programs. Plugins live on: the engine cancels them itself and waits for what they have under way."""
        del request, context
        self._children.interrupt_programs()
        return Empty()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of this host."""
        del request, context
        return plugin_pb2.PluginInfo(version=VERSION)

    def About(
        self, request: language_pb2.AboutRequest, context: grpc.ServicerContext
    ) -> language_pb2.AboutResponse:
        """The interpreter that a program would run in, and its version."""
        found = _environment(request.info, context)
        return language_pb2.AboutResponse(executable=found.python, version=_version(found))

    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """The resource plugins that the installed Pulumi packages need.

        Of the calls of an import only this one comes before anything is recorded.
        """
        self._refuse_import()
        found = _environment(request.info, context)
        packages = [_package(plugin) for plugin in required_plugins(found.site_packages)]
        return language_pb2.GetRequiredPackagesResponse(packages=packages)

    def _refuse_import(self) -> None:
        if not self._refused and imports_with_code(engine_command()):
            self._refused = True
            official.refuse_import(self._engine)

    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """The same for engines before packages."""
        found = _environment(request.info, context)
        plugins = [
            plugin_pb2.PluginDependency(
                name=plugin.name, kind="resource", version=plugin.version, server=plugin.server
            )
            for plugin in required_plugins(found.site_packages)
        ]
        return language_pb2.GetRequiredPluginsResponse(plugins=plugins)

    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """What is installed beside the program."""
        found = _environment(request.info, context)
        pairs = dependencies(found.site_packages, transitive=request.transitiveDependencies)
        return language_pb2.GetProgramDependenciesResponse(
            dependencies=[language_pb2.DependencyInfo(name=name, version=version) for name, version in pairs]
        )

    def RuntimeOptionsPrompts(
        self, request: language_pb2.RuntimeOptionsRequest, context: grpc.ServicerContext
    ) -> language_pb2.RuntimeOptionsResponse:
        """Nothing to ask: the options are those of the template."""
        del request, context
        return language_pb2.RuntimeOptionsResponse()

    def Template(
        self, request: language_pb2.TemplateRequest, context: grpc.ServicerContext
    ) -> language_pb2.TemplateResponse:
        """Nothing to fill in, as under the official host where pip installs the packages."""
        del request, context
        return language_pb2.TemplateResponse()

    def Run(
        self, request: language_pb2.RunRequest, context: grpc.ServicerContext
    ) -> language_pb2.RunResponse:
        """Runs the program in a fresh process; `bail` without `error` if it showed the reason of its failure."""
        if request.attach_debugger:
            return language_pb2.RunResponse(error=needs_official(Text.DEBUGGER()))
        found = _environment(request.info, context)
        variables = {**found.variables(os.environ), **_config(request)}
        command = [found.python, str(PROGRAM), *self._program_arguments(request)]
        try:
            with self._children.run(command, env=variables, program=True) as child:
                _stop_with_call(context, child)
                code = child.process.wait()
        except OSError as error:
            return language_pb2.RunResponse(error=f"could not run {found.python}: {error}")
        if code == REASON_SHOWN or child.stopped:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=_ended(code) if code else "")

    def _program_arguments(self, request: language_pb2.RunRequest) -> list[str]:
        settings = {
            "monitor": request.monitor_address,
            "engine": self._engine,
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "root_directory": request.info.root_directory,
            "pwd": request.pwd,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
        }
        return [json.dumps(settings), request.info.entry_point or ".", *request.args]

    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Runs a provider or a policy pack and streams what it writes; ends it when the engine drops the call."""
        if request.attach_debugger:
            official.refuse(context, needs_official(Text.DEBUGGER()))
        found = _environment(request.info, context, plugin=request.kind != "analyzer")
        folder = request.info.program_directory
        if not Path(folder, "__main__.py").is_file():
            context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, f"{folder} has no __main__.py to run as a plugin"
            )
        variables = found.variables(dict(pair.partition("=")[::2] for pair in request.env))
        # The engine waits for a port number that policy packs print without flushing it.
        variables["PYTHONUNBUFFERED"] = "1"
        try:
            with self._children.run(
                [found.python, folder, *request.args], cwd=request.pwd, env=variables, piped=True
            ) as child:
                _stop_with_call(context, child)
                yield from (_output(name, data) for name, data in child.output())
                code = child.process.wait()
        except OSError as error:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, f"could not run {found.python}: {error}")
        if code:
            yield language_pb2.RunPluginResponse(exitcode=code)

    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Installs a `requirements.txt` into the environment of the project, which is made if it isn't there."""
        options = json_format.MessageToDict(request.info.options)
        home = to_be_made(request.info.root_directory, options, plugin=request.is_plugin)
        if home is not None:
            yield from self._do([sys.executable, "-m", "venv", str(home)], dict(os.environ), context)
        found = _environment(request.info, context, plugin=request.is_plugin)
        requirements = Path(request.info.program_directory, "requirements.txt")
        if not requirements.is_file():
            yield language_pb2.InstallDependenciesResponse(
                stdout=b"No requirements.txt: nothing to install.\n"
            )
            return
        install = [found.python, "-m", "pip", "install", "--requirement", str(requirements)]
        yield from self._do(install, found.variables(os.environ), context)

    def _do(
        self, command: list[str], variables: Mapping[str, str], context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Runs a command and streams what it writes; ends the call with a sentence if it fails."""
        with self._children.run(command, env=variables, piped=True) as child:
            _stop_with_call(context, child)
            for name, data in child.output():
                yield language_pb2.InstallDependenciesResponse(**{name: data})
            code = child.process.wait()
        if code:
            module, target = command[2], command[-1]
            said = Text.NOT_INSTALLED_HERE(module=module, target=target, code=code)
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, said)


def _environment(info: Info, context: grpc.ServicerContext, *, plugin: bool = False) -> Environment:
    options: Mapping[str, object] = json_format.MessageToDict(info.options)
    try:
        return environment(info.root_directory, options, plugin=plugin)
    except OptionError as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _stop_with_call(context: grpc.ServicerContext, child: Child) -> None:
    def stop() -> None:
        if child.process.poll() is None:
            threading.Thread(target=child.stop, daemon=True).start()

    if not context.add_callback(stop):
        stop()


def _config(request: language_pb2.RunRequest) -> dict[str, str]:
    return {
        "PULUMI_CONFIG": json.dumps(dict(request.config)),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
    }


def _ended(code: int) -> str:
    if code < 0:
        return f"program was ended by signal {-code}"
    return f"program exited with non-zero exit code: {code}"


def _output(name: str, data: bytes) -> language_pb2.RunPluginResponse:
    if name == "stdout":
        return language_pb2.RunPluginResponse(stdout=data)
    return language_pb2.RunPluginResponse(stderr=data)


def _package(plugin: PluginPackage) -> plugin_pb2.PackageDependency:
    message = plugin_pb2.PackageDependency(
        name=plugin.name, kind="resource", version=plugin.version, server=plugin.server
    )
    if plugin.parameterization:
        given = plugin.parameterization
        message.parameterization.name = given.name
        message.parameterization.version = given.version
        message.parameterization.value = given.value
    return message


def _version(found: Environment) -> str:
    if found.home is None:
        return platform.python_version()
    for line in (found.home / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        key, _, value = line.partition("=")
        if key.strip() in ("version", "version_info"):
            return value.strip()
    return f"{sys.version_info.major}"


def start(children: Children, engine_address: str) -> tuple[grpc.Server, int]:
    """Start serving on a free loopback port; the server and its port."""
    limits = [
        ("grpc.max_receive_message_length", _MESSAGE_LIMIT),
        ("grpc.max_send_message_length", _MESSAGE_LIMIT),
    ]
    server = grpc.server(ThreadPoolExecutor(max_workers=WORKERS), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(children, engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port
