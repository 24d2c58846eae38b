"""DANGER: a client and a server that do everything wrong, so that attacks can be seen to work.

Demo code: it runs only with DEBUG on and on loopback, nothing in `codeflow` may import it, every page of it is red. What it
gives away is cut down: titles of notes, for a minute, from a server of its own with keys of its own.

server  the twin of the authorization server: spends no code, knows no secret, checks no redirect_uri; implicit flow
client  the twin of the client: no state, no nonce, no PKCE, believes every ID token
lies    ID tokens that must be refused
"""
