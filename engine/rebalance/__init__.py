"""From sizes to a proposal: targets, legs, cost, and the risk before and after."""
