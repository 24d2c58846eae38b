"""What the pages of both sites share: base template, style, theme, security headers, and the right host name."""
