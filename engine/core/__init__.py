"""State and step: the one deterministic place where the rooms meet."""
