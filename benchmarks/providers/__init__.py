"""One site for each provider that benchmarks/compare_providers.py sends requests to."""
