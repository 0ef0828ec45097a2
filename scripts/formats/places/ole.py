"""Compound files: the container of Outlook messages and embedded objects."""
import struct

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound(tree):
    """A compound file of {name: bytes or {name: …}}."""
    entries, mini, big = [], bytearray(), []     # entries: [name, kind, left, right, child, start, size]
    minifat, fat, sectors = [], [], []

    def lay(data):
        """Puts a stream down; its first sector."""
        if not data:
            return END
        if len(data) < 4096:
            start, count = len(mini) // 64, -(-len(data) // 64)
            mini.extend(data + bytes(count * 64 - len(data)))
            minifat.extend([*range(start + 1, start + count), END])
            return start
        return chain(data)

    def chain(data):
        start, count = len(sectors), -(-len(data) // 512)
        padded = data + bytes(count * 512 - len(data))
        sectors.extend(padded[at * 512:at * 512 + 512] for at in range(count))
        fat.extend([*range(start + 1, start + count), END])
        return start

    def put(name, value):
        at = len(entries)
        entries.append([name, 2, FREE, FREE, FREE, 0, 0])
        if isinstance(value, dict):
            entries[at][1] = 1
            entries[at][4] = level(value)
        else:
            entries[at][5:7] = lay(value), len(value)
        return at

    def level(children):
        """Siblings as a balanced tree in the order of compound files; its root."""
        order = sorted(children, key=lambda name: (len(name.encode("utf-16-le")), name.upper()))

        def tree(names):
            if not names:
                return FREE
            middle = len(names) // 2
            at = put(names[middle], children[names[middle]])
            entries[at][2], entries[at][3] = tree(names[:middle]), tree(names[middle + 1:])
            return at

        return tree(order)

    entries.append(["Root Entry", 5, FREE, FREE, FREE, END, 0])
    entries[0][4] = level(tree)
    if mini:
        entries[0][5:7] = chain(bytes(mini)), len(mini)
    minifat_start = chain(struct.pack(f"<{len(minifat)}I", *minifat).ljust(-(-len(minifat) * 4 // 512) * 512, b"\xff")) if minifat else END
    directory = b"".join(entry(*one) for one in entries)
    directory_start = chain(directory.ljust(-(-len(directory) // 512) * 512, b"\0"))
    count = 1
    while count * 128 < len(fat) + count:
        count += 1
    places = range(len(fat), len(fat) + count)
    table = fat + [FAT] * count
    packed = struct.pack(f"<{len(table)}I", *table).ljust(count * 512, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, count, directory_start, 0, 4096, minifat_start, -(-len(minifat) * 4 // 512), END, 0)
    return head + struct.pack("<109I", *[*places, *[FREE] * (109 - count)]) + b"".join(sectors) + packed


def entry(name, kind, left, right, child, start, size):
    wide = name.encode("utf-16-le") + b"\0\0"
    return wide.ljust(64, b"\0") + struct.pack("<HBBIII", len(wide), kind, 1, left, right, child) + bytes(36) + struct.pack("<IQ", start, size)


def native_package(name, content):
    """A file that was dropped into a document."""
    body = struct.pack("<H", 2) + name.encode() + b"\0" + name.encode() + b"\0" + struct.pack("<HHI", 0, 3, len(name) + 1) + name.encode() + b"\0" + struct.pack("<I", len(content)) + content
    return compound({"\x01Ole10Native": struct.pack("<I", len(body)) + body, "\x01CompObj": bytes(80)})


def msg(plant, place="message", nested=True):
    """A message of Outlook: texts, a recipient, a file, and a message in it with a file in it."""

    def properties(texts, head, more=()):
        rows = b"".join(struct.pack("<HHIII", 0x1F, id, 6, len(text.encode("utf-16-le")) + 2, 0) for id, text in texts)
        rows += b"".join(struct.pack("<HHIQ", 3, id, 6, value) for id, value in more)
        streams = {f"__substg1.0_{id:04X}001F": text.encode("utf-16-le") for id, text in texts}
        return streams | {"__properties_version1.0": bytes(head) + rows}

    top = properties([(0x37, plant(f"subject of the {place}", "message")), (0x1000, f"Hello\r\n{plant(f'body of the {place}', 'message')}\r\n"), (0x0C1A, plant(f"sender of the {place}", "message")), (0x1A, "IPM.Note"), (0x0070, "topic")], 32 if nested else 24)
    top["__recip_version1.0_#00000000"] = properties([(0x3001, plant(f"recipient of the {place}", "message")), (0x3003, "b@lights.example")], 8)
    file = properties([(0x3707, "annex.txt"), (0x3704, "annex.txt")], 8, [(0x3705, 1)])
    file["__substg1.0_37010102"] = plant(f"attachment of the {place}", inside=plant.within + ".*annex").encode()
    top["__attach_version1.0_#00000000"] = file
    if nested:
        inner = properties([(0x3001, "forwarded")], 8, [(0x3705, 5)])
        inner["__substg1.0_3701000D"] = msg(plant.inner(".+"), "message in it", False)
        top["__attach_version1.0_#00000001"] = inner
        top["__nameid_version1.0"] = {"__substg1.0_00020102": b"", "__substg1.0_00030102": b"", "__substg1.0_00040102": b""}
        return compound(top)
    return top
