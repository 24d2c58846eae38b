"""The least that a provider in Django can cost: see urls.py."""

from benchmarks.peers.ground import *

ROOT_URLCONF = "benchmarks.peers.floor.urls"
