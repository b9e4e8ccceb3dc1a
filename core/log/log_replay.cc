// Replay: reading the ring from the checkpoint on, and telling an end from damage.
//
// In two passes. The first finds the end and writes back what it has read, block by block, byte for
// byte, before one sync covers it all: pages are about to be written on the strength of this redo,
// and what a process reads need not be on the device. A killed process leaves it in the cache
// alone; and after a failed sync the kernel calls clean what never arrived, so that a sync without
// a write would do nothing. Written back, it is either durable or that sync fails and stops the
// process. A power loss in between leaves, sector by sector, the device's version or the one read:
// what the failed sync might have left as well. The second pass delivers the frames; whoever takes
// them may flush pages at once.
//
// A block is one sector, and a sector is old or new. So what follows the last block of the stream
// is zeroes (never written), a block of an earlier lap or life, or a later block whose predecessor
// was lost. A block with a bad checksum is none of these: it is damage, and is reported rather than
// taken for the end, since the end it would make might cut off acknowledged commits. For the same
// reason the blocks behind the end are asked whether they know it to have been durable.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "core/base/coding.h"
#include "core/base/crc32c.h"
#include "core/base/fault.h"
#include "core/base/probe.h"
#include "core/log/log.h"

namespace aftersync {

using namespace redo;

namespace {

constexpr size_t kChunkBlocks = 512;
constexpr uint64_t kLookAheadBlocks = 8192;  // more than one group is rarely in flight

Status damage(const RedoFiles& files, uint64_t block, const std::string& what) {
  return {Code::corruption, files.where(block) + ": " + what};
}

std::string checksum_mismatch(std::string_view block) {
  return "checksum: expected " + std::to_string(crc32c(block.substr(4))) + ", found " +
         std::to_string(load_be<uint32_t>(block.data()));
}

// Reads blocks in chunks; each slot at most once.
class BlockReader {
 public:
  BlockReader(RedoFiles& files, uint64_t first)
      : files_(files), next_(first), end_(first + files.geometry().slots()) {}

  // The next block's bytes; empty when the ring has been read once round.
  Result<std::string_view> next() {
    if (at_ == count_) {
      count_ = std::min<uint64_t>(kChunkBlocks, end_ - next_);
      at_ = 0;
      if (count_ == 0) return std::string_view();
      bytes_.resize(count_ * kBlockBytes);
      RETURN_IF_ERROR(files_.read_slots(next_, count_, bytes_));
      next_ += count_;
    }
    return std::string_view(bytes_.data() + kBlockBytes * at_++, kBlockBytes);
  }

 private:
  RedoFiles& files_;
  uint64_t next_;
  const uint64_t end_;
  size_t at_ = 0;
  size_t count_ = 0;
  std::vector<char> bytes_;
};

// Writes blocks back where they were read, in runs.
class WriteBack {
 public:
  explicit WriteBack(RedoFiles& files) : files_(files) {}

  // Of blocks that follow each other.
  Status add(uint64_t block, std::string_view bytes) {
    if (run_.empty()) first_ = block;
    run_.append(bytes);
    return run_.size() < kChunkBlocks * kBlockBytes ? Status() : finish();
  }
  Status finish() {
    const Status written = files_.write_blocks(first_, run_);
    run_.clear();
    return written;
  }

 private:
  RedoFiles& files_;
  uint64_t first_ = 0;
  std::string run_;
};

enum class Judgement { part_of_stream, behind_end };

class Scanner {
 public:
  Scanner(RedoFiles& files, const RedoCheckpoint& checkpoint)
      : files_(files),
        slots_(files.geometry().slots()),
        reader_(files, block_of(checkpoint.lsn)),
        block_(block_of(checkpoint.lsn)),
        skip_(offset_in_block(checkpoint.lsn)),
        at_(checkpoint.lsn) {}

  // Delivers every whole frame; every block of the stream goes to `write_back`, unless that is
  // null.
  Status run(const Log::FrameSink& sink, WriteBack* write_back);

  Lsn end() const { return at_; }
  uint64_t frames() const { return frames_; }
  uint64_t left_over() const { return stream_.size(); }
  uint32_t epoch() const { return epoch_; }
  // The stream's bytes from the start of the end's block up to the end.
  std::string tail() const { return tail_.substr(0, offset_in_block(at_)); }

 private:
  Result<Judgement> judge(std::string_view bytes, RedoBlock& block);
  Status take(const RedoBlock& block);
  Status deliver(const Log::FrameSink& sink);
  Status look_behind_end();

  RedoFiles& files_;
  const uint64_t slots_;
  BlockReader reader_;
  uint64_t block_;  // the one read next; at the end, the one that stopped the scan
  size_t skip_;     // bytes of the first block before the checkpoint
  Lsn at_;          // where stream_ begins
  std::string stream_;
  std::string tail_;
  bool open_ = true;
  uint32_t epoch_ = 0;
  uint64_t frames_ = 0;
};

Result<Judgement> Scanner::judge(std::string_view bytes, RedoBlock& block) {
  if (bytes.find_first_not_of('\0') == std::string_view::npos) return Judgement::behind_end;
  const auto number = load_be<uint64_t>(bytes.data() + 8);
  if (!RedoFiles::parse_block(bytes, number, block)) {
    return damage(files_, block_, checksum_mismatch(bytes));
  }
  if (number != block_) {
    if (number < block_ && (block_ - number) % slots_ == 0) return Judgement::behind_end;
    return damage(
        files_, block_,
        "number: expected " + std::to_string(block_) + ", found " + std::to_string(number));
  }
  if (block.epoch < epoch_) {
    PROBE("log replay: remains of an earlier life");
    return Judgement::behind_end;
  }
  return Judgement::part_of_stream;
}

Status Scanner::take(const RedoBlock& block) {
  epoch_ = block.epoch;
  if (block.payload.size() < skip_) {
    return damage(files_, block_,
                  "the checkpoint lies " + std::to_string(skip_) +
                      " bytes into it, but it holds only " + std::to_string(block.payload.size()));
  }
  if (block.payload.size() < kBlockPayload) open_ = false;
  stream_.append(block.payload.substr(skip_));
  skip_ = 0;
  return {};
}

// Hands over all whole frames in stream_.
Status Scanner::deliver(const Log::FrameSink& sink) {
  size_t done = 0;
  while (stream_.size() - done >= kFrameHeaderBytes) {
    const char* const head = stream_.data() + done;
    const auto length = load_be<uint32_t>(head);
    if (length == 0 || length > kMaxFramePayload) {
      open_ = false;
      break;
    }
    if (stream_.size() - done - kFrameHeaderBytes < length) break;
    const std::string_view payload(head + kFrameHeaderBytes, length);
    char position[12];
    store_be(position, at_.value());
    store_be(position + 8, length);
    if (load_be<uint32_t>(head + 4) != crc32c({position, sizeof position}, crc32c(payload))) {
      open_ = false;
      break;
    }
    const Lsn end(at_.value() + Log::frame_bytes(length));
    RETURN_IF_ERROR(sink(at_, end, payload));
    ++frames_;
    at_ = end;
    done += Log::frame_bytes(length);
  }
  stream_.erase(0, done);
  return {};
}

Status Scanner::run(const Log::FrameSink& sink, WriteBack* write_back) {
  const size_t first_skip = skip_;
  const uint64_t first_block = block_;
  while (open_) {
    ASSIGN_OR_RETURN(const std::string_view bytes, reader_.next());
    RedoBlock block;
    Judgement judgement = Judgement::behind_end;
    if (!bytes.empty()) {
      ASSIGN_OR_RETURN(judgement, judge(bytes, block));
    }
    if (judgement == Judgement::behind_end) {
      if (block_ == first_block && first_skip > 0) {
        return damage(files_, block_, "expected the checkpoint in it, found nothing of this log");
      }
      break;
    }
    RETURN_IF_ERROR(take(block));
    if (write_back != nullptr) RETURN_IF_ERROR(write_back->add(block_, bytes));
    RETURN_IF_ERROR(deliver(sink));
    // Frames end inside this block or an earlier one; keep the end's block for the next life.
    if (block_of(at_) == block_) tail_.assign(block.payload);
    if (block_of(at_) > block_) tail_.clear();
    if (open_) ++block_;
  }
  return look_behind_end();
}

// Does any later block know that the one which stopped the scan was durable and full?
Status Scanner::look_behind_end() {
  BlockReader reader(files_, block_ + 1);
  const uint64_t limit = std::min<uint64_t>(kLookAheadBlocks, slots_ - 2);
  for (uint64_t b = block_ + 1; b <= block_ + limit; ++b) {
    ASSIGN_OR_RETURN(const std::string_view bytes, reader.next());
    RedoBlock later;
    if (!RedoFiles::parse_block(bytes, b, later) || later.epoch < epoch_) continue;
    PROBE("log replay: a later block survived");
    if (later.durable_block > block_) {
      return damage(files_, block_,
                    "expected a full block, as block " + std::to_string(b) + " says; found none");
    }
  }
  return {};
}

}  // namespace

Result<LogScan> Log::replay(const FrameSink& sink) {
  RETURN_IF_ERROR(settle_end());
  Scanner scanner(*files_, last_checkpoint_);
  RETURN_IF_ERROR(scanner.run(sink, nullptr));
  if (scanner.end() != end()) {
    return damage(*files_, block_of(end()),
                  "expected the end at lsn " + std::to_string(end().value()) + ", found it at " +
                      std::to_string(scanner.end().value()));
  }
  LogScan scan;
  scan.start = last_checkpoint_.lsn;
  scan.end = scanner.end();
  scan.frames = scanner.frames();
  scan.discarded_bytes = scanner.left_over();
  scan.clean_shutdown = last_checkpoint_.clean_shutdown;
  return scan;
}

// The first pass: finds the end, and makes everything before it durable.
Status Log::settle_end() {
  Scanner scanner(*files_, last_checkpoint_);
  WriteBack write_back(*files_);
  const auto pass_over = [](Lsn, Lsn, std::string_view) { return Status(); };
  const bool believes_cache = AFTERSYNC_FAULT("bug/redo-not-rewritten");
  RETURN_IF_ERROR(scanner.run(pass_over, believes_cache ? nullptr : &write_back));
  RETURN_IF_ERROR(write_back.finish());
  must(files_->sync_all());
  epoch_ = std::max(scanner.epoch(), last_checkpoint_.epoch);
  tail_ = scanner.tail();
  CHECK_EQ(tail_.size(), offset_in_block(scanner.end()));
  end_.store(scanner.end().value());
  written_.store(scanner.end().value());
  durable_.store(scanner.end().value());
  return {};
}

}  // namespace aftersync
