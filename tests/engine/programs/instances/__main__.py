"""Declares the instances that the configuration lists, past the component and its checks."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

import pulumi

from components import quiet_interrupts
from paidsw.resources import Instance

quiet_interrupts()
for name, inputs in pulumi.Config().require_object("instances").items():
    pulumi.export(name, Instance(name, inputs).instance_id)
