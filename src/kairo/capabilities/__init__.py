"""What many services need, each usable alone."""
