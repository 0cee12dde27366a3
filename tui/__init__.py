"""What a person touches: the cockpit and the command line."""
