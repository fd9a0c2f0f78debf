"""Anonymity: numbers about many people that tell nothing about one, and extracts in which nobody is named."""
