"""Health: what residents measure at home, so that those whom they choose can look after them."""
