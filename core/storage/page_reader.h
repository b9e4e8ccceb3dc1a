// PageReader: where the structure checkers get their pages.
//
// The same judgement is wanted of a store that is open (in tests, after everything they do) and of
// files that nobody has open (aftersync-check). So the checkers ask for copies of pages, one at a
// time, and know nothing of pools, latches or files.
#pragma once

#include <memory>

#include "core/base/status.h"
#include "core/storage/buffer_pool.h"
#include "core/storage/page_format.h"

namespace aftersync::storage {

class PageReader {
 public:
  virtual ~PageReader() = default;
  // Copies a page into `into` (kPageBytes). Code::corruption, naming file, page, what was expected
  // and what was found, unless it is whole, the one asked for, and of type `expected`.
  virtual Status read(PageId id, PageType expected, char* into) = 0;
};

// Pages of a store that is open, the newest versions. Latches one page at a time, so the structure
// that is checked must not change meanwhile.
class PoolReader final : public PageReader {
 public:
  explicit PoolReader(BufferPool& pool) : pool_(pool) {}
  Status read(PageId id, PageType expected, char* into) override;

 private:
  BufferPool& pool_;
};

// A page on the heap.
using PageCopy = std::unique_ptr<char[]>;
[[nodiscard]] Result<PageCopy> copy_page(PageReader& reader, PageId id, PageType expected);

}  // namespace aftersync::storage
