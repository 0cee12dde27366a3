"""Plain frozen value objects and ports: the words every other room speaks."""
