"""How fast and how large is Kairo, as ratios to a floor measured in the same run? (README.md; `python -m bench`)"""
