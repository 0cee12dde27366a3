"""One trigger per file: correlation state in, raised and cleared signals out."""
