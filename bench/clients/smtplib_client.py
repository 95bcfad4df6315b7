"""Python's smtplib as a client of the benchmark: the same commands as host.mjs, one JSON line in, one out."""

import json
import smtplib
import sys
import time


class Client:
    def open(self, host, port, inputFile=None, file=None, **envelope):
        self.file = file
        if file is None:
            self.message = self.read(inputFile)
        self.sender = envelope["from"]
        self.recipients = envelope["to"]
        self.smtp = smtplib.SMTP(host, port)
        return {}

    @staticmethod
    def read(name):
        with open(name, "rb") as file:
            return file.read()

    @staticmethod
    def held(which):
        """In octets: VmRSS, what the process holds now, or VmHWM, the most that it has held."""
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith(which))

    def memory(self):
        before = self.held("VmRSS")
        # Linux forgets the most that the process has held so far (proc(5)).
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        done = self.repeat(1)["done"]
        return {"done": done, "octets": self.held("VmHWM") - before}

    def repeat(self, count):
        accepted = 0
        started = time.process_time_ns()
        started_wall = time.perf_counter_ns()
        for _ in range(count):
            refused = self.smtp.sendmail(
                self.sender, self.recipients, self.message if self.file is None else self.read(self.file)
            )
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
