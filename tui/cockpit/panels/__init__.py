"""Panels: pure functions from what is known to lines of inked text. No Textual, no terminal."""
