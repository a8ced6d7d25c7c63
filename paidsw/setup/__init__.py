"""Sets the project up on any machine and runs its commands; needs nothing but Python 3.11."""
