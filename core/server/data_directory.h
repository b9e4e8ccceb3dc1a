// The small files beside the engine's: the server's identity, and its keys.
//
//   auto.cnf                          [auto] server-uuid=...
//   ca.pem, server-cert.pem, server-key.pem, client's authority ca-key.pem
//   private_key.pem, public_key.pem   for caching_sha2_password without TLS
//
// Names and contents are MySQL's. Each is made when it is absent: written under another name,
// synced, and renamed, so that none is ever half there.
#pragma once

#include <memory>
#include <string>

#include "core/base/status.h"
#include "core/base/uid.h"
#include "core/platform/node.h"
#include "core/server/variables.h"
#include "core/wire/tls.h"

namespace aftersync::server {

// auto.cnf's. Code::corruption for a file without one.
[[nodiscard]] Result<Uid> load_server_uuid(Node& node);

struct ServerKeys {
  std::unique_ptr<wire::OpenSslLibrary> library;
  std::unique_ptr<wire::TlsContext> tls;  // null: none, and not to be made
  std::unique_ptr<wire::RsaKey> rsa;
};

// Paths of certificates (ssl_cert, ssl_key) are below the data directory.
[[nodiscard]] Result<ServerKeys> load_server_keys(Node& node, const GlobalVariables& variables);

// Reads a whole file of the data directory, or replaces one durably.
[[nodiscard]] Result<std::string> read_file(Disk& disk, std::string_view path);
Status replace_file(Disk& disk, const std::string& path, std::string_view text);

}  // namespace aftersync::server
