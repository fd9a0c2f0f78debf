"""What does a resident ask about a look, and what is answered?"""
