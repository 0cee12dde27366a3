"""Data: starter baskets and color themes as TOML."""
