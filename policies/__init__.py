"""The rules of the free tier as a Pulumi policy pack."""
