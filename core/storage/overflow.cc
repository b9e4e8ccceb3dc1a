// Overflow values: chains of pages.
#include "core/storage/overflow.h"

#include <algorithm>
#include <array>

#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/base/probe.h"

namespace aftersync::storage {

namespace o = overflow_format;

namespace {

// Pages written, or freed, in one mini-transaction.
constexpr uint32_t kBatchPages = 8;
constexpr MtrSize kChainMtr{kBatchPages + 20, (kBatchPages + 2) * kPageBytes};
constexpr size_t kMaxChainBytes = limits::kMaxValueBytes + 1024 * 1024;

Status damaged(const TreeRoot& tree, PageNo no, std::string_view what) {
  return {Code::corruption, space_path(tree.space) + " page " + std::to_string(no.value()) +
                                ": overflow value of index " + std::to_string(tree.index.value()) +
                                ": " + std::string(what)};
}

std::string encode(const OverflowReference& reference) {
  std::string to;
  append_be(to, reference.first.value());
  append_be(to, reference.bytes);
  append_be(to, reference.owner);
  append_be(to, reference.crc);
  CHECK_EQ(to.size(), o::kReferenceBytes);
  return to;
}

uint32_t pages_for(size_t bytes) {
  return static_cast<uint32_t>((bytes + o::kBytesPerPage - 1) / o::kBytesPerPage);
}

// Fills a page just allocated.
void write_part(Mtr& mtr, Frame* page, const TreeRoot& tree, std::string_view part,
                size_t position) {
  mtr.init_page(page, PageType::overflow, o::kVersion);
  std::string head;
  append_be(head, tree.index.value());
  append_be(head, static_cast<uint32_t>(part.size()));
  append_be(head, static_cast<uint32_t>(position));
  mtr.set_bytes(page, o::kIndexIdAt, head);
  mtr.set_bytes(page, o::kBytesAt, part);
}

struct Tail {
  PageNo first = kNoPage;
  PageNo last = kNoPage;
};

// Appends up to kBatchPages pages to the chain; returns how many bytes of `rest` they took.
Result<size_t> write_batch(PageStore& store, const TreeRoot& tree, std::string_view rest,
                           size_t position, Tail& tail) {
  SpaceAllocator allocator(store);
  const uint32_t pages = std::min(kBatchPages, pages_for(rest.size()));
  const std::array<SegmentNeed, 1> need{SegmentNeed{tree.overflow, pages}};
  ASSIGN_OR_RETURN(SpaceReservation reservation, allocator.reserve(tree.space, need));
  Mtr mtr(store, kChainMtr);
  RETURN_IF_ERROR(mtr.ready());
  Frame* before = nullptr;
  if (tail.last != kNoPage) {
    ASSIGN_OR_RETURN(before,
                     mtr.fetch({tree.space, tail.last}, Latch::exclusive, PageType::overflow));
  }
  RETURN_IF_ERROR(allocator.prepare(mtr, tree.space, tree.overflow));
  size_t taken = 0;
  for (uint32_t i = 0; i < pages; ++i) {
    auto allocated = allocator.allocate(mtr, tree.space, tree.overflow, tail.last, reservation);
    if (!allocated.ok()) {
      // Only the first can fail; what a batch has begun it finishes.
      CHECK(i == 0);
      return allocated.status();
    }
    Frame* const page = allocated.value();
    const std::string_view part = rest.substr(taken, o::kBytesPerPage);
    write_part(mtr, page, tree, part, position + taken);
    taken += part.size();
    const PageNo no = page->id().page;
    if (before != nullptr) mtr.set(before, kPageNextAt, no.value());
    if (tail.first == kNoPage) tail.first = no;
    tail.last = no;
    before = page;
  }
  mtr.commit();
  return taken;
}

// Judges one page of a chain; the part of the value in it.
Result<std::string_view> part_of(const char* bytes, const TreeRoot& tree, PageNo no,
                                 size_t position, size_t rest) {
  const size_t length = load_be<uint32_t>(bytes + o::kLengthAt);
  if (load_be<uint64_t>(bytes + o::kIndexIdAt) != tree.index.value()) {
    return damaged(tree, no, "belongs to another index");
  }
  if (load_be<uint32_t>(bytes + o::kPositionAt) != position) {
    return damaged(tree, no, "not the part expected at " + std::to_string(position));
  }
  if (length == 0 || length > o::kBytesPerPage || length > rest) {
    return damaged(tree, no, "a part of " + std::to_string(length) + " bytes");
  }
  return std::string_view(bytes + o::kBytesAt, length);
}

// Calls `visit(page, part)` for each page of the chain, in order. `with_page(page, look)` calls
// look() with the page's bytes.
template <typename WithPage, typename Visit>
Status for_each_part(WithPage&& with_page, const TreeRoot& tree, const OverflowReference& reference,
                     Visit&& visit) {
  PageNo no = reference.first;
  size_t position = 0;
  uint32_t crc = 0;
  while (position < reference.bytes) {
    if (no == kNoPage) return damaged(tree, reference.first, "the chain ends too early");
    PageNo next;
    RETURN_IF_ERROR(with_page(no, [&](const char* bytes) -> Status {
      ASSIGN_OR_RETURN(const std::string_view part,
                       part_of(bytes, tree, no, position, reference.bytes - position));
      crc = crc32c(part, crc);
      position += part.size();
      next = next_of(bytes);
      return visit(no, part);
    }));
    no = next;
  }
  if (no != kNoPage) return damaged(tree, no, "the chain goes on behind its end");
  if (crc != reference.crc) return damaged(tree, reference.first, "checksum of the value");
  return {};
}

// Pages where they are, under a latch.
auto in_pool(PageStore& store, const TreeRoot& tree) {
  return [&store, &tree](PageNo no, auto&& look) -> Status {
    const PinBudget budget(store.pool(), kReadPins);
    const auto page = store.pool().fetch({tree.space, no}, Latch::shared, PageType::overflow);
    RETURN_IF_ERROR(page.status());
    return look(page.value().bytes());
  };
}

// Copies of pages.
auto through(PageReader& reader, const TreeRoot& tree) {
  return [&reader, &tree](PageNo no, auto&& look) -> Status {
    ASSIGN_OR_RETURN(const PageCopy page, copy_page(reader, {tree.space, no}, PageType::overflow));
    return look(page.get());
  };
}

template <typename WithPage>
Result<std::string> whole_value(WithPage&& with_page, const TreeRoot& tree,
                                std::string_view record_value) {
  ASSIGN_OR_RETURN(const OverflowReference reference, overflow_reference(record_value));
  std::string value(record_value.substr(0, record_value.size() - o::kReferenceBytes));
  value.reserve(value.size() + reference.bytes);
  const auto take = [&](PageNo, std::string_view part) -> Status {
    value += part;
    return {};
  };
  RETURN_IF_ERROR(for_each_part(with_page, tree, reference, take));
  return value;
}

}  // namespace

Result<OverflowReference> overflow_reference(std::string_view record_value) {
  if (record_value.size() < o::kReferenceBytes) {
    return {Code::corruption, "an overflow record of " + std::to_string(record_value.size()) +
                                  " bytes has no reference"};
  }
  Reader in(record_value.substr(record_value.size() - o::kReferenceBytes));
  OverflowReference reference;
  reference.first = PageNo(in.be<uint32_t>());
  reference.bytes = in.be<uint32_t>();
  reference.owner = in.be<uint64_t>();
  reference.crc = in.be<uint32_t>();
  if (reference.bytes > kMaxChainBytes) {
    return {Code::corruption, "an overflow value of " + std::to_string(reference.bytes) + " bytes"};
  }
  return reference;
}

Result<std::string> write_overflow(PageStore& store, const TreeRoot& tree, std::string_view value,
                                   uint64_t owner) {
  CHECK_GT(value.size(), kOverflowInlineBytes);
  const std::string_view rest = value.substr(kOverflowInlineBytes);
  if (rest.size() > kMaxChainBytes) {
    return {Code::too_large, "a value of " + std::to_string(value.size()) + " bytes"};
  }
  Tail tail;
  size_t written = 0;
  const auto reference = [&] {
    return OverflowReference{tail.first, static_cast<uint32_t>(written), owner,
                             crc32c(rest.substr(0, written))};
  };
  while (written < rest.size()) {
    const auto taken = write_batch(store, tree, rest.substr(written), written, tail);
    if (!taken.ok()) {
      PROBE("overflow: a chain could not be finished");
      if (written > 0) RETURN_IF_ERROR(free_overflow(store, tree, encode(reference())));
      return taken.status();
    }
    written += taken.value();
  }
  return std::string(value.substr(0, kOverflowInlineBytes)) + encode(reference());
}

Result<std::string> read_overflow(PageStore& store, const TreeRoot& tree,
                                  std::string_view record_value) {
  return whole_value(in_pool(store, tree), tree, record_value);
}

Result<std::string> read_overflow(PageReader& reader, const TreeRoot& tree,
                                  std::string_view record_value) {
  return whole_value(through(reader, tree), tree, record_value);
}

// In mini-transactions of a few pages, each of which leaves the rest reachable from nowhere: a
// crash in between leaves pages that only dropping the index gives back.
Status free_overflow(PageStore& store, const TreeRoot& tree, std::string_view record_value) {
  ASSIGN_OR_RETURN(const OverflowReference reference, overflow_reference(record_value));
  SpaceAllocator allocator(store);
  PageNo no = reference.first;
  while (no != kNoPage) {
    Mtr mtr(store, kChainMtr);
    RETURN_IF_ERROR(mtr.ready());
    std::array<Frame*, kBatchPages> pages;
    uint32_t count = 0;
    for (; count < kBatchPages && no != kNoPage; ++count) {
      ASSIGN_OR_RETURN(pages[count],
                       mtr.fetch({tree.space, no}, Latch::exclusive, PageType::overflow));
      no = next_of(pages[count]->bytes());
    }
    RETURN_IF_ERROR(allocator.prepare(mtr, tree.space, tree.overflow));
    for (uint32_t i = 0; i < count; ++i) {
      RETURN_IF_ERROR(allocator.free(mtr, tree.overflow, pages[i]));
    }
    mtr.commit();
  }
  return {};
}

Status check_overflow(PageReader& reader, const TreeRoot& tree, std::string_view record_value,
                      const std::function<Status(PageNo)>& on_page) {
  ASSIGN_OR_RETURN(const OverflowReference reference, overflow_reference(record_value));
  return for_each_part(through(reader, tree), tree, reference,
                       [&](PageNo no, std::string_view) { return on_page(no); });
}

}  // namespace aftersync::storage
