// The machine as a program's main() needs it.
#include "core/platform/posix/host.h"

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "core/base/check.h"
#include "core/platform/posix/os_error.h"
#include "core/platform/posix/unique_fd.h"

namespace aftersync::posix {

namespace {

constexpr size_t kMostBytes = size_t{16} << 20;
constexpr mode_t kFileMode = 0640;

sigset_t stop_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGQUIT}) ::sigaddset(&set, signal);
  return set;
}

}  // namespace

Result<std::string> read_host_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid()) return name_error("open " + path, errno);
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return name_error("read " + path, errno);
    if (got == 0) return text;
    text.append(buffer, static_cast<size_t>(got));
    if (text.size() > kMostBytes) return {Code::too_large, "read " + path + ": too long"};
  }
}

Status write_host_file(const std::string& path, std::string_view text) {
  const UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!fd.valid()) return name_error("open " + path, errno);
  while (!text.empty()) {
    const ssize_t written = ::write(fd.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return data_error("write " + path, errno);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status remove_host_file(const std::string& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return {};
  return name_error("remove " + path, errno);
}

Result<std::vector<std::string>> list_host_directory(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(path.c_str()), ::closedir);
  if (!directory) return name_error("list " + path, errno);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::string absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  const std::unique_ptr<char, void (*)(void*)> here(::getcwd(nullptr, 0), std::free);
  return here ? std::string(here.get()) + "/" + path : path;
}

std::string home_directory() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? "" : home;
}

std::string host_name() {
  char name[256] = {};
  return ::gethostname(name, sizeof name - 1) == 0 ? name : "localhost";
}

uint64_t process_id() { return static_cast<uint64_t>(::getpid()); }

Status become_user(const std::string& user) {
  const passwd* account = ::getpwnam(user.c_str());
  if (account == nullptr) {
    return {Code::invalid_argument, "there is no account '" + user + "' on this machine"};
  }
  if (account->pw_uid == ::geteuid()) return {};
  if (::initgroups(user.c_str(), account->pw_gid) != 0 || ::setgid(account->pw_gid) != 0 ||
      ::setuid(account->pw_uid) != 0) {
    return name_error("become " + user, errno);
  }
  return {};
}

StopSignals::StopSignals() {
  const sigset_t set = stop_signals();
  CHECK_EQ(::pthread_sigmask(SIG_BLOCK, &set, nullptr), 0);
  for (const int signal : {SIGHUP, SIGPIPE}) std::signal(signal, SIG_IGN);
}

std::string StopSignals::wait() {
  const sigset_t set = stop_signals();
  int signal = 0;
  CHECK_EQ(::sigwait(&set, &signal), 0);
  switch (signal) {
    case SIGTERM: return "SIGTERM";
    case SIGINT: return "SIGINT";
    default: return "SIGQUIT";
  }
}

}  // namespace aftersync::posix
