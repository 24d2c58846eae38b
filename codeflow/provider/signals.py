"""Signals for what sites most often act on; everything else comes as codeflow.signals.flow_event.

    consent_withdrawn   a person took back what they had allowed a client, and it is committed
                        sender=Client, request, user, client

Receivers are called with send_robust: one that fails is logged by Django and changes nothing.
"""

from django.dispatch import Signal

consent_withdrawn = Signal()
