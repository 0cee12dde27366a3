"""The two Line-API widgets that carry the paint."""
