"""What developers and `make` run beside the program: setting up, locks, generated docs, the bundle, pictures."""
