// Status: names of codes and the text forms that messages are built from.
#include "core/base/status.h"

namespace aftersync {

std::string_view to_string(Code code) {
  switch (code) {
    case Code::ok:
      return "ok";
    case Code::invalid_argument:
      return "invalid_argument";
    case Code::not_found:
      return "not_found";
    case Code::already_exists:
      return "already_exists";
    case Code::duplicate_key:
      return "duplicate_key";
    case Code::too_large:
      return "too_large";
    case Code::unsupported:
      return "unsupported";
    case Code::permission_denied:
      return "permission_denied";
    case Code::no_space:
      return "no_space";
    case Code::bad_state:
      return "bad_state";
    case Code::timed_out:
      return "timed_out";
    case Code::unavailable:
      return "unavailable";
    case Code::connection_lost:
      return "connection_lost";
    case Code::shutdown:
      return "shutdown";
    case Code::deadlock:
      return "deadlock";
    case Code::lock_wait_timeout:
      return "lock_wait_timeout";
    case Code::conflict:
      return "conflict";
    case Code::corruption:
      return "corruption";
    case Code::io_error:
      return "io_error";
    case Code::internal:
      return "internal";
  }
  return "unknown";
}

Status::Status(Code code, std::string message)
    : rep_(std::make_unique<Rep>(Rep{code, std::move(message)})) {
  CHECK(code != Code::ok);
}

Status::Status(const Status& other)
    : rep_(other.ok() ? nullptr : std::make_unique<Rep>(*other.rep_)) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) rep_ = other.ok() ? nullptr : std::make_unique<Rep>(*other.rep_);
  return *this;
}

std::string_view Status::message() const {
  return ok() ? std::string_view() : std::string_view(rep_->message);
}

std::string Status::to_string() const {
  if (ok()) return "ok";
  return std::string(aftersync::to_string(rep_->code)) + ": " + rep_->message;
}

Status Status::in(std::string_view where) const {
  if (ok()) return Status();
  return Status(rep_->code, std::string(where) + ": " + rep_->message);
}

}  // namespace aftersync
