"""Small Django projects of other people's making: what the tests start beside a provider, and that provider."""
