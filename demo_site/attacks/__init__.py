"""Attacks on the running demo: each is a row of data, run for real against both sites, and judged by what they answered."""
