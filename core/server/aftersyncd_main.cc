// aftersyncd: the server as a program, on the operating system.
//
//   aftersyncd --datadir=DIRECTORY [--port=N] [--socket=PATH] ...
//
// Reads options, opens the data directory, serves until SIGTERM, closes. Exit status: 0 after a
// good end, 1 when it could not start or close, 2 for options it does not understand.
#include <cstdio>
#include <string>
#include <vector>

#include "core/platform/posix/host.h"
#include "core/platform/posix/posix_node.h"
#include "core/server/option_help.h"
#include "core/server/option_sources.h"
#include "core/server/server.h"

namespace aftersync::server {
namespace {

constexpr int kFailed = 1;
constexpr int kBadUsage = 2;

class HostFiles : public ConfigFiles {
 public:
  Result<std::string> read(const std::string& path) override { return posix::read_host_file(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return posix::list_host_directory(directory);
  }
  std::string home() override { return posix::home_directory(); }
};

int fail(const Status& status, int exit_status = kFailed) {
  std::fprintf(stderr, "aftersyncd: %s\n", std::string(status.message()).c_str());
  return exit_status;
}

std::string below(const std::string& directory, const std::string& path) {
  return path.starts_with('/') ? path : directory + "/" + path;
}

// mysqld's rule: the name without a directory lies in the data directory, and ends in .err.
std::string error_log_path(const GlobalVariables& variables, const std::string& directory) {
  std::string path = variables.text(Option::log_error);
  if (path.empty() || path == "stderr" || variables.flag(Option::console)) return {};
  if (path.find('.', path.rfind('/') + 1) == std::string::npos) path += ".err";
  return below(directory, path);
}

bool is_initialize(const GlobalVariables& variables) {
  return variables.flag(Option::initialize) || variables.flag(Option::initialize_insecure);
}

// --initialize is for directories that are new.
Status check_empty(const std::string& directory) {
  const auto names = posix::list_host_directory(directory);
  if (names.code() == Code::not_found) return {};
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (name.ends_with(".err") || name == "lost+found") continue;
    return {Code::bad_state, "--initialize specified but the data directory has files in it: " +
                                 directory + "/" + name};
  }
  return {};
}

class Program {
 public:
  explicit Program(GlobalVariables& variables) : variables_(variables) {}

  int run(const std::vector<std::string>& warnings) {
    posix::StopSignals signals;
    const Status prepared = prepare();
    if (!prepared.ok()) return fail(prepared);
    auto real = posix::RealNode::open({.data_directory = directory_,
                                       .create_data_directory = true,
                                       .error_log_path = error_log_path(variables_, directory_)});
    if (!real.ok()) return fail(real.status());
    Node& node = (*real)->node();
    for (const std::string& warning : warnings) {
      node.error_log().write(Severity::warning, warning);
    }
    const Status status = serve(node, signals);
    if (status.ok()) return 0;
    node.error_log().write(Severity::error, status.to_string());
    node.error_log().write(Severity::error, "Aborting");
    return kFailed;
  }

 private:
  Status prepare() {
    if (variables_.text(Option::datadir).empty()) {
      return {Code::invalid_argument, "where is the data? --datadir=DIRECTORY"};
    }
    directory_ = posix::absolute_path(variables_.text(Option::datadir));
    if (is_initialize(variables_)) RETURN_IF_ERROR(check_empty(directory_));
    variables_.set(Option::datadir, directory_ + "/");
    variables_.set(Option::hostname, posix::host_name());
    if (variables_.text(Option::pid_file).empty()) {
      variables_.set(Option::pid_file, posix::host_name() + ".pid");
    }
    const std::string user = variables_.text(Option::user);
    return user.empty() ? Status() : posix::become_user(user);
  }

  Status serve(Node& node, posix::StopSignals& signals) {
    const std::string version = variables_.text(Option::version);
    node.error_log().write(Severity::system, "aftersyncd (" + version + ") starting as process " +
                                                 std::to_string(posix::process_id()));
    Server server(node, variables_);
    RETURN_IF_ERROR(server.open(variables_.flag(Option::initialize_insecure)
                                    ? Initialize::insecure
                                    : Initialize::when_new));
    if (is_initialize(variables_)) return server.close();
    Status status = serve_clients(node, server, signals);
    const Status closed = server.close();
    if (status.ok()) status = closed;
    if (status.ok()) node.error_log().write(Severity::system, "Shutdown complete");
    return status;
  }

  Status serve_clients(Node& node, Server& server, posix::StopSignals& signals) {
    RETURN_IF_ERROR(server.listen());
    const std::string pid_file = below(directory_, variables_.text(Option::pid_file));
    RETURN_IF_ERROR(posix::write_host_file(pid_file, std::to_string(posix::process_id()) + "\n"));
    node.error_log().write(Severity::system, "ready for connections. Version: '" +
                                                 variables_.text(Option::version) + "'  socket: '" +
                                                 variables_.text(Option::socket) +
                                                 "'  port: " + variables_.text(Option::port));
    const std::string signal = signals.wait();
    node.error_log().write(Severity::system, "Received " + signal + ", shutting down");
    return posix::remove_host_file(pid_file);
  }

  GlobalVariables& variables_;
  std::string directory_;
};

int run(const std::vector<std::string>& arguments) {
  HostFiles files;
  GlobalVariables variables;
  for (const std::string& argument : arguments) {
    if (argument == "--version" || argument == "-V") {
      std::printf("aftersyncd  Ver %s\n", variables.text(Option::version).c_str());
      return 0;
    }
  }
  const auto options = read_start_options(files, arguments);
  if (!options.ok()) return fail(options.status(), kBadUsage);
  if (options->print_defaults) {
    std::printf("%s", settings_text(options->settings).c_str());
    return 0;
  }
  const auto warnings = apply_settings(options->settings, variables);
  if (!warnings.ok()) return fail(warnings.status(), kBadUsage);
  if (variables.flag(Option::help)) {
    std::printf("%s", usage_text(variables.flag(Option::verbose)).c_str());
    return 0;
  }
  return Program(variables).run(*warnings);
}

}  // namespace
}  // namespace aftersync::server

int main(int count, char** arguments) {
  return aftersync::server::run(std::vector<std::string>(arguments + 1, arguments + count));
}
