// The protocol's fuzz target: one function over bytes, in the shape that libFuzzer calls.
//
// The first byte says what the rest is: a client's whole conversation with a connection (its bytes
// as they come from the network, in small pieces), or one payload for each parser in turn. Whatever
// it is, nothing may crash, hang, or be read past its end; that is all that is judged, so the
// target is worth most under the address sanitizer.
//
// No libFuzzer is needed: fuzz_test.cc drives it with mutations of the seeds below. With clang it
// may be linked with -fsanitize=fuzzer as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace aftersync::wire {

// What the server answers to a conversation, that is to an input without its first byte.
[[nodiscard]] std::string fuzz_answer(std::string_view conversation);

// Conversations that go well, and payloads that parse: what mutation starts from.
[[nodiscard]] std::vector<std::string> fuzz_seeds();

}  // namespace aftersync::wire
