"""The rules behind every verdict: paired tests, intervals that agree with them, what n can show.

Numbers in, small frozen values out; everything is paired by question, and fractions are fractions, not points.
"""
