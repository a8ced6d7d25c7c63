"""PAI-EAS 2021-07-01, as far as an audit asks it."""
