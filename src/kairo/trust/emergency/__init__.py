"""How are data released in an emergency, under two people's eyes, with an end, and how are the residents told?"""
