"""The `demo` command: first run, two processes, ports, stopping.

people      who lives here
first_run   keys, databases, people, the client "notes"; every start makes sure of them again
ports       is a port free, and who holds it
serve       one site in one process: `python -m demo_site.launch.serve provider`
processes   both of them: started, watched until they answer, stopped
"""
