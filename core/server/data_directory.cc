// The small files beside the engine's.
#include "core/server/data_directory.h"

namespace aftersync::server {

namespace {

constexpr const char* kAutoFile = "auto.cnf";
constexpr std::string_view kUuidName = "server-uuid=";
constexpr const char* kRsaFile = "private_key.pem";

Result<bool> make_certificates(Node& node, const GlobalVariables& variables,
                               wire::OpenSslLibrary& library) {
  const std::string certificate = variables.text(Option::ssl_cert);
  ASSIGN_OR_RETURN(const bool there, node.disk().exists(certificate));
  if (there) return true;
  if (!variables.flag(Option::auto_generate_certs)) return false;
  ASSIGN_OR_RETURN(const wire::TlsMaterial made,
                   wire::make_certificates(library, node.clock().wall_now(), "aftersync"));
  RETURN_IF_ERROR(replace_file(node.disk(), "ca-key.pem", made.ca_key));
  RETURN_IF_ERROR(replace_file(node.disk(), variables.text(Option::ssl_ca), made.ca_certificate));
  RETURN_IF_ERROR(replace_file(node.disk(), variables.text(Option::ssl_key), made.key));
  // Last: where it is there, the others are.
  RETURN_IF_ERROR(replace_file(node.disk(), certificate, made.certificate));
  return true;
}

Result<std::unique_ptr<wire::RsaKey>> load_rsa_key(Node& node, wire::OpenSslLibrary& library) {
  ASSIGN_OR_RETURN(const bool there, node.disk().exists(kRsaFile));
  if (there) {
    ASSIGN_OR_RETURN(const std::string pem, read_file(node.disk(), kRsaFile));
    return wire::RsaKey::from_pem(library, pem);
  }
  ASSIGN_OR_RETURN(auto key, wire::RsaKey::generate(library));
  ASSIGN_OR_RETURN(const std::string pem, key->private_pem());
  RETURN_IF_ERROR(replace_file(node.disk(), "public_key.pem", key->public_pem()));
  RETURN_IF_ERROR(replace_file(node.disk(), kRsaFile, pem));
  return key;
}

}  // namespace

Result<std::string> read_file(Disk& disk, std::string_view path) {
  ASSIGN_OR_RETURN(File file, disk.open(path, OpenMode::read));
  ASSIGN_OR_RETURN(const uint64_t size, file.size());
  std::string text(size, '\0');
  RETURN_IF_ERROR(file.read_exactly(0, text));
  return text;
}

Status replace_file(Disk& disk, const std::string& path, std::string_view text) {
  const std::string unfinished = path + ".new";
  ASSIGN_OR_RETURN(File file, disk.open(unfinished, OpenMode::create));
  RETURN_IF_ERROR(file.truncate(0));
  RETURN_IF_ERROR(file.append(text));
  RETURN_IF_ERROR(file.sync_data());
  RETURN_IF_ERROR(disk.rename(unfinished, path));
  return disk.sync_directory("");
}

Result<Uid> load_server_uuid(Node& node) {
  ASSIGN_OR_RETURN(const bool there, node.disk().exists(kAutoFile));
  if (!there) {
    const Uid made = node.rng().uid();
    RETURN_IF_ERROR(replace_file(node.disk(), kAutoFile,
                                 "[auto]\n" + std::string(kUuidName) + made.to_string() + "\n"));
    return made;
  }
  ASSIGN_OR_RETURN(const std::string text, read_file(node.disk(), kAutoFile));
  const size_t at = text.find(kUuidName);
  if (at == std::string::npos) return {Code::corruption, "auto.cnf: no server-uuid="};
  Result<Uid> uuid =
      Uid::parse(std::string_view(text).substr(at + kUuidName.size(), Uid::kTextChars));
  if (!uuid.ok()) return uuid.status().in("auto.cnf");
  return uuid;
}

Result<ServerKeys> load_server_keys(Node& node, const GlobalVariables& variables) {
  ServerKeys keys;
  ASSIGN_OR_RETURN(keys.library, wire::OpenSslLibrary::open(node.rng()));
  ASSIGN_OR_RETURN(keys.rsa, load_rsa_key(node, *keys.library));
  ASSIGN_OR_RETURN(const bool certified, make_certificates(node, variables, *keys.library));
  if (!certified) return keys;
  ASSIGN_OR_RETURN(const std::string certificate,
                   read_file(node.disk(), variables.text(Option::ssl_cert)));
  ASSIGN_OR_RETURN(const std::string key, read_file(node.disk(), variables.text(Option::ssl_key)));
  ASSIGN_OR_RETURN(keys.tls, wire::TlsContext::server(*keys.library, certificate, key));
  return keys;
}

}  // namespace aftersync::server
