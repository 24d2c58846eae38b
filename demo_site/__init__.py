"""Both roles of codeflow on two origins of one machine: `python manage.py demo`.

settings/   two settings modules, readable as recipes: an authorization server, and a site that signs people in with it
urls/       the addresses of each
launch/     the `demo` command: first run, two processes, ports, stopping
notes/      what the server keeps for people: notes, behind a bearer-protected API, and its front page
client/     the site that has no password form: landing, notes, account
pages/      what both sites' pages share: look, theme, security headers, the right host name
trace/      the observer: every hop of every run, in a database of its own, shown under /lab/
"""
