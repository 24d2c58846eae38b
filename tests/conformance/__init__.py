"""The OpenID Foundation's conformance plans for providers, module by module, over HTTPS as the suite runs them."""
