#include "session.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

enum { key_length = 32, vector_length = 12, tag_length = 16, head_length = 3 + 36 + 1, most = 16384 };

static EVP_PKEY_CTX *sender, *receiver;
static EVP_CIPHER_CTX *sealing, *opening;

static EVP_PKEY_CTX *padded(EVP_PKEY *key, int (*start)(EVP_PKEY_CTX *)) {
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    int good = context && start(context) == 1 && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
               && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha1()) == 1 && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha1()) == 1;
    return good ? context : NULL;
}

int bare_session_prepare(const unsigned char *public_der, int public_length, const unsigned char *private_der, int private_length) {
    sender = padded(d2i_PUBKEY(NULL, &public_der, public_length), EVP_PKEY_encrypt_init);
    receiver = padded(d2i_AutoPrivateKey(NULL, &private_der, private_length), EVP_PKEY_decrypt_init);
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    sealing = EVP_CIPHER_CTX_new();
    opening = EVP_CIPHER_CTX_new();
    return sender && receiver && EVP_EncryptInit_ex2(sealing, cipher, NULL, NULL, NULL) && EVP_DecryptInit_ex2(opening, cipher, NULL, NULL, NULL)
               ? 0
               : -1;
}

static void write_id(char *text) {
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[16];
    RAND_bytes(bytes, 16);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    for (int index = 0; index < 16; index++) {
        if (index == 4 || index == 6 || index == 8 || index == 10) *text++ = '-';
        *text++ = digits[bytes[index] >> 4];
        *text++ = digits[bytes[index] & 15];
    }
}

static int seal(const unsigned char *key, const unsigned char *vector, const unsigned char *text, int length, unsigned char *output) {
    int count = 0, last = 0;
    if (length > most - tag_length || !EVP_EncryptInit_ex2(sealing, NULL, key, vector, NULL)
        || !EVP_EncryptUpdate(sealing, NULL, &count, key, key_length) || !EVP_EncryptUpdate(sealing, output, &count, text, length)
        || !EVP_EncryptFinal_ex(sealing, output + count, &last)
        || !EVP_CIPHER_CTX_ctrl(sealing, EVP_CTRL_AEAD_GET_TAG, tag_length, output + count))
        return -1;
    return count + tag_length;
}

static int open_field(const unsigned char *key, const unsigned char *vector, const unsigned char *base64, int length, unsigned char *output) {
    unsigned char bytes[most];
    int count = 0, last = 0;
    if (length < 4 || length / 4 * 3 > most) return -1;
    int total = EVP_DecodeBlock(bytes, base64, length) - (base64[length - 1] == '=') - (base64[length - 2] == '=');
    if (total < tag_length || !EVP_DecryptInit_ex2(opening, NULL, key, vector, NULL)
        || !EVP_CIPHER_CTX_ctrl(opening, EVP_CTRL_AEAD_SET_TAG, tag_length, bytes + total - tag_length)
        || !EVP_DecryptUpdate(opening, NULL, &count, key, key_length)
        || !EVP_DecryptUpdate(opening, output, &count, bytes, total - tag_length) || EVP_DecryptFinal_ex(opening, output + count, &last) != 1)
        return -1;
    return count;
}

int bare_session_seal(const unsigned char *texts, const int *lengths, int count, unsigned char *output) {
    unsigned char secrets[key_length + vector_length], wrapped[512], sealed[most];
    unsigned char plain[69 + 1 + 16] = "AES_GCM$";
    unsigned char *key = secrets, *vector = secrets + key_length, *start = output;
    char head[head_length];
    size_t length = sizeof wrapped;
    memcpy(head, "v1$", 3);
    write_id(head + 3);
    head[head_length - 1] = '$';
    if (RAND_bytes(secrets, sizeof secrets) != 1) return -1;
    int end = 8 + EVP_EncodeBlock(plain + 8, key, key_length);
    plain[end++] = '$';
    end += EVP_EncodeBlock(plain + end, vector, vector_length);
    if (EVP_PKEY_encrypt(sender, wrapped, &length, plain, (size_t)end) != 1) return -1;
    memcpy(output, head, head_length);
    output += head_length;
    output += EVP_EncodeBlock(output, wrapped, (int)length);
    for (int index = 0; index < count; index++) {
        int size = seal(key, vector, texts, lengths[index], sealed);
        if (size < 0) return -1;
        texts += lengths[index];
        memcpy(output, head, head_length);
        output += head_length;
        output += EVP_EncodeBlock(output, sealed, size);
    }
    OPENSSL_cleanse(secrets, sizeof secrets);
    OPENSSL_cleanse(plain, sizeof plain);
    return (int)(output - start);
}

int bare_session_open(const unsigned char *key, const unsigned char *vector, const unsigned char *base64, const int *lengths, int count,
                      unsigned char *output) {
    unsigned char *start = output;
    for (int index = 0; index < count; index++) {
        int size = open_field(key, vector, base64, lengths[index], output);
        if (size < 0) return -1;
        base64 += lengths[index];
        output += size;
    }
    return (int)(output - start);
}

int bare_session_receive(const unsigned char *session, const unsigned char *base64, const int *lengths, int count, unsigned char *output) {
    unsigned char wrapped[513], plain[512], key[key_length + 1], vector[vector_length];
    size_t length = sizeof plain;
    if (EVP_DecodeBlock(wrapped, session, 684) != 513 || EVP_PKEY_decrypt(receiver, plain, &length, wrapped, 512) != 1 || length != 69
        || memcmp(plain, "AES_GCM$", 8) || plain[52] != '$' || EVP_DecodeBlock(key, plain + 8, 44) != 33
        || EVP_DecodeBlock(vector, plain + 53, 16) != vector_length)
        return -1;
    int size = bare_session_open(key, vector, base64, lengths, count, output);
    OPENSSL_cleanse(plain, sizeof plain);
    OPENSSL_cleanse(key, sizeof key);
    return size;
}
