"""aiosmtplib as a client of the benchmark: the same commands as host.mjs, one JSON line in, one out."""

import asyncio
import json
import sys
import time


class Client:
    async def open(self, modules, host, port, inputFile, **envelope):
        sys.path.insert(0, modules)
        import aiosmtplib

        with open(inputFile, "rb") as file:
            self.message = file.read()
        self.sender = envelope["from"]
        self.recipients = envelope["to"]
        self.smtp = aiosmtplib.SMTP(hostname=host, port=port, start_tls=False)
        await self.smtp.connect()
        return {}

    async def repeat(self, count):
        accepted = 0
        started = time.process_time_ns()
        for _ in range(count):
            refused, _reply = await self.smtp.sendmail(self.sender, self.recipients, self.message)
            accepted += len(self.recipients) - len(refused)
        return {"done": accepted, "cpuMicros": (time.process_time_ns() - started) / 1000}

    async def close(self):
        await self.smtp.quit()
        return {}


async def main():
    client = Client()
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        command = getattr(client, request.pop("command"))
        print(json.dumps(await command(**request)), flush=True)


asyncio.run(main())
