"""Pure numpy statistics: arrays in, arrays out, no I/O."""
