"""How someone shows who they are."""
