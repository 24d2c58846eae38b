"""A back-channel call without an answer: the run says what to look for."""

from demo_site.trace.lab.sentences import of_silence


def test_a_call_that_waited_in_vain_asks_for_nothreading():
    assert of_silence(5003) == "The server did not answer in 5 s. Is it running with --nothreading?"


def test_a_call_that_broke_at_once_asks_whether_the_server_runs():
    assert of_silence(3) == "No usable answer came. Is the server running?"
