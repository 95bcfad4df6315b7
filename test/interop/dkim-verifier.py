"""Verifies every signature of the messages in /mail with dkimpy, and prints the verdicts as JSON: {file: [verdict, ...]}."""
import json
import os
import sys

import dkim

records = json.loads(sys.argv[1])


def record(name, timeout=5):
    return records[name.decode().rstrip('.')].encode()


def verdict(message, index):
    try:
        return 'pass' if dkim.DKIM(message).verify(idx=index, dnsfunc=record) else 'fail'
    except dkim.DKIMException as error:
        return type(error).__name__


verdicts = {}
for file in sorted(os.listdir('/mail')):
    with open('/mail/' + file, 'rb') as stream:
        content = stream.read()
    count = sum(line.startswith(b'DKIM-Signature:') for line in content.split(b'\r\n\r\n', 1)[0].split(b'\r\n'))
    verdicts[file] = [verdict(content, index) for index in range(count)]
print(json.dumps(verdicts))
