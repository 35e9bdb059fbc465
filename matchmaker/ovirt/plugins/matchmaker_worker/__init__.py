"""What runs in a plug-in file's own process: it imports the file once, and forks a child for every call.

The process imports this package by its own name, from the folder that it lies in, and nothing else of matchmaker. So it starts
fast, also isolated from the environment, and each import in here is relative. Only `frames`, `kinds` and `fields`, which say what
goes to and fro, are used on the server's side too.
"""
