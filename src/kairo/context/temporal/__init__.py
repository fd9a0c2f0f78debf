"""What was the graph before? The history of every attribute (CIM 009 5.7.3; its API is a later issue)."""
