"""The resource `paidsw:index:Instance`."""
