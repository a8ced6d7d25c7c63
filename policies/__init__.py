"""The free-tier rules: one definition each, enforced by component, provider, policy pack and audit."""
