"""PAI-DLC 2020-12-03, as far as an audit asks it."""
