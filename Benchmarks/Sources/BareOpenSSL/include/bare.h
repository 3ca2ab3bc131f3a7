#ifndef BUJEOL_BARE_OPENSSL_H
#define BUJEOL_BARE_OPENSSL_H

#include <stddef.h>

/* The least that OpenSSL itself needs for each operation, over buffers that are there already: the limit that the library is measured against.
   Each returns the length of its output, or -1. */

int bare_prepare(void);
int bare_sign(const unsigned char *message, size_t length, unsigned char *digest);
int bare_verify(const unsigned char *message, size_t length, const unsigned char *expected);
int bare_seed_encrypt(const unsigned char *plain, int length, const unsigned char *key, const unsigned char *vector, unsigned char *base64);
int bare_seed_decrypt(const unsigned char *base64, int length, const unsigned char *key, const unsigned char *vector, unsigned char *plain);
int bare_envelope_encrypt(const unsigned char *plain, int length, const unsigned char *pass, int pass_length, const unsigned char *salt, unsigned char *base64);
int bare_envelope_decrypt(const unsigned char *base64, int length, const unsigned char *pass, int pass_length, const unsigned char *salt, unsigned char *plain);

#endif
