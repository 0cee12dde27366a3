"""The Textual cockpit: a thin client that shows what the engine says and sends what the trader decides."""
