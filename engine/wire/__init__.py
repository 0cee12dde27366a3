"""The local socket between the engine and whoever watches it."""
