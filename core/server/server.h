// Server: an engine with clients, on whatever Node it is given.
//
//   Server server(node, variables);
//   RETURN_IF_ERROR(server.open(Initialize::when_new));   // recovery; accounts
//   RETURN_IF_ERROR(server.listen());                     // clients come
//   ...
//   RETURN_IF_ERROR(server.close());                      // they are cut off; all is durable
//
// Where nobody has been before there is root@localhost with a random password, which goes to the
// error log, once. Clients are served by a task each.
//
// Used by one task.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/platform/node.h"
#include "core/server/account_book.h"
#include "core/server/data_directory.h"
#include "core/server/server_context.h"
#include "core/storage/engine.h"
#include "core/txn/transaction.h"
#include "core/wire/connection.h"

namespace aftersync::server {

// What is to become of a data directory without accounts.
enum class Initialize : uint8_t {
  when_new,  // it gets a root with a random password
  insecure,  // the same without a password
};

class Server {
 public:
  // Both outlive it.
  Server(Node& node, GlobalVariables& variables);
  // close() has been called, or open() has failed.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Recovers what is there, or makes it. Errors as storage::Engine::open, and of the files of
  // data_directory.h.
  Status open(Initialize initialize);
  // Opens the port and the socket that the variables name, and sets `port` to that which was taken.
  Status listen();
  // Ends all connections, rolls back what they had open, closes the engine.
  Status close();

 private:
  // A connection: its stream, its task.
  struct Client {
    explicit Client(Stream of) : stream(std::move(of)) {}
    Stream stream;
    Task task;
    std::atomic<bool> done = false;
  };

  Status open_engine();
  Status make_root(Initialize initialize);
  Status listen_on(const std::string& address);
  void accept_clients(Listener& listener);
  void start_client(Stream stream);
  void serve(Client& client);
  void reap_clients(bool all);
  void log(Severity severity, std::string_view line) { node_.error_log().write(severity, line); }

  Node& node_;
  GlobalVariables& variables_;
  SessionRegistry sessions_;
  StatusCounters counters_;
  ServerContext context_;
  PersistedVariables persisted_;
  ServerKeys keys_;
  wire::FastAuthentication fast_;
  std::unique_ptr<storage::Engine> engine_;
  std::unique_ptr<txn::TransactionManager> transactions_;
  std::unique_ptr<sql::Dictionary> dictionary_;
  std::unique_ptr<AccountBook> accounts_;
  wire::ConnectionOptions connection_options_;
  std::list<Listener> listeners_;
  std::vector<Task> acceptors_;
  Mutex clients_mutex_;
  std::list<Client> clients_;  // guarded by clients_mutex_
};

}  // namespace aftersync::server
