// An engine with clients: start, clients, end.
#include "core/server/server.h"

#include "core/server/client_session.h"
#include "core/wire/password.h"

namespace aftersync::server {

namespace {

constexpr size_t kPageBytes = 16384;

// Characters that are not taken for one another.
constexpr std::string_view kPasswordCharacters =
    "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
constexpr size_t kPasswordChars = 20;

std::string random_text(Rng& rng, std::string_view characters, size_t length) {
  std::string text;
  for (size_t i = 0; i < length; ++i) text += characters[rng.next() % characters.size()];
  return text;
}

storage::EngineOptions engine_options(const GlobalVariables& variables) {
  storage::EngineOptions options;
  options.pages.pool.frames = variables.number(Option::innodb_buffer_pool_size) / kPageBytes;
  options.pages.log.buffer_bytes = variables.number(Option::innodb_log_buffer_size);
  options.pages.log.geometry.file_bytes =
      variables.number(Option::innodb_redo_log_capacity) / options.pages.log.geometry.files;
  options.pages.flush_mode =
      static_cast<FlushMode>(variables.number(Option::innodb_flush_log_at_trx_commit));
  return options;
}

// As SHOW PROCESSLIST names a client: address and port; a Unix socket has no port.
std::string host_text(const Stream& stream) {
  std::string peer = stream.peer_address();
  return peer.starts_with("unix:") ? "localhost" : peer;
}

}  // namespace

Server::Server(Node& node, GlobalVariables& variables)
    : node_(node),
      variables_(variables),
      sessions_(node.clock()),
      context_{node, variables, sessions_, counters_},
      persisted_(node) {}

Server::~Server() = default;

Status Server::open_engine() {
  ASSIGN_OR_RETURN(engine_, storage::Engine::open(node_, engine_options(variables_)));
  const storage::RecoveryStats& recovered = engine_->pages().recovery_stats();
  if (!recovered.log.clean_shutdown) {
    log(Severity::system, "crash recovery: " + std::to_string(recovered.log.frames) +
                              " redo records from lsn " +
                              std::to_string(recovered.log.start.value()) + " to " +
                              std::to_string(recovered.log.end.value()));
  }
  transactions_ =
      std::make_unique<txn::TransactionManager>(node_, *engine_, txn::TransactionManagerOptions());
  ASSIGN_OR_RETURN(dictionary_, sql::Dictionary::open(node_, *transactions_));
  context_.transactions = transactions_.get();
  context_.dictionary = dictionary_.get();
  return {};
}

Status Server::open(Initialize initialize) {
  context_.started = node_.clock().now();
  RETURN_IF_ERROR(persisted_.load(variables_));
  context_.persisted = &persisted_;
  RETURN_IF_ERROR(open_engine());
  ASSIGN_OR_RETURN(const Uid uuid, load_server_uuid(node_));
  variables_.set(Option::server_uuid, uuid.to_string());
  ASSIGN_OR_RETURN(accounts_, AccountBook::open(*engine_));
  if (accounts_->list()->accounts.empty()) RETURN_IF_ERROR(make_root(initialize));
  if (variables_.flag(Option::skip_grant_tables)) accounts_->let_everybody_in();
  ASSIGN_OR_RETURN(keys_, load_server_keys(node_, variables_));
  context_.accounts = accounts_.get();
  context_.fast = &fast_;
  return {};
}

Status Server::make_root(Initialize initialize) {
  AccountState root;
  root.plugin = variables_.text(Option::default_authentication_plugin);
  root.privileges = all_privileges() | bit(Privilege::grant_option);
  if (initialize == Initialize::when_new) {
    const std::string password = random_text(node_.rng(), kPasswordCharacters, kPasswordChars);
    const std::string salt = random_text(node_.rng(), kPasswordCharacters, wire::kSha2SaltBytes);
    root.authentication_string = root.plugin == wire::kNativePlugin
                                     ? wire::native_authentication_string(password)
                                     : wire::sha2_authentication_string(password, salt);
    // Before the account is there, so that nobody ever has to do without.
    log(Severity::note, "A temporary password is generated for root@localhost: " + password);
  } else {
    log(Severity::warning,
        "root@localhost is created with an empty password! Please consider switching off the "
        "--initialize-insecure option.");
  }
  return accounts_->put({"root", "localhost"}, root);
}

Status Server::listen() {
  wire::AuthenticationOptions& authentication = connection_options_.authentication;
  authentication.accounts = accounts_.get();
  authentication.fast = &fast_;
  authentication.tls = keys_.tls.get();
  authentication.rsa = keys_.rsa.get();
  authentication.server_version = variables_.text(Option::version);
  authentication.default_plugin = variables_.text(Option::default_authentication_plugin);
  authentication.collation = 45;  // utf8mb4_general_ci
  authentication.require_secure_transport = variables_.flag(Option::require_secure_transport);
  connection_options_.connect_timeout =
      std::chrono::seconds(variables_.number(Option::connect_timeout));
  const std::string socket = variables_.text(Option::socket);
  if (!socket.empty()) RETURN_IF_ERROR(listen_on("unix:" + socket));
  if (variables_.flag(Option::skip_networking)) return {};
  const std::string bind = variables_.text(Option::bind_address);
  for (size_t i = 0; i < count_words(bind); ++i) {
    std::string host(word_at(bind, i));
    if (host == "*") host = "0.0.0.0";
    if (host.find(':') != std::string::npos) host = "[" + host + "]";
    RETURN_IF_ERROR(listen_on(host + ":" + variables_.text(Option::port)));
    const std::string address = listeners_.back().address();
    const std::string_view port = std::string_view(address).substr(address.rfind(':') + 1);
    variables_.set(Option::port, parse_option(spec_of(Option::port), port)->value);
  }
  return {};
}

Status Server::listen_on(const std::string& address) {
  ASSIGN_OR_RETURN(Listener listener, node_.net().listen(address));
  listeners_.push_back(std::move(listener));
  acceptors_.push_back(node_.tasks().spawn(
      "acceptor", [this, &bound = listeners_.back()] { accept_clients(bound); }));
  return {};
}

void Server::accept_clients(Listener& listener) {
  while (true) {
    Result<Stream> stream = listener.accept(kNever);
    if (stream.ok()) {
      reap_clients(false);
      start_client(*std::move(stream));
      continue;
    }
    if (stream.code() == Code::shutdown) return;
    // Too many open files, most likely: wait until some of them close.
    log(Severity::error, stream.status().to_string());
    if (!node_.tasks().sleep_for(100ms).ok()) return;
  }
}

void Server::start_client(Stream stream) {
  counters_.add(Counter::connections);
  const MutexLock lock(clients_mutex_);
  Client& client = clients_.emplace_back(std::move(stream));
  client.task = node_.tasks().spawn("client", [this, &client] {
    serve(client);
    client.stream.shut_down();
    client.done = true;
  });
}

void Server::serve(Client& client) {
  const std::shared_ptr<SessionEntry> entry = sessions_.add(host_text(client.stream));
  const size_t clients = sessions_.size();
  if (clients > variables_.number(Option::max_connections)) {
    counters_.add(Counter::connection_errors_max_connections);
    sessions_.remove(entry->id());
    wire::Connection::refuse(node_, client.stream, wire::errors::too_many_connections());
    return;
  }
  counters_.raise_to(Counter::max_used_connections, clients);
  {
    ClientSession session(context_, entry);
    entry->set_control({.kill_query = [&] { session.kill_query(); },
                        .kill_connection = [&] { client.stream.shut_down(); }});
    wire::Connection connection(node_, client.stream, connection_options_, entry->id(), session);
    if (!entry->killed()) (void)connection.run();  // why a client went is the client's business
    entry->set_control({});
  }
  sessions_.remove(entry->id());
}

void Server::reap_clients(bool all) {
  std::list<Client> gone;
  {
    const MutexLock lock(clients_mutex_);
    for (auto it = clients_.begin(); it != clients_.end();) {
      const auto next = std::next(it);
      if (all || it->done) gone.splice(gone.end(), clients_, it);
      it = next;
    }
  }
  for (Client& client : gone) client.task.join();
}

Status Server::close() {
  for (Listener& listener : listeners_) listener.shut_down();
  for (Task& acceptor : acceptors_) acceptor.join();
  acceptors_.clear();
  sessions_.kill_all();
  reap_clients(true);
  listeners_.clear();
  dictionary_.reset();
  transactions_.reset();
  return engine_ == nullptr ? Status() : engine_->close();
}

}  // namespace aftersync::server
