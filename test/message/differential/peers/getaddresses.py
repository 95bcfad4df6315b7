"""What email.utils.getaddresses makes of each text of a JSON list on stdin. Versions with a strict mode read both ways."""
import inspect
import json
import platform
import sys
from email.utils import getaddresses

texts = json.load(sys.stdin)
has_strict_mode = "strict" in inspect.signature(getaddresses).parameters


def read(**options):
    return [[{"name": name, "address": address} for name, address in getaddresses([text], **options)] for text in texts]


readings = {"lax": read(strict=False), "strict": read(strict=True)} if has_strict_mode else {"lax": read()}
json.dump({"version": platform.python_version(), "readings": readings}, sys.stdout)
