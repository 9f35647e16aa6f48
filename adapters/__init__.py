"""The platforms and the rest of the outside world, one folder each; none knows another."""
