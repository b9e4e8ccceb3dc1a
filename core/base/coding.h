// The one coding layer: integers to bytes and back.
//
// Big-endian for what we define ourselves (memory-comparable, readable in a hex dump),
// little-endian for the MySQL formats that demand it, varints for counts that are mostly small.
//
// store_*/load_* work on memory whose size the caller has established. Reader is for bytes nobody
// vouches for: it never reads past its end, and after the first failure it stays failed, so that a
// parser may read a whole header and look once.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aftersync {

namespace coding_internal {

template <std::unsigned_integral U>
[[nodiscard]] constexpr U byte_swap(U v) {
  if constexpr (sizeof(U) == 1) {
    return v;
  } else if constexpr (sizeof(U) == 2) {
    return __builtin_bswap16(v);
  } else if constexpr (sizeof(U) == 4) {
    return __builtin_bswap32(v);
  } else {
    static_assert(sizeof(U) == 8);
    return __builtin_bswap64(v);
  }
}

}  // namespace coding_internal

static_assert(std::endian::native == std::endian::little, "aftersync targets little-endian hosts");

template <std::unsigned_integral U>
void store_be(char* to, U value) {
  value = coding_internal::byte_swap(value);
  std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral U>
[[nodiscard]] U load_be(const char* from) {
  U value;
  std::memcpy(&value, from, sizeof value);
  return coding_internal::byte_swap(value);
}

template <std::unsigned_integral U>
void store_le(char* to, U value) {
  std::memcpy(to, &value, sizeof value);
}

template <std::unsigned_integral U>
[[nodiscard]] U load_le(const char* from) {
  U value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <std::unsigned_integral U>
void append_be(std::string& to, U value) {
  char bytes[sizeof value];
  store_be(bytes, value);
  to.append(bytes, sizeof value);
}

template <std::unsigned_integral U>
void append_le(std::string& to, U value) {
  char bytes[sizeof value];
  store_le(bytes, value);
  to.append(bytes, sizeof value);
}

inline constexpr size_t kMaxVarintBytes = 10;

// Base-128, least significant group first, the top bit set on all but the last byte (LEB128).
// Writes at most kMaxVarintBytes; returns how many.
size_t store_varint(char* to, uint64_t value);
void append_varint(std::string& to, uint64_t value);
[[nodiscard]] size_t varint_size(uint64_t value);

// A varint length followed by that many bytes.
void append_length_prefixed(std::string& to, std::string_view bytes);

// A cursor over untrusted bytes. Does not own them.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes), size_(bytes.size()) {}

  template <std::unsigned_integral U>
  [[nodiscard]] U be() {
    return fixed<U>(load_be<U>);
  }
  template <std::unsigned_integral U>
  [[nodiscard]] U le() {
    return fixed<U>(load_le<U>);
  }
  // Rejects encodings over 64 bits and non-minimal ones (a value has one encoding only).
  [[nodiscard]] uint64_t varint();
  [[nodiscard]] std::string_view bytes(uint64_t count);
  [[nodiscard]] std::string_view length_prefixed() { return bytes(varint()); }

  // False once any read has gone past the end or met a malformed varint; reads then return zero or
  // empty and do not move.
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  // Bytes consumed so far: where a message should point.
  [[nodiscard]] size_t offset() const { return size_ - rest_.size(); }

 private:
  template <std::unsigned_integral U>
  U fixed(U (*load)(const char*)) {
    const std::string_view b = bytes(sizeof(U));
    return b.empty() ? U{0} : load(b.data());
  }

  std::string_view rest_;
  size_t size_;
  bool ok_ = true;
};

}  // namespace aftersync
