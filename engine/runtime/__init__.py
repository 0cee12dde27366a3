"""The engine process: loop, publisher, bootstrap, daemon."""
