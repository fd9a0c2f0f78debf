"""Who is signed in, on which device, how strongly."""
