#!/usr/bin/env python3
"""Long-lived keys in KeePassXC: the user name is the access key ID, the password the secret key.

    [profile alice]
    keepass_file = /home/alice/keys.kdbx
    keepass_entry = AWS/alice
    mfa_serial = arn:aws:iam::123456789012:mfa/alice

keepassxc-cli asks for the database's password on the terminal. eac gets a session with the keys,
which one MFA code serves for all roles, and never stores the keys.
"""

import json
import os
import subprocess
import sys

DESCRIPTION = {
    "api": 1,
    "name": "keepassxc",
    "summary": "reads a user's keys from KeePassXC",
    "needs": [["keepass_file", "keepass_entry"]],
    "gives": "keys",
    "timeout": 120,
}


def obtain(keys):
    command = ["keepassxc-cli", "show", "--quiet", "--show-protected"]
    command += ["--attributes", "UserName", "--attributes", "Password"]
    command += [keys["keepass_file"], keys["keepass_entry"]]
    try:
        # eac's request was on stdin; keepassxc-cli reads the password from the terminal.
        with terminal() as stdin:
            shown = subprocess.run(command, stdin=stdin, capture_output=True, text=True)
    except FileNotFoundError:
        return {"error": "keepassxc-cli is not installed", "code": "config_invalid"}
    if shown.returncode != 0:
        return {"error": shown.stderr.strip() or "keepassxc-cli failed"}
    lines = shown.stdout.splitlines()
    if len(lines) != 2:
        return {"error": f"{keys['keepass_entry']} has no user name or no password"}
    return {"AccessKeyId": lines[0], "SecretAccessKey": lines[1]}


def terminal():
    try:
        return open("CONIN$" if os.name == "nt" else "/dev/tty")
    except OSError:  # no terminal: a database without a password can be opened
        return open(os.devnull)


def main():
    request = json.loads(sys.stdin.readline())
    if request["request"] == "describe":
        answer = DESCRIPTION
    else:
        answer = obtain(request["profile"])
    print(json.dumps(answer))


main()
