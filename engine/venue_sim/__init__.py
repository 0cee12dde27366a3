"""A simulated exchange in its own process, spoken to by the unmodified ccxt client."""
