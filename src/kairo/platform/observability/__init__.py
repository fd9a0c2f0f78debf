"""What is the program doing? Structured logs and Prometheus metrics."""
