"""The verbs of the command line: what each takes, and which command it calls. Nothing heavy until it runs."""
