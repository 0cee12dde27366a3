"""Driftdeck's headless engine: market data in, correlation state and signals out, no screen."""

__version__ = "0.1.0"
