"""The demo's provider with nothing but DEBUG turned off."""

from demo_site.settings.provider import *

DEBUG = False
