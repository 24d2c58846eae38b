"""The observer of the demo: what really passed between the parties, in a database of its own.

middleware      front channel in and out, back channel as received
back_channel    back channel as sent (codeflow.http's hooks)
flow_events     what each role did and checked (codeflow.signals)
recorder        joins them to a run, and writes
lab/            shows it
"""
