"""Postfix's smtp-source as a client of the benchmark: the same commands as host.mjs, one JSON line in, one out.

It is a program that ends when it has sent, so what is measured is the CPU time of the whole process, its start included.
"""

import json
import resource
import subprocess
import sys
import tempfile


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Client:
    def open(self, program, host, port, inputFile, to, **envelope):
        # It reads lines, ends each of them with CRLF itself, and adds an empty one.
        with open(inputFile, "rb") as file:
            lines = file.read().replace(b"\r\n", b"\n").removesuffix(b"\n")
        self.lines = tempfile.NamedTemporaryFile()
        self.lines.write(lines)
        self.lines.flush()
        if len(to) != 1:
            raise ValueError("smtp-source makes up names when there are several recipients")
        envelope = ["-f", envelope["from"], "-t", to[0]]
        # -d: all messages over one connection.
        self.command = [*program, "-d", *envelope, "-F", self.lines.name]
        self.server = f"{host}:{port}"
        return {}

    def repeat(self, count):
        started = cpu_seconds()
        subprocess.run([*self.command, "-m", str(count), self.server], check=True)
        return {"done": count, "cpuMicros": (cpu_seconds() - started) * 1e6}

    def close(self):
        return {}


client = Client()
for line in sys.stdin:
    request = json.loads(line)
    command = getattr(client, request.pop("command"))
    print(json.dumps(command(**request)), flush=True)
