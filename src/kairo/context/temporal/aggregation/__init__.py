"""What do the values of each period come to? Aggregated temporal representation (CIM 009 4.5.19)."""
