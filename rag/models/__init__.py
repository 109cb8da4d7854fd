"""The models that are known by name, and their weights."""
