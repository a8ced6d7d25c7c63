"""The native Pulumi provider `paidsw`."""
