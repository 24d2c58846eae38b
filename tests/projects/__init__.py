"""One small Django project per installation shape: provider only, relying party only, both."""
