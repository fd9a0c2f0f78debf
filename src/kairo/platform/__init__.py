"""What any program needs and knows nothing of cities."""
