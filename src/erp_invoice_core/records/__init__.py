"""The loaded Procore records: a reference host, which the command uses."""
