"""Owns where the engine's log goes: a rotating 0600 file in the state directory, redacted, never the terminal."""

import logging
import logging.handlers
import os
from pathlib import Path

from engine.adapters.redaction import RedactingFilter

LOG_NAME = "engine.log"
LOG_BYTES = 2_000_000
LOG_FILES = 3


def log_to_file(state: Path) -> Path:
    """Send every log record to the state directory's log file; return its path."""
    path = state / LOG_NAME
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(RedactingFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    return path
