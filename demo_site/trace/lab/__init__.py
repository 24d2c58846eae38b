"""The pages under /lab/: what the observer saw, shown without giving it away."""
