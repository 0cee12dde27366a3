"""Implementations of the ports: venues, files, clocks, config."""
