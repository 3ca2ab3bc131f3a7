"""What a partner's server needs for Toss Auth, with PyPI's `cryptography` and Python's standard library, written from the documents alone.

`Session` is one (id, K, IV); it seals what a request carries and opens what a result brings. Its parts can be spoilt on purpose, since people do.
"""

import base64
import http.client
import json
import os
import socket
import ssl
import urllib.parse
import uuid

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PATH = "/api/v2/sign/user/auth/id/"


def text64(data):
    return base64.b64encode(data).decode()


class Session:
    def __init__(self, public_key, number=None, key=None, nonce=None, digest=None, label=None, method="AES_GCM", version="v1", alphabet=text64):
        self.id, self.key, self.nonce = number or str(uuid.uuid4()), key or os.urandom(32), nonce or os.urandom(12)
        digest = digest or hashes.SHA1
        plain = f"{method}${text64(self.key)}${text64(self.nonce)}".encode()
        block = load_pem_public_key(public_key.encode()).encrypt(plain, padding.OAEP(padding.MGF1(digest()), digest(), label))
        self.session_key = f"{version}${self.id}${alphabet(block)}"

    def seal(self, text, additional=True, alphabet=text64, number=None, version="v1", nonce_inside=False, cut=0, flip=False):
        """`additional`: True for the 32 bytes of the key; or bytes; or None for nothing at all."""
        associated = self.key if additional is True else additional
        sealed = AESGCM(self.key).encrypt(self.nonce, text.encode(), associated)
        sealed = (self.nonce if nonce_inside else b"") + sealed
        sealed = sealed[:len(sealed) - cut]
        if flip:
            sealed = sealed[:-1] + bytes([sealed[-1] ^ 1])
        return f"{version}${number or self.id}${alphabet(sealed)}"

    def open(self, text):
        version, number, sealed = text.split("$")
        if not (version == "v1" or version.startswith("v1_")) or number != self.id:
            raise ValueError("another session")
        data = base64.b64decode(sealed, validate=True)
        if base64.b64encode(data).decode() != sealed:
            raise ValueError("no standard base64")
        return AESGCM(self.key).decrypt(self.nonce, data, self.key).decode()

    def open_all(self, personal_data):
        """Every member that is no null; InvalidTag where one was changed."""
        return {name: None if value is None else self.open(value) for name, value in personal_data.items()}


class Service:
    """Toss Auth at its own names, which lead to `port` here, or below a base of the sandbox's."""

    def __init__(self, base=None, port=None, authority=None):
        self.base, self.port, self.authority = base, port, authority
        self.name = "the plain port" if base else "TLS under the provider's names"

    def post(self, host, path, body, fields):
        if self.base:
            at = urllib.parse.urlsplit(self.base)
            connection = http.client.HTTPConnection(at.hostname, at.port, timeout=120)
            path = at.path + path
        else:
            context = ssl.create_default_context(cafile=self.authority)
            connection = http.client.HTTPSConnection(host, timeout=120, context=context)
            connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 120), server_hostname=host)
        try:
            connection.request("POST", path, body, fields)
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read().decode()
        finally:
            connection.close()

    def token(self, form, media="application/x-www-form-urlencoded", fields=None):
        body = urllib.parse.urlencode(form) if isinstance(form, dict) else form
        status, _, text = self.post("oauth2.cert.toss.im", "/token", body, {"Content-Type": media, **(fields or {})})
        return status, json.loads(text)

    def call(self, path, body, token):
        fields = {"Content-Type": "application/json"}
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        status, _, reply = self.post("cert.toss.im", path, text.encode(), fields)
        return status, json.loads(reply)


__all__ = ["AESGCM", "InvalidTag", "PATH", "Service", "Session", "hashes", "text64"]
