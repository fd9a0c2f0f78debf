"""What of the log is shown, and to whom? To residents the looks at them, to auditors all looks without the names of residents."""
