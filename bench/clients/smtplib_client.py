"""Python's smtplib as a client of the benchmark: the same commands as host.mjs, one JSON line in, one out."""

import json
import smtplib
import sys
import time


class Client:
    def open(self, host, port, inputFile, **envelope):
        with open(inputFile, "rb") as file:
            self.message = file.read()
        self.sender = envelope["from"]
        self.recipients = envelope["to"]
        self.smtp = smtplib.SMTP(host, port)
        return {}

    def repeat(self, count):
        accepted = 0
        started = time.process_time_ns()
        started_wall = time.perf_counter_ns()
        for _ in range(count):
            refused = self.smtp.sendmail(self.sender, self.recipients, self.message)
            accepted += len(self.recipients) - len(refused)
        return {
            "done": accepted,
            "cpuMicros": (time.process_time_ns() - started) / 1000,
            "wallMicros": (time.perf_counter_ns() - started_wall) / 1000,
        }

    def close(self):
        self.smtp.quit()
        return {}


client = Client()
for line in sys.stdin:
    request = json.loads(line)
    command = getattr(client, request.pop("command"))
    print(json.dumps(command(**request)), flush=True)
