#!/usr/bin/python3
"""embed.py - the style and the script of the page as arrays of C, with what a policy calls them by.

    embed.py page.css page.js > page_assets.h

A policy (Content Security Policy Level 3, 8.3) allows exactly these bytes, by their SHA-256.
"""

import base64
import hashlib
import pathlib
import sys


def main():
    print("/* page_assets.h - made by embed.py from what lies beside it. */\n#pragma once\n")
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        data = path.read_bytes()
        word = {".css": "style", ".js": "script"}[path.suffix]
        if f"</{word}".encode() in data.lower():
            sys.exit(f"{path}: '</{word}' would end the element it is put into")
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        print(f'#define PAGE_{word.upper()}_HASH "sha256-{digest}"')
        print(f"static const unsigned char page_{word}[] = {{")
        for at in range(0, len(data), 20):
            print("\t" + ", ".join(map(str, data[at:at + 20])) + ",")
        print("};\n")


if __name__ == "__main__":
    main()
