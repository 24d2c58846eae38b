"""Template tags of the relying party."""
