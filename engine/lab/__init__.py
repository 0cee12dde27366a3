"""Analysis: the engine's own definitions applied to history."""
