"""The `driftdeck` command line, one file per verb."""
