// errno as a Status: the tables.
#include "core/platform/posix/os_error.h"

#include <cerrno>
#include <cstring>

namespace aftersync::posix {

namespace {

Status make(Code code, std::string_view what, int error) {
  return {code, std::string(what) + ": " + error_text(error)};
}

// Errors that mean the same to every call; internal for all others.
Code common_code(int error) {
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // beyond what the file system or the process's limit lets a file grow to
      return Code::no_space;
    case EIO: return Code::io_error;
    case EACCES:
    case EPERM:
    case EROFS: return Code::permission_denied;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
    case EBUSY: return Code::unavailable;
    default: return Code::internal;
  }
}

}  // namespace

std::string error_text(int error) {
  char buffer[128];
  const char* const text = ::strerror_r(error, buffer, sizeof buffer);
  return std::string(text) + " (" + std::to_string(error) + ")";
}

Status name_error(std::string_view what, int error) {
  switch (error) {
    case ENOENT: return make(Code::not_found, what, error);
    case EEXIST: return make(Code::already_exists, what, error);
    case EISDIR:
    case ENOTDIR:
    case ENOTEMPTY: return make(Code::bad_state, what, error);
    case ENAMETOOLONG: return make(Code::too_large, what, error);
    default: return make(common_code(error), what, error);
  }
}

Status data_error(std::string_view what, int error) {
  const Code code = common_code(error);
  return make(code == Code::internal ? Code::io_error : code, what, error);
}

Status net_error(std::string_view what, int error, bool established) {
  switch (error) {
    case ECONNRESET:
    case EPIPE:
    case ENETRESET:
    case ECONNABORTED:
    case ENOTCONN: return make(Code::connection_lost, what, error);
    case ETIMEDOUT:  // the kernel gave up on the peer
    case EHOSTUNREACH:
    case ENETUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
      return make(established ? Code::connection_lost : Code::unavailable, what, error);
    case ECONNREFUSED:
    case EADDRINUSE:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case ENOENT:   // no such Unix socket
    case ENOTDIR:  // nor its folder
    case EAGAIN: return make(Code::unavailable, what, error);
    default: return make(common_code(error), what, error);
  }
}

}  // namespace aftersync::posix
