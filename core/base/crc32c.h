// CRC-32C (Castagnoli, polynomial 0x1EDC6F41, reflected), the checksum of every page, block and
// frame we write. Source: RFC 3720 appendix B.4. The processor's own instruction is used where
// there is one (SSE 4.2), chosen at run time; tables otherwise. Both give the same value.
#pragma once

#include <cstdint>
#include <string_view>

namespace aftersync {

// Extends `crc`, the checksum of what came before (0 for nothing), by `bytes`:
// crc32c(b, crc32c(a)) == crc32c(ab).
[[nodiscard]] uint32_t crc32c(std::string_view bytes, uint32_t crc = 0);

// The table-driven version on its own, so that a test can hold one against the other.
[[nodiscard]] uint32_t crc32c_portable(std::string_view bytes, uint32_t crc = 0);

// Whether crc32c() uses the processor's instruction on this machine.
[[nodiscard]] bool crc32c_is_hardware();

}  // namespace aftersync
