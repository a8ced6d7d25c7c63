"""The components of the stack."""

from components.arguments import NotebookArgs
from components.free_tier_notebook import FreeTierNotebook
from components.program import plain_errors, quiet_interrupts
from components.settings import NotebookSettings

__all__ = ["FreeTierNotebook", "NotebookArgs", "NotebookSettings", "plain_errors", "quiet_interrupts"]
