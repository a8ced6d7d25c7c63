"""BssOpenApi 2017-12-14, as far as an audit asks it."""
