"""On what is someone signed in? A few words from what their browser says of itself, to recognise it by."""

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("FxiOS", "Firefox"), ("Firefox", "Firefox"),
             ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "Chromebook"), ("Windows", "Windows"),
            ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip
LONGEST = 80


def device(said: str) -> str:
    """`Firefox, Android`; of what says nothing known its first word, which is a program's name."""
    found = [next((name for mark, name in known if mark in said), "") for known in (_BROWSERS, _SYSTEMS)]
    plain = "".join(sign for sign in said.split(" ", maxsplit=1)[0] if sign.isalnum() or sign in "./-_")
    return ", ".join(filter(None, found)) or plain[:LONGEST]
