"""From an approved proposal to orders: planning, netting, allocation, order states, the risk gate."""
