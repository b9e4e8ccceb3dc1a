// ErrorLog: lines as MySQL 8 writes them, so that the tools that read those read ours.
//
//   2026-07-14T09:30:00.123456Z task-name [Warning] text
//
// MySQL puts the thread's number where we put the task's name. A line is one write(2) to a file
// opened for appending: lines of several tasks do not mix. Line ends and other control characters
// in the text are escaped: one line an event, whatever a peer put into it.
#include "core/platform/error_log.h"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>

#include "core/platform/posix/node_state.h"

namespace aftersync {

namespace {

std::string_view label_of(Severity severity) {
  switch (severity) {
    case Severity::system: return "System";
    case Severity::error: return "ERROR";
    case Severity::warning: return "Warning";
    case Severity::note: return "Note";
  }
  return "?";
}

std::string utc_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  tm parts{};
  ::gmtime_r(&now.tv_sec, &parts);
  char text[64];
  const size_t length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char fraction[32];
  std::snprintf(fraction, sizeof fraction, ".%06ldZ", now.tv_nsec / 1000);
  return std::string(text, length) + fraction;
}

std::string task_name() {
  char name[16];
  return ::pthread_getname_np(::pthread_self(), name, sizeof name) == 0 ? name : "?";
}

void append_escaped(std::string& to, std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      to += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      to += "\\x";
      to += kDigits[byte >> 4];
      to += kDigits[byte & 15];
    } else {
      to += c;
    }
  }
}

}  // namespace

void ErrorLog::write(Severity severity, std::string_view line) {
  std::string text = utc_now() + " " + task_name() + " [" + std::string(label_of(severity)) + "] ";
  append_escaped(text, line);
  text += '\n';
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t written = ::write(node_.log_fd(), rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // a log that cannot be written must not stop the server
    rest.remove_prefix(static_cast<size_t>(written));
  }
}

}  // namespace aftersync
