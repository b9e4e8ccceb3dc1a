// A server that speaks the protocol and knows nothing: what real clients are tried against.
//
//   wire-server DIRECTORY
//
// Makes certificates, listens on a free port of the loopback, says "port NUMBER" and writes
// DIRECTORY/ca.pem; then serves scripted sessions (scripted_handler.h), a thread each, until its
// standard input ends. Accounts: ann, bob, eve. More than 1,100 clients at once get error 1040.
#include <atomic>
#include <cstdio>
#include <fstream>
#include <list>

#include "core/platform/posix/posix_node.h"
#include "proptests/wire/scripted_handler.h"

namespace aftersync::wire {
namespace {

constexpr uint32_t kMaxConnections = 1100;

struct Keys {
  std::unique_ptr<OpenSslLibrary> library;
  std::unique_ptr<TlsContext> tls;
  std::unique_ptr<RsaKey> rsa;
};

Status make_keys(Node& node, const std::string& directory, Keys& keys) {
  ASSIGN_OR_RETURN(keys.library, OpenSslLibrary::open(node.rng()));
  ASSIGN_OR_RETURN(const TlsMaterial made,
                   make_certificates(*keys.library, node.clock().wall_now(), "aftersync"));
  ASSIGN_OR_RETURN(keys.tls, TlsContext::server(*keys.library, made.certificate, made.key));
  ASSIGN_OR_RETURN(keys.rsa, RsaKey::generate(*keys.library));
  std::ofstream(directory + "/ca.pem") << made.ca_certificate;
  return {};
}

// Sessions that have ended are joined by the next client's arrival.
class Sessions {
 public:
  Sessions(Node& node, const ConnectionOptions& options) : node_(node), options_(options) {}
  ~Sessions() {
    for (auto& one : sessions_) one.stream.shut_down();
    for (auto& one : sessions_) one.task.join();
  }
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  void start(Stream stream) {
    reap();
    if (sessions_.size() >= kMaxConnections) {
      Connection::refuse(node_, stream, errors::too_many_connections());
      return;
    }
    Session& session = sessions_.emplace_back(std::move(stream));
    session.task = node_.tasks().spawn("client", [this, &session, id = ++last_id_] {
      ScriptedHandler handler;
      Connection connection(node_, session.stream, options_, id, handler);
      (void)connection.run();  // why a client went away is the client's business
      session.stream.shut_down();
      session.done = true;
    });
  }

 private:
  struct Session {
    explicit Session(Stream of) : stream(std::move(of)) {}
    Stream stream;
    Task task;
    std::atomic<bool> done = false;
  };

  void reap() {
    for (auto it = sessions_.begin(); it != sessions_.end();) {
      if (it->done) it->task.join();
      it = it->task.joinable() ? std::next(it) : sessions_.erase(it);
    }
  }

  Node& node_;
  const ConnectionOptions& options_;
  uint32_t last_id_ = 0;
  std::list<Session> sessions_;
};

Status serve(Node& node, const std::string& directory) {
  Keys keys;
  RETURN_IF_ERROR(make_keys(node, directory, keys));
  ScriptedAccounts accounts;
  FastAuthentication fast;
  ConnectionOptions options;
  options.authentication.accounts = &accounts;
  options.authentication.fast = &fast;
  options.authentication.tls = keys.tls.get();
  options.authentication.rsa = keys.rsa.get();
  options.connect_timeout = 60s;  // a thousand clients come at once, and not to an idle machine
  Sessions sessions(node, options);
  ASSIGN_OR_RETURN(Listener listener, node.net().listen("127.0.0.1:0"));
  const std::string address = listener.address();
  std::printf("port %s\n", address.substr(address.rfind(':') + 1).c_str());
  std::fflush(stdout);
  Task acceptor = node.tasks().spawn("acceptor", [&] {
    while (true) {
      auto stream = listener.accept(kNever);
      if (!stream.ok()) return;
      sessions.start(*std::move(stream));
    }
  });
  while (std::getchar() != EOF) {
  }
  listener.shut_down();
  acceptor.join();
  return {};
}

}  // namespace
}  // namespace aftersync::wire

int main(int count, char** arguments) {
  if (count != 2) {
    std::fprintf(stderr, "usage: wire-server DIRECTORY\n");
    return 2;
  }
  auto real = aftersync::posix::RealNode::open(
      {.data_directory = arguments[1], .create_data_directory = true});
  if (!real.ok()) {
    std::fprintf(stderr, "%s\n", real.status().to_string().c_str());
    return 1;
  }
  const aftersync::Status status = aftersync::wire::serve((*real)->node(), arguments[1]);
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.to_string().c_str());
  return status.ok() ? 0 : 1;
}
