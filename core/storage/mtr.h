// Mtr: a mini-transaction, the unit in which pages change.
//
// The problem. Many changes touch several pages that make sense only together (a split, an undo
// record and the row that points to it). After a crash either all or none of them must be there,
// and no reader may see half.
//
// How. An Mtr latches pages, changes them through page operations only, remembering each as redo,
// and at commit() appends its redo as *one frame*, stamps the frame's end on every page it changed,
// enters newly dirty pages in the flush lists in log order, and lets go of all latches. Nothing it
// changed can be read or written to disk before. There is no rollback: an operation fetches every
// page, and reserves all space, before its first change; from then on it cannot fail.
//
// Invariants
//  1. A changed page stays exclusively latched until commit.
//  2. Page lsn == end of the last frame that changed the page.
//  3. The redo of one Mtr is at most its MtrSize's redo bytes; pages pinned at once at most its
//  pins.
//
// Lock rule: construct it while holding no latch and no other Mtr or PinBudget (it may wait for
// redo space and frames, which others can only free by finishing). Latches are taken in the order
// of core/README.md.
//
// Use by one task. Not movable: it stands on the stack of the operation.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/ids.h"
#include "core/base/status.h"
#include "core/storage/buffer_pool.h"
#include "core/storage/frame.h"
#include "core/storage/page_op.h"

namespace aftersync::storage {

struct MtrSize {
  uint32_t pins;
  uint32_t redo_bytes;
};
inline constexpr MtrSize kSmallMtr{kSmallPins, 64 * 1024};
inline constexpr MtrSize kLargeMtr{kLargePins, 384 * 1024};
static_assert(kLargeMtr.redo_bytes <= redo::kMaxFramePayload);

class PageStore;

class Mtr final : public Log::OrderHook {
 public:
  explicit Mtr(PageStore& store, MtrSize size = kSmallMtr);
  // Commits if anything was changed; releases everything.
  ~Mtr();
  Mtr(const Mtr&) = delete;
  Mtr& operator=(const Mtr&) = delete;

  // OK, or why this store cannot change anything now (no_space: the data device is full and redo
  // cannot be reused; shutdown). To be looked at before the first change.
  [[nodiscard]] const Status& ready() const { return ready_; }
  // Of what has been changed so far.
  [[nodiscard]] size_t redo_bytes() const { return redo_size_; }

  // Latches a page until commit or release. A page already held here is returned again; asking for
  // an exclusive latch on a page held shared is a CHECK failure. Errors as BufferPool::fetch.
  [[nodiscard]] Result<Frame*> fetch(PageId id, Latch latch, PageType expected);
  // A page about to be initialised: exclusively latched, not read. Apply PageOp::init first.
  [[nodiscard]] Frame* fetch_new(PageId id);
  // Takes over a page that a descent has latched.
  Frame* adopt(PageRef&& page);
  // Lets go early of a page that was not changed.
  void release(Frame* frame);

  // Applies `op` to a page held exclusively, and remembers it. The parts of `args` are
  // concatenated.
  void apply(Frame* frame, PageOp op, std::string_view args = {});
  void apply(Frame* frame, PageOp op, std::initializer_list<std::string_view> args);
  // The commonest operations by name.
  void init_page(Frame* frame, PageType type, uint8_t version = 1);
  void set_bytes(Frame* frame, size_t offset, std::string_view bytes);
  template <std::unsigned_integral U>
  void set(Frame* frame, size_t offset, U value) {
    char bytes[sizeof value];
    store_be(bytes, value);
    set_bytes(frame, offset, {bytes, sizeof bytes});
  }
  // A record that changes no page; `page.space` says whose it is. See PageOp.
  void log_only(PageOp op, PageId page, std::string_view args);

  [[nodiscard]] bool has_changes() const { return redo_size_ > 0; }
  // Returns the end of the frame (or lsn 0 when nothing was changed): durable once
  // PageStore::log().flush_to(it).
  Lsn commit();

 private:
  struct Held {
    Frame* frame;
    Latch latch;
    bool changed;
  };

  char* begin_record(PageOp op, PageId page, size_t args_size);
  char* room(size_t bytes);
  Held* find(const Frame* frame);
  Frame* hold(PageRef&& page);
  void ordered(const Log::Appended& appended) override;
  void stamp(const Log::Appended& appended);
  void release_all();

  PageStore& store_;
  const MtrSize size_;
  PinBudget budget_;
  Status ready_;
  bool reserved_ = false;
  bool order_held_ = false;
  bool finished_ = false;
  uint32_t held_count_ = 0;
  std::array<Held, kLargePins> held_;
  PageId last_page_{};  // of the record before, for kSamePageBit
  size_t redo_size_ = 0;
  size_t redo_room_;
  char* redo_;  // inline_, or the heap once that is full
  std::string spilled_;
  std::array<char, 1024> inline_;
};

}  // namespace aftersync::storage
