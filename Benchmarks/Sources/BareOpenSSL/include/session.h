#ifndef BUJEOL_BARE_SESSION_H
#define BUJEOL_BARE_SESSION_H

/* What OpenSSL alone needs for the sessions of an identity provider: a fresh id, an AES-256 key and a vector, both wrapped with RSA-OAEP, and
   texts under AES-256-GCM with the key itself as additional data. Keys are read and algorithms fetched once, contexts are kept, and every buffer is there
   already: the limit that the library is measured against.

   Several texts come and go one behind the other, with their lengths beside them. Each function returns how many bytes it wrote, or -1. */

int bare_session_prepare(const unsigned char *public_der, int public_length, const unsigned char *private_der, int private_length);

/* A fresh session: writes its key's text (v1$id$base64) and behind it the `count` texts, sealed and each in the same form. */
int bare_session_seal(const unsigned char *texts, const int *lengths, int count, unsigned char *output);

/* Opens `count` fields (the Base64 of each), key and vector being known. */
int bare_session_open(const unsigned char *key, const unsigned char *vector, const unsigned char *base64, const int *lengths, int count,
                      unsigned char *output);

/* The provider's side: opens the session's key (684 characters of Base64) with the private key, and the fields under it. */
int bare_session_receive(const unsigned char *session, const unsigned char *base64, const int *lengths, int count, unsigned char *output);

#endif
