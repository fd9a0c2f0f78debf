"""What can be done from the command line? One file a command; cli.py names them and their options."""
