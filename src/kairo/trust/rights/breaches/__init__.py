"""Whom does a leak concern, has it to be reported, and until when? A prepared report (個人情報保護法 68条). Nothing is sent."""
