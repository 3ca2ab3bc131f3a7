#ifndef BUJEOL_COPENSSL_SHIM_H
#define BUJEOL_COPENSSL_SHIM_H

#include <openssl/ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <openssl/x509_vfy.h>
#include <openssl/pem.h>
#include <openssl/crypto.h>
#include <openssl/cms.h>

/* Swift cannot see function-like macros nor call variadic functions: each gets a function of its own here, and nothing else does. */

static inline long bujeol_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return SSL_CTX_set_min_proto_version(context, version);
}

/* What every context of ours has. A write may stop in the middle and go on from another copy of the same bytes; an idle connection gives its
   buffers back; one read(2) fetches a whole record instead of its head and its body apart. */
static inline void bujeol_SSL_CTX_set_common_behaviour(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS
                                  | SSL_MODE_NO_AUTO_CHAIN);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline void bujeol_SSL_CTX_forbid_tickets(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
}

static inline void bujeol_SSL_CTX_set_tlsext_servername_callback(SSL_CTX *context, int (*callback)(SSL *, int *, void *)) {
    SSL_CTX_set_tlsext_servername_callback(context, callback);
}

static inline long bujeol_SSL_set_tlsext_host_name(SSL *session, const char *name) {
    return SSL_set_tlsext_host_name(session, name);
}

static inline EVP_PKEY *bujeol_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }

static inline STACK_OF(X509) *bujeol_sk_X509_new_null(void) { return sk_X509_new_null(); }
/* Takes over one reference when it succeeds. */
static inline int bujeol_sk_X509_push(STACK_OF(X509) *stack, X509 *certificate) { return sk_X509_push(stack, certificate); }
static inline void bujeol_sk_X509_free_all(STACK_OF(X509) *stack) { sk_X509_pop_free(stack, X509_free); }

static inline int bujeol_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
static inline const GENERAL_NAME *bujeol_sk_GENERAL_NAME_value(const GENERAL_NAMES *names, int index) {
    return sk_GENERAL_NAME_value(names, index);
}

static inline BIO *bujeol_BIO_new_memory(void) { return BIO_new(BIO_s_mem()); }
static inline long bujeol_BIO_get_memory(BIO *memory, char **start) { return BIO_get_mem_data(memory, start); }

/* Given to the PEM readers in place of OpenSSL's own, which asks on the terminal: a locked key is an error. */
static inline int bujeol_no_passphrase(char *buffer, int size, int writing, void *argument) {
    (void)buffer, (void)size, (void)writing, (void)argument;
    return -1;
}

static inline EVP_PKEY *bujeol_PEM_read_private_key(BIO *source) {
    return PEM_read_bio_PrivateKey(source, NULL, bujeol_no_passphrase, NULL);
}

static inline X509 *bujeol_PEM_read_certificate(BIO *source) {
    return PEM_read_bio_X509(source, NULL, bujeol_no_passphrase, NULL);
}

static inline int bujeol_PEM_write_private_key(BIO *target, EVP_PKEY *key) {
    return PEM_write_bio_PKCS8PrivateKey(target, key, NULL, NULL, 0, NULL, NULL);
}

/* RFC 2253 with the characters above 127 left readable. */
static inline int bujeol_X509_NAME_print(BIO *target, const X509_NAME *name) {
    return X509_NAME_print_ex(target, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}

#endif
