# Signs WPAY messages: name=value pairs joined by &, the key last, SHA-256 in lower-case hexadecimal. Jobs come as JSON on standard input, results go out as JSON.
import hashlib
import json
import sys
import urllib.parse

results = []
for job in json.load(sys.stdin):
    values = {name: urllib.parse.quote_plus(value) if mark == "U" else value for name, value, mark in job["fields"]}
    message = "&".join(f"{name}={value}" for name, value in [*values.items(), ("hashKey", job["hashKey"])])
    results.append({"values": values, "signature": hashlib.sha256(message.encode()).hexdigest()})
print(json.dumps(results))
