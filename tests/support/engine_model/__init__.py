"""A model of Pulumi's engine: what it keeps in a state, and when it calls which plugin, without a process or a port.

The program is the real one: the component registers its resources with the model as it does with the engine. The
plugins are the real servicers, on an emulated account (tests/support/direct.py). What the engine does in between is
modelled after pulumi 3.274 (pkg/resource/deploy: step_generator, step, deployment_executor; pkg/backend: snapshot):
refresh before update, replacements in both orders and those of dependents, imports, aliases, deletes in the reverse
order of dependencies, and a state that is written before and after each step, so that a kill leaves what it leaves.

tests/ownership compares it with the engine.
"""
