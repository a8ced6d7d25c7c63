"""The commands of `dsw`, a file each: options and help. What they do is loaded only when they run."""
