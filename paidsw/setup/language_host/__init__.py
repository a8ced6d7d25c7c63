"""A language host for Python programs, plugins and policy packs, for machines without the official one.

The official `pulumi-language-python` comes with the official Pulumi CLI and no package registry serves it. This one
is used only where it is missing. It speaks `pulumirpc.LanguageRuntime`, runs programs and plugins, and leaves code
generation (`import`, `convert`, `package add`) to the official host, which it names with where to get it.
"""
