// RSA keys and self-made certificates.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/base/check.h"
#include "core/wire/openssl_ptr.h"
#include "core/wire/tls.h"

namespace aftersync::wire {

namespace {

constexpr unsigned kKeyBits = 2048;
constexpr int64_t kDaySeconds = 24 * 3600;
constexpr int64_t kValidDays = 3650;

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Result<KeyPtr> new_key(OpenSslLibrary& library) {
  ERR_clear_error();
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_name(library.context(), "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_keygen_init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), kKeyBits) != 1 ||
      EVP_PKEY_generate(context.get(), &key) != 1) {
    return openssl_failure(Code::internal, "making an RSA key");
  }
  return KeyPtr(key);
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

template <typename Write>
Result<std::string> to_pem(std::string_view what, Write&& write) {
  ERR_clear_error();
  const BioPtr bio(BIO_new(BIO_s_mem()));
  CHECK(bio != nullptr);
  if (write(bio.get()) != 1) return openssl_failure(Code::internal, what);
  return text_of(bio.get());
}

Result<std::string> private_text(EVP_PKEY* key) {
  return to_pem("writing a private key", [key](BIO* bio) {
    return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
}

bool add_extension(X509* certificate, X509* issuer, int id, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_validity(X509* certificate, WallTime now) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  return ASN1_TIME_set(X509_getm_notBefore(certificate), seconds - kDaySeconds) != nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(certificate), seconds + kValidDays * kDaySeconds) !=
             nullptr;
}

struct Subject {
  std::string name;
  long serial;
  bool is_authority;
};

// Signed by `issuer_key`; `issuer` nullptr: by itself.
Result<CertificatePtr> certify(OpenSslLibrary& library, EVP_PKEY* key, const Subject& subject,
                               X509* issuer, EVP_PKEY* issuer_key, WallTime now) {
  ERR_clear_error();
  CertificatePtr made(X509_new_ex(library.context(), nullptr));
  CHECK(made != nullptr);
  X509* const certificate = made.get();
  X509_NAME* const name = X509_get_subject_name(certificate);
  X509* const signer = issuer == nullptr ? certificate : issuer;
  const DigestContextPtr signing(EVP_MD_CTX_new());
  bool good = X509_set_version(certificate, X509_VERSION_3) == 1 &&
              ASN1_INTEGER_set(X509_get_serialNumber(certificate), subject.serial) == 1 &&
              set_validity(certificate, now) && X509_set_pubkey(certificate, key) == 1 &&
              X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, octets(subject.name),
                                         static_cast<int>(subject.name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(certificate, X509_get_subject_name(signer)) == 1;
  good = good && add_extension(certificate, signer, NID_basic_constraints,
                               subject.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  good = good && signing != nullptr &&
         EVP_DigestSignInit_ex(signing.get(), nullptr, "SHA256", library.context(), nullptr,
                               issuer_key, nullptr) == 1 &&
         X509_sign_ctx(certificate, signing.get()) > 0;
  if (!good) return openssl_failure(Code::internal, "making a certificate");
  return made;
}

Result<std::string> certificate_text(X509* certificate) {
  return to_pem("writing a certificate",
                [certificate](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

using ReadKey = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*, OSSL_LIB_CTX*,
                              const char*);

Result<KeyPtr> read_rsa(OpenSslLibrary& library, std::string_view pem, ReadKey read) {
  ERR_clear_error();
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  CHECK(bio != nullptr);
  KeyPtr key(read(bio.get(), nullptr, nullptr, nullptr, library.context(), nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return openssl_failure(Code::invalid_argument, "RSA key");
  }
  return key;
}

using Crypt = int (*)(EVP_PKEY_CTX*, unsigned char*, size_t*, const unsigned char*, size_t);

Result<std::string> oaep(EVP_PKEY_CTX* context, int (*init)(EVP_PKEY_CTX*), Crypt crypt,
                         std::string_view bytes) {
  size_t size = 0;
  if (context == nullptr || init(context) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) != 1 ||
      crypt(context, nullptr, &size, octets(bytes), bytes.size()) != 1) {
    return openssl_failure(Code::invalid_argument, "RSA");
  }
  std::string to(size, '\0');
  if (crypt(context, reinterpret_cast<unsigned char*>(to.data()), &size, octets(bytes),
            bytes.size()) != 1) {
    return openssl_failure(Code::invalid_argument, "RSA");
  }
  to.resize(size);
  return to;
}

}  // namespace

Result<TlsMaterial> make_certificates(OpenSslLibrary& library, WallTime now,
                                      std::string_view name) {
  ASSIGN_OR_RETURN(const KeyPtr ca_key, new_key(library));
  ASSIGN_OR_RETURN(const KeyPtr key, new_key(library));
  const Subject authority{std::string(name) + "_Auto_Generated_CA_Certificate", 1, true};
  ASSIGN_OR_RETURN(const CertificatePtr ca,
                   certify(library, ca_key.get(), authority, nullptr, ca_key.get(), now));
  const Subject server{std::string(name) + "_Auto_Generated_Server_Certificate", 2, false};
  ASSIGN_OR_RETURN(const CertificatePtr certificate,
                   certify(library, key.get(), server, ca.get(), ca_key.get(), now));
  TlsMaterial made;
  ASSIGN_OR_RETURN(made.ca_certificate, certificate_text(ca.get()));
  ASSIGN_OR_RETURN(made.ca_key, private_text(ca_key.get()));
  ASSIGN_OR_RETURN(made.certificate, certificate_text(certificate.get()));
  ASSIGN_OR_RETURN(made.key, private_text(key.get()));
  return made;
}

Result<std::unique_ptr<RsaKey>> RsaKey::from_pem(OpenSslLibrary& library, std::string_view pem) {
  ASSIGN_OR_RETURN(KeyPtr key, read_rsa(library, pem, PEM_read_bio_PrivateKey_ex));
  return std::unique_ptr<RsaKey>(new RsaKey(library, key.release()));
}

Result<std::unique_ptr<RsaKey>> RsaKey::from_public_pem(OpenSslLibrary& library,
                                                        std::string_view pem) {
  ASSIGN_OR_RETURN(KeyPtr key, read_rsa(library, pem, PEM_read_bio_PUBKEY_ex));
  return std::unique_ptr<RsaKey>(new RsaKey(library, key.release()));
}

Result<std::unique_ptr<RsaKey>> RsaKey::generate(OpenSslLibrary& library) {
  ASSIGN_OR_RETURN(KeyPtr key, new_key(library));
  return std::unique_ptr<RsaKey>(new RsaKey(library, key.release()));
}

RsaKey::~RsaKey() { EVP_PKEY_free(key_); }

std::string RsaKey::public_pem() const {
  auto text =
      to_pem("writing a public key", [this](BIO* bio) { return PEM_write_bio_PUBKEY(bio, key_); });
  CHECK_OK(text);
  return *std::move(text);
}

Result<std::string> RsaKey::private_pem() const { return private_text(key_); }

Result<std::string> RsaKey::decrypt(std::string_view bytes) const {
  ERR_clear_error();
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library_.context(), key_, nullptr));
  return oaep(context.get(), EVP_PKEY_decrypt_init, EVP_PKEY_decrypt, bytes);
}

Result<std::string> RsaKey::encrypt(std::string_view bytes) const {
  ERR_clear_error();
  const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(library_.context(), key_, nullptr));
  return oaep(context.get(), EVP_PKEY_encrypt_init, EVP_PKEY_encrypt, bytes);
}

}  // namespace aftersync::wire
