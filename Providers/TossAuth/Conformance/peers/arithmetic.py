"""AES-256-GCM and RSA with OAEP, written out in Python's own integers after FIPS 197, NIST SP 800-38D and RFC 8017: no library of ciphers, no constant time, for tests only.

So the provider beside this file needs nothing but Python, and shares not even OpenSSL with what it judges; openssl only makes its key.
"""

import hashlib
import hmac
import os
import subprocess


def _tables():
    box = [0] * 256
    p = q = 1
    while True:
        p = p ^ (p << 1) & 0xFF ^ (0x1B if p & 0x80 else 0)
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        turned = q
        for step in range(1, 5):
            turned ^= ((q << step) | (q >> (8 - step))) & 0xFF
        box[p] = turned ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


BOX = _tables()


def _double(x):
    return (x << 1) ^ (0x11B if x & 0x80 else 0)


def _schedule(key):
    words = [list(key[4 * i:4 * i + 4]) for i in range(8)]
    constant = 1
    for i in range(8, 60):
        word = list(words[-1])
        if i % 8 == 0:
            word = [BOX[b] for b in word[1:] + word[:1]]
            word[0] ^= constant
            constant = _double(constant)
        elif i % 8 == 4:
            word = [BOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[4 * r:4 * r + 4], []) for r in range(15)]


def _encrypt(schedule, block):
    state = [a ^ b for a, b in zip(block, schedule[0])]
    for number in range(1, 15):
        state = [BOX[state[(5 * i) % 16]] for i in range(16)]
        if number < 14:
            mixed = []
            for column in range(4):
                a = state[4 * column:4 * column + 4]
                every = a[0] ^ a[1] ^ a[2] ^ a[3]
                mixed += [a[i] ^ every ^ _double(a[i] ^ a[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, schedule[number])]
    return bytes(state)


def _product(x, y):
    result = 0
    for position in range(127, -1, -1):
        if x >> position & 1:
            result ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return result


def _gcm(key, nonce, text, additional, is_opening):
    schedule = _schedule(key)
    subkey = int.from_bytes(_encrypt(schedule, bytes(16)), "big")
    out = bytearray()
    for number in range(0, len(text), 16):
        stream = _encrypt(schedule, nonce + (number // 16 + 2).to_bytes(4, "big"))
        out += bytes(a ^ b for a, b in zip(text[number:number + 16], stream))
    sealed = text if is_opening else bytes(out)
    mark = 0
    padded = additional + bytes(-len(additional) % 16) + sealed + bytes(-len(sealed) % 16)
    padded += (8 * len(additional)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    for number in range(0, len(padded), 16):
        mark = _product(mark ^ int.from_bytes(padded[number:number + 16], "big"), subkey)
    first = _encrypt(schedule, nonce + b"\0\0\0\1")
    return bytes(out), bytes(a ^ b for a, b in zip(mark.to_bytes(16, "big"), first))


def seal(key, nonce, plaintext, additional):
    """AES-256-GCM: the ciphertext with its 16 bytes of tag behind it."""
    sealed, tag = _gcm(key, nonce, plaintext, additional, False)
    return sealed + tag


def open_sealed(key, nonce, sealed, additional):
    """The plaintext, or nothing when the tag is wrong."""
    plaintext, tag = _gcm(key, nonce, sealed[:-16], additional, True)
    return plaintext if hmac.compare_digest(tag, sealed[-16:]) else None


def _integers(der):
    """The INTEGERs of a PKCS#1 RSAPrivateKey."""

    def length(at):
        if der[at] < 0x80:
            return der[at], at + 1
        count = der[at] & 0x7F
        return int.from_bytes(der[at + 1:at + 1 + count], "big"), at + 1 + count

    assert der[0] == 0x30
    _, at = length(1)
    found = []
    while at < len(der):
        assert der[at] == 0x02
        size, at = length(at + 1)
        found.append(int.from_bytes(der[at:at + size], "big"))
        at += size
    return found


class RSAKey:
    """A private key of RSA-4096 in a PEM file; made by openssl where there is no such file."""

    def __init__(self, path):
        if not os.path.exists(path):
            subprocess.run(["openssl", "genrsa", "-out", path, "4096"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        der = subprocess.run(["openssl", "rsa", "-in", path, "-outform", "DER", "-traditional"], check=True, capture_output=True).stdout
        self.public_pem = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True, capture_output=True, text=True).stdout
        _, self.n, self.e, _, self.p, self.q, self.dp, self.dq, self.inverse = _integers(der)[:9]

    def open_oaep(self, block):
        """Undoes OAEP with SHA-1, MGF1 with SHA-1 and no label; nothing when it is something else."""
        number = int.from_bytes(block, "big")
        if len(block) != 512 or number >= self.n:
            return None
        a, b = pow(number % self.p, self.dp, self.p), pow(number % self.q, self.dq, self.q)
        plain = (b + self.q * ((a - b) * self.inverse % self.p)).to_bytes(512, "big")
        seed = bytes(x ^ y for x, y in zip(plain[1:21], _mask(plain[21:], 20)))
        data = bytes(x ^ y for x, y in zip(plain[21:], _mask(seed, 491)))
        message = data[20:].lstrip(b"\0")
        if plain[0] != 0 or data[:20] != hashlib.sha1(b"").digest() or message[:1] != b"\1":
            return None
        return message[1:]


def _mask(seed, count):
    out = b""
    for number in range(-(-count // 20)):
        out += hashlib.sha1(seed + number.to_bytes(4, "big")).digest()
    return out[:count]
