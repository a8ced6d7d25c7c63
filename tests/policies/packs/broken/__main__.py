"""A pack that fails before it serves."""

import sys

print("no port here")
print("the reason is on stderr", file=sys.stderr)
sys.exit(3)
