"""AIWorkSpace 2021-02-04."""
