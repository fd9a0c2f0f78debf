"""How does the log prove what it holds? Signed heads of its tree, proofs for single rows, and the verification of everything."""
