#include "bare.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <string.h>

/* Fetched once, as any program that cares for speed does. */
static EVP_CIPHER *seed, *aes;
static EVP_MD *sha256;

int bare_prepare(void) {
    OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
    if (!context || !OSSL_PROVIDER_load(context, "legacy")) return -1;
    seed = EVP_CIPHER_fetch(context, "SEED-CBC", NULL);
    aes = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    return seed && aes && sha256 ? 0 : -1;
}

int bare_sign(const unsigned char *message, size_t length, unsigned char *digest) {
    return EVP_Digest(message, length, digest, NULL, sha256, NULL) == 1 ? 32 : -1;
}

int bare_verify(const unsigned char *message, size_t length, const unsigned char *expected) {
    unsigned char digest[32];
    if (bare_sign(message, length, digest) < 0) return -1;
    return CRYPTO_memcmp(digest, expected, 32) == 0 ? 1 : -1;
}

static int run(const EVP_CIPHER *cipher, int encrypts, const unsigned char *input, int length, const unsigned char *key,
               const unsigned char *vector, unsigned char *output) {
    int written = 0, last = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int good = context && EVP_CipherInit_ex2(context, cipher, key, vector, encrypts, NULL)
               && EVP_CipherUpdate(context, output, &written, input, length) && EVP_CipherFinal_ex(context, output + written, &last);
    EVP_CIPHER_CTX_free(context);
    return good ? written + last : -1;
}

static int padding(const unsigned char *base64, int length) {
    return length < 4 ? 0 : (base64[length - 1] == '=') + (base64[length - 2] == '=');
}

int bare_seed_encrypt(const unsigned char *plain, int length, const unsigned char *key, const unsigned char *vector, unsigned char *base64) {
    unsigned char bytes[8192];
    int count = run(seed, 1, plain, length, key, vector, bytes);
    return count < 0 ? -1 : EVP_EncodeBlock(base64, bytes, count);
}

int bare_seed_decrypt(const unsigned char *base64, int length, const unsigned char *key, const unsigned char *vector, unsigned char *plain) {
    unsigned char bytes[8192];
    int count = EVP_DecodeBlock(bytes, base64, length);
    return count < 0 ? -1 : run(seed, 0, bytes, count - padding(base64, length), key, vector, plain);
}

int bare_envelope_encrypt(const unsigned char *plain, int length, const unsigned char *pass, int pass_length, const unsigned char *salt,
                          unsigned char *base64) {
    unsigned char bytes[8192], key[32], vector[16];
    if (!EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), salt, pass, pass_length, 1, key, vector)) return -1;
    int count = run(aes, 1, plain, length, key, vector, bytes);
    return count < 0 ? -1 : EVP_EncodeBlock(base64, bytes, count);
}

int bare_envelope_decrypt(const unsigned char *base64, int length, const unsigned char *pass, int pass_length, const unsigned char *salt,
                          unsigned char *plain) {
    unsigned char bytes[8192], key[32], vector[16];
    if (!EVP_BytesToKey(EVP_aes_256_cbc(), EVP_md5(), salt, pass, pass_length, 1, key, vector)) return -1;
    int count = EVP_DecodeBlock(bytes, base64, length);
    return count < 0 ? -1 : run(aes, 0, bytes, count - padding(base64, length), key, vector, plain);
}
