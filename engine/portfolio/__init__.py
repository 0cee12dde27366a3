"""The ledger: facts folded into one virtual book per basket, and what the books are worth."""
