"""Check digits of identifiers: each function answers whether a value without separators is right. Public algorithms only."""
import hashlib

ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
ODD = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23]
USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def weighed(text, weights):
    """Sum of digits by weights."""
    return sum(ALNUM.index(c) * w for c, w in zip(text, weights))


def luhn(text):
    return sum(sum(divmod(int(c) * (1 + i % 2), 10)) for i, c in enumerate(reversed(text))) % 10 == 0


def mod11_10(text):
    p = 10
    for c in text[:-1]:
        p = 2 * ((int(c) + p) % 10 or 10) % 11
    return (11 - p) % 10 == int(text[-1])


def mod97(text):
    return int("".join(str(ALNUM.index(c)) for c in text)) % 97 == 1


def resident(text):
    return "10X98765432"[weighed(text, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11] == text[17]


def uscc(text):
    return USCC[-sum(USCC.index(c) * pow(3, i, 31) for i, c in enumerate(text[:17])) % 31] == text[17] and org_code(text[8:17])


def org_code(text):
    return "0123456789X0"[11 - weighed(text, [3, 7, 9, 10, 5, 8, 4, 2]) % 11] == text[8]


def hkid(text):
    values = [36] * (9 - len(text)) + [ALNUM.index(c) for c in text]
    return (sum(v * w for v, w in zip(values, range(9, 1, -1))) + values[8]) % 11 == 0


TW = dict(zip("ABCDEFGHIJKLMNOPQRSTUVWXYZ", [10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30, 31, 33]))


def tw_id(text):
    second = str(TW[text[1]] % 10) if text[1].isalpha() else text[1]
    return weighed(str(TW[text[0]]) + second + text[2:], [1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1]) % 10 == 0


def vin(text):
    value = lambda c: int(c) if c.isdigit() else int("12345678012345070923456789"["ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c)])
    total = sum(value(c) * w for c, w in zip(text, [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]))
    return "0123456789X"[total % 11] == text[8]


def nhs(text):
    return (11 - weighed(text, range(10, 1, -1)) % 11) % 11 == int(text[9])


def utr(text):
    return "21987654321"[weighed(text[1:], [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11] == text[0]


def pps(text):
    return "WABCDEFGHIJKLMNOPQRSTUV"[weighed(text[:7], range(8, 1, -1)) % 23] == text[7]


def steuerid(text):
    counts = sorted(text[:10].count(d) for d in set(text[:10]))
    return mod11_10(text) and counts[-1] in (2, 3) and (len(counts) == 1 or counts[-2] == 1)


def rvnr(text):
    digits = text[:8] + f"{ord(text[8]) - 64:02}" + text[9:11]
    return sum(sum(divmod(int(d) * w, 10)) for d, w in zip(digits, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1])) % 10 == int(text[11])


def icao(text):
    """The digit of ICAO 9303."""
    return str(sum((0 if c == "<" else ALNUM.index(c)) * w for c, w in zip(text, [7, 3, 1] * 40)) % 10)


def nir(text):
    return 97 - int(text[:13].replace("2A", "19").replace("2B", "18")) % 97 == int(text[13:])


def dni(text):
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(text[:8].translate(str.maketrans("XYZ", "012"))) % 23] == text[8]


def codice(text):
    place = lambda c: int(c) if c.isdigit() else ord(c) - 65
    return chr(65 + sum(ODD[place(c)] if i % 2 == 0 else place(c) for i, c in enumerate(text[:15])) % 26) == text[15]


def bsn(text):
    return weighed(text, [9, 8, 7, 6, 5, 4, 3, 2]) % 11 == int(text[8])


def belgian(text):
    return 97 - int(text[:9]) % 97 == int(text[9:])


def simple(weights, modulus, rule=lambda r: r):
    """A last digit that is a rule of the weighed sum."""
    return lambda text: rule(weighed(text[:-1], weights) % modulus) == int(text[-1])


pesel = simple([1, 3, 7, 9] * 3, 10, lambda r: -r % 10)
nip = simple([6, 5, 7, 2, 3, 4, 5, 6, 7], 11)
pt_nif = simple(range(9, 1, -1), 11, lambda r: 0 if r < 2 else 11 - r)
cnp = simple([2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9], 11, lambda r: 1 if r == 10 else r)
egn = simple([2, 4, 8, 5, 10, 9, 7, 3, 6], 11, lambda r: r % 10)
ird = simple([3, 2, 7, 6, 5, 4, 3, 2], 11, lambda r: -r % 11)
mynumber = simple([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11, lambda r: 0 if r < 2 else 11 - r)
thai = simple(range(13, 1, -1), 11, lambda r: (11 - r) % 10)
cuit = simple([5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11, lambda r: -r % 11)
rrn = simple([2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5], 11, lambda r: (11 - r) % 10)
ean = simple([1, 3] * 6, 10, lambda r: -r % 10)
rntrc = simple([-1, 5, 7, 9, 4, 6, 10, 5, 7], 11, lambda r: r % 10)


def ik(text):
    r = weighed(text, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11
    return (r if r < 10 else weighed(text, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10) == int(text[10])


def hetu(text):
    return "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(text[:6] + text[7:10]) % 31] == text[10]


def fnr(text):
    first = weighed(text, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11
    return first == 0 and weighed(text, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0


def svnr(text):
    return weighed(text, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == int(text[3])


def tfn(text):
    return weighed(text, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 == 0


def abn(text):
    return weighed(str(int(text[0]) - 1) + text[1:], [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) % 89 == 0


def medicare(text):
    return weighed(text, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 == int(text[8])


def verhoeff(text):
    d = lambda a, b: (a + b) % 5 if a < 5 and b < 5 else (a + b) % 5 + 5 if a < 5 else 5 + (a - b) % 5 if b < 5 else (a - b) % 5
    p, c = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4], 0
    for i, digit in enumerate(reversed(text)):
        digit = int(digit)
        for _ in range(i % 8):
            digit = p[digit]
        c = d(c, digit)
    return c == 0


def gstin(text):
    total = sum(sum(divmod(ALNUM.index(c) * (1 + i % 2), 36)) for i, c in enumerate(reversed(text)))
    return total % 36 == 0


def cpf(text):
    digit = lambda part, start: -weighed(part, range(start, 1, -1)) % 11 % 10
    return digit(text[:9], 10) == int(text[9]) and digit(text[:10], 11) == int(text[10])


def cnpj(text):
    digit = lambda part: -weighed(reversed(part), [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5, 6]) % 11 % 10
    return digit(text[:12]) == int(text[12]) and digit(text[:13]) == int(text[13])


def curp(text):
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    return -sum(alphabet.index(c) * w for c, w in zip(text, range(18, 1, -1))) % 10 == int(text[17])


def rfc(text):
    alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    return "0123456789A"[-sum(alphabet.index(c) * w for c, w in zip(text.rjust(13), range(13, 1, -1))) % 11] == text[-1]


def brn(text):
    return (weighed(text, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + 5 * int(text[8]) // 10 + int(text[9])) % 10 == 0


def corporate(text):
    return 9 - sum(int(c) * (1 + i % 2) for i, c in enumerate(reversed(text[1:]))) % 9 == int(text[0])


def nric(text):
    r = (weighed(text[1:8], [2, 7, 6, 5, 4, 3, 2]) + {"T": 4, "G": 4, "M": 3}.get(text[0], 0)) % 11
    return {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}[text[0]][r] == text[8]


def tckn(text):
    d = [int(c) for c in text]
    return (7 * sum(d[0:9:2]) - sum(d[1:8:2])) % 10 == d[9] and sum(d[:10]) % 10 == d[10]


def inn(text):
    weights = [7, 2, 4, 10, 3, 5, 9, 4, 6, 8], [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]
    if len(text) == 10:
        return weighed(text, [2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10 == int(text[9])
    return all(weighed(text, w) % 11 % 10 == int(text[len(w)]) for w in weights)


def snils(text):
    return weighed(text[:9], range(9, 0, -1)) % 101 % 100 == int(text[9:])


def rut(text):
    return "0123456789K0"[11 - sum(int(c) * (2 + i % 6) for i, c in enumerate(reversed(text[:-1]))) % 11] == text[-1]


def aba(text):
    return weighed(text, [3, 7, 1] * 3) % 10 == 0


def dea(text):
    d = [int(c) for c in text[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def at_vat(text):
    return -(sum(sum(divmod(int(c) * (1 + i % 2), 10)) for i, c in enumerate(text[:7])) + 4) % 10 == int(text[7])


def base58check(payload):
    """A payload with its checksum in base 58."""
    data = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def bech32(version, program):
    """A segwit address."""
    bits = "".join(f"{byte:08b}" for byte in program)
    bits += "0" * (-len(bits) % 5)
    values = [version] + [int(bits[i:i + 5], 2) for i in range(0, len(bits), 5)]
    check = 1
    for value in [3, 3, 0, 2, 3, *values, 0, 0, 0, 0, 0, 0]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for i, constant in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= constant if top >> i & 1 else 0
    check ^= 0x2BC830A3 if version else 1
    return "bc1" + "".join(BECH32[v] for v in values + [check >> 5 * (5 - i) & 31 for i in range(6)])


def keccak256(data):
    """The hash of Ethereum."""
    mask, state = (1 << 64) - 1, [[0] * 5 for _ in range(5)]
    turn = lambda value, n: (value << n % 64 | value >> (64 - n % 64)) & mask if n % 64 else value
    data = bytearray(data + b"\x01" + b"\0" * (-(len(data) + 1) % 136))
    data[-1] |= 0x80
    for start in range(0, len(data), 136):
        for i in range(17):
            state[i % 5][i // 5] ^= int.from_bytes(data[start + 8 * i:start + 8 * i + 8], "little")
        lfsr = 1
        for _ in range(24):
            c = [state[x][0] ^ state[x][1] ^ state[x][2] ^ state[x][3] ^ state[x][4] for x in range(5)]
            state = [[state[x][y] ^ c[x - 1] ^ turn(c[(x + 1) % 5], 1) for y in range(5)] for x in range(5)]
            x, y, lane = 1, 0, state[1][0]
            for t in range(24):
                x, y = y, (2 * x + 3 * y) % 5
                lane, state[x][y] = state[x][y], turn(lane, (t + 1) * (t + 2) // 2)
            state = [[state[x][y] ^ (~state[(x + 1) % 5][y] & state[(x + 2) % 5][y]) for y in range(5)] for x in range(5)]
            for j in range(7):
                if lfsr & 1:
                    state[0][0] ^= 1 << (1 << j) - 1
                lfsr = lfsr << 1 ^ (0x171 if lfsr >> 7 else 0)
    return b"".join(state[i % 5][i // 5].to_bytes(8, "little") for i in range(4))


def eip55(lower):
    """Forty hexadecimal digits with the checksum in their case."""
    digest = keccak256(lower.encode()).hex()
    return "0x" + "".join(c.upper() if int(h, 16) > 7 else c for c, h in zip(lower, digest))
