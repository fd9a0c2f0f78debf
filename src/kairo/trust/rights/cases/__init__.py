"""Requests for disclosure, correction and the end of a use (個人情報保護法 76条, 90条, 98条): how they stand, until when, and what came of them."""
