# aiosmtpd with a handler that knows a list of mailboxes and writes one JSON file per message, content as it came.
# Arguments: a JSON object with plain, submission, implicit (ports), domain, user, password, refused (a sender).
import asyncio
import base64
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

settings = json.loads(sys.argv[1])
mailboxes = set(json.load(open("/etc/mailboxes.json")))
tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
tls.load_cert_chain("/etc/server.pem")
count = 0


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, mail_options):
        if address == settings["refused"]:
            return "550 5.7.1 not from you"
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address not in mailboxes:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server, session, envelope):
        global count
        count += 1
        name = f"/mail/{count:06}.json"
        content = base64.b64encode(envelope.original_content).decode()
        message = {"from": envelope.mail_from, "to": envelope.rcpt_tos, "content": content}
        with open(name + ".part", "w") as file:
            json.dump(message, file)
        os.rename(name + ".part", name)
        return "250 2.0.0 kept"


def authenticate(server, session, envelope, mechanism, data):
    right = LoginPassword(settings["user"].encode(), settings["password"].encode())
    return AuthResult(success=isinstance(data, LoginPassword) and data == right, handled=False)


def protocol(**options):
    return lambda: SMTP(
        Handler(),
        hostname="aiosmtpd." + settings["domain"],
        ident="aiosmtpd",
        data_size_limit=20_000_000,
        enable_SMTPUTF8=True,
        loop=asyncio.get_running_loop(),
        **options,
    )


async def main():
    loop = asyncio.get_running_loop()
    login = {"authenticator": authenticate, "auth_required": True}
    plain = protocol(tls_context=tls)
    submission = protocol(tls_context=tls, require_starttls=True, **login)
    implicit = protocol(auth_require_tls=False, **login)
    await loop.create_server(plain, "127.0.0.1", settings["plain"])
    await loop.create_server(submission, "127.0.0.1", settings["submission"])
    await loop.create_server(implicit, "127.0.0.1", settings["implicitTls"], ssl=tls)
    await asyncio.Event().wait()


asyncio.run(main())
