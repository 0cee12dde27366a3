"""Candles become aligned bars, aligned bars become correlation state."""
