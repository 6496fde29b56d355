"""The loaded Procore documents: a reference host, which the command uses."""
