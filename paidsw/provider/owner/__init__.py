"""The resources `paidsw:index:Owner` and `paidsw:index:Cleanup`: whose an instance is, and what is left of it."""
