"""Two recipes: `provider` (an authorization server) and `relying_party` (a site that signs people in with it)."""
